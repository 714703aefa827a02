// engine/kv_cache.h: keys and values of one sequence in half precision, as attention.h lays them.
//
// Memory is reserved for the whole capacity and taken by the system page by page as positions are
// written. Half precision costs a KL divergence of about 1e-6 (docs/kernels/attention.md).
//
// Threads: confined to the engine thread; disjoint heads may be written concurrently.
// Errors: kBusy when the memory cannot be reserved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/result.h"
#include "engine/transformer.h"

namespace engram {

class HalfKvCache final : public KvCache {
 public:
  static Result<std::unique_ptr<HalfKvCache>> create(const ModelConfig& config,
                                                     std::size_t capacity);
  ~HalfKvCache() override;
  HalfKvCache(const HalfKvCache&) = delete;
  HalfKvCache& operator=(const HalfKvCache&) = delete;

  std::size_t size() const override { return size_; }
  std::size_t capacity() const override { return capacity_; }
  std::size_t bytes() const override { return values_in_all_ * sizeof(std::uint16_t); }
  void truncate(std::size_t n) override {
    if (n < size_) size_ = n;
  }
  void extend(std::size_t n) { size_ += n; }  // n positions were written to every layer

  std::uint16_t* keys(std::size_t layer, std::size_t kv_head) { return at(2 * layer, kv_head); }
  std::uint16_t* values(std::size_t layer, std::size_t kv_head) {
    return at(2 * layer + 1, kv_head);
  }

 private:
  HalfKvCache() = default;
  std::uint16_t* at(std::size_t plane, std::size_t kv_head) {
    return memory_ + (plane * n_kv_heads_ + kv_head) * head_values_;
  }

  std::uint16_t* memory_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
  std::size_t n_kv_heads_ = 0, head_values_ = 0, values_in_all_ = 0;
};

}  // namespace engram
