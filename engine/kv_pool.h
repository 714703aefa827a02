// engine/kv_pool.h: the KV caches kept for reuse, each with the tokens it holds.
//
// A request gets the cache that shares the longest exact token prefix with it, cut back to that
// prefix; nothing inexact is ever reused. A cache whose contents are mostly something else is left
// alone while an empty one can be had. While a request runs it owns its cache; a newer one takes
// an owned cache only when there is no other, and the older request then computes it again.
//
// Threads: confined to the engine thread.  Errors: kBusy when the memory budget is used up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/result.h"
#include "engine/transformer.h"

namespace engram {

struct KvSlot {
  std::unique_ptr<KvCache> cache;
  std::vector<TokenId> tokens;  // what the cache holds; same size
  std::uint64_t owner = 0;      // a request in flight; 0: none
  std::uint64_t last_used = 0;
};

class KvPool {
 public:
  struct Options {
    std::size_t capacity = 0;       // tokens of each cache, where memory allows
    std::size_t max_sequences = 1;  // caches kept
    std::uint64_t budget_bytes = 0;
  };
  KvPool(const Transformer& model, const Options& options);

  // The cache for `owner`, holding a prefix of `sequence` that leaves at least its last token to
  // compute, with room for `needed` tokens.  REQUIRES: a non-empty sequence.
  Result<KvSlot*> acquire(std::uint64_t owner, std::span<const TokenId> sequence,
                          std::size_t needed);
  void release(std::uint64_t owner);

  std::uint64_t bytes() const;
  std::size_t size() const { return slots_.size(); }

 private:
  KvSlot* find_owned(std::uint64_t owner);
  KvSlot* best_match(std::span<const TokenId> sequence, std::size_t needed);
  KvSlot* least_recently_used();
  Result<KvSlot*> add_slot(std::size_t needed);
  std::uint64_t estimated_bytes(std::size_t capacity);

  const Transformer& model_;
  Options options_;
  std::vector<std::unique_ptr<KvSlot>> slots_;
  std::uint64_t clock_ = 0;
  double bytes_per_token_ = -1;  // measured once, on a small cache
};

}  // namespace engram
