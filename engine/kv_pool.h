// engine/kv_pool.h: the KV pages of one engine: which are shared, which are kept, which go first.
//
// What requests leave behind is kept in a radix tree whose edges are pages: a node is one page and
// the tokens in it, below the page before it. A new sequence lists the full pages it finds along
// its tokens; where it departs inside a page, the common part of that page is copied, so reuse is
// exact to the token and nobody writes into a page of others (copy on write). Full pages join the
// tree as soon as they are computed, so requests that run at once share them too; a page somebody
// else computed meanwhile replaces one's own (same tokens, same bits).
//
// When memory is used up, leaves of the tree that nobody runs on go first, least worth first: what
// it takes to compute a page again, times how often it was of use, by how long ago. Then sequences
// of waiting requests are put back into the tree; they compute again what is lost.
//
// Threads: confined to the engine thread.  Errors: kBusy when a sequence cannot fit the budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/result.h"
#include "engine/transformer.h"

namespace engram {

class KvPool {
 public:
  struct Options {
    std::size_t max_tokens = 0;  // of all sequences together
    std::uint64_t budget_bytes = 0;
  };
  KvPool(const Transformer& model, const Options& options);
  ~KvPool();
  KvPool(const KvPool&) = delete;
  KvPool& operator=(const KvPool&) = delete;

  // The sequence of `owner`: holds a prefix of `sequence` that leaves at least its last token to
  // compute. Refused when `needed` tokens can never fit.  REQUIRES: a non-empty sequence. Valid
  // until release() or until reserve() for another owner takes its pages.
  // Owners in `running` keep their pages, whatever is needed.
  Result<KvCache*> attach(std::uint64_t owner, std::span<const TokenId> sequence,
                          std::size_t needed, std::span<const std::uint64_t> running);
  // Room for `n_tokens` more, in pages of its own.
  Result<void> reserve(std::uint64_t owner, std::size_t n_tokens,
                       std::span<const std::uint64_t> running);
  // What the cache now holds is the beginning of `sequence`.
  void commit(std::uint64_t owner, std::span<const TokenId> sequence);
  // A branch of the owner's sequence with room for `n_tokens` more: it lists the same full pages
  // and has a copy of the rest, so what is written to it is not seen by others. kBusy when that
  // would take another sequence's pages. Valid until settle() or release().
  Result<KvCache*> fork(std::uint64_t owner, std::size_t n_tokens);
  // A branch, numbered in the order of fork(), becomes the sequence; all others are given back.
  void settle(std::uint64_t owner, std::optional<std::size_t> branch);
  void release(std::uint64_t owner);  // its pages stay for reuse
  void clear();                       // forgets all that no request runs on

  std::uint64_t bytes() const;  // of pages used so far
  std::size_t pages_in_use() const { return in_use_; }
  std::size_t max_pages() const { return max_pages_; }

 private:
  struct Node;
  struct Attached;
  Attached* find(std::uint64_t owner);
  void walk(Attached& attached, std::span<const TokenId> sequence,
            std::span<const std::uint64_t> running);
  void enter(Attached& attached, Node& node);
  Result<void> ensure_memory();
  Result<PageId> take_page(std::uint64_t owner, std::span<const std::uint64_t> running,
                           PageId after);
  bool evict_one();
  bool detach_one(std::uint64_t owner, std::span<const std::uint64_t> running);
  void publish_full(Attached& attached);
  void publish_rest(Attached& attached);
  void give_back(PageId page);
  void give_back_from(const KvCache& cache, std::size_t first_page);
  double worth(const Node& node) const;
  void detach(std::size_t index);

  const Transformer& model_;
  Options options_;
  std::size_t max_pages_ = 0;
  std::shared_ptr<KvMemory> memory_;
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Attached>> attached_;
  std::vector<bool> used_;
  std::size_t in_use_ = 0, highest_ = 0;
  std::uint64_t clock_ = 0;
};

}  // namespace engram
