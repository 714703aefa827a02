// engine/host/packed_weights.h: every matrix in the layout the kernels stream, in one block of
// memory.
//
// Mapped from the user's cache when it was packed there before (milliseconds); else packed into a
// new cache file; else, when there can be none, into plain memory. A cache file that could not be
// read while in use is removed in the end.
//
// Threads: confined to the loading thread; the bytes are immutable afterwards.
// Errors: kBusy when the machine has not enough free memory (checked before anything is written);
// kCorrupt NaN or infinity among the weights: those found in a cache were checked when packed;
// kCancelled when the pool's stop was requested: nothing stays in the cache then.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "core/result.h"
#include "engine/compute/compute_pool.h"
#include "engine/gguf.h"
#include "engine/host/repack_cache.h"
#include "kernels/matmul.h"

namespace engram {

class PackedWeights {
 public:
  struct Options {
    std::filesystem::path cache_directory;        // empty: none
    std::size_t least_cached_bytes = 16U << 20U;  // smaller ones are packed as fast as mapped
  };
  // Sets matrices[i].data to the packed form of sources[i].
  static Result<std::unique_ptr<PackedWeights>> load(const GgufFile& file,
                                                     std::span<const GgufTensor* const> sources,
                                                     std::span<Matrix* const> matrices,
                                                     ComputePool& pool, const Options& options);
  ~PackedWeights();
  PackedWeights(const PackedWeights&) = delete;
  PackedWeights& operator=(const PackedWeights&) = delete;

  bool from_cache() const { return mapped_ != nullptr; }
  // True once the cache file could not be read: what was computed since is worthless.
  bool damaged() const {
    return mapped_ != nullptr ? mapped_->damaged() : draft_ != nullptr && draft_->damaged();
  }

 private:
  PackedWeights() = default;

  std::shared_ptr<const MappedFile> mapped_;  // one of these three holds the bytes
  std::unique_ptr<RepackCache::Draft> draft_;
  std::span<std::byte> memory_;
};

}  // namespace engram
