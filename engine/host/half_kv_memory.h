// engine/host/half_kv_memory.h: pages of keys and values in half precision, as attention.h lays
// them.
//
// For each layer and KV head there is one plane of keys and one of values, each an array of pages.
// Memory is reserved for all pages and taken by the system as they are first written. Half
// precision costs a KL divergence of about 1e-6 (docs/kernels/attention.md).
//
// Threads: confined to the engine thread; disjoint heads may be written concurrently.
// Errors: kBusy when the memory cannot be reserved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>

#include "core/result.h"
#include "engine/compute/aligned_buffer.h"
#include "engine/kv_cache.h"
#include "engine/model_config.h"

namespace engram {

struct KvShape {
  std::size_t n_layers = 0, n_heads = 0;
  std::size_t key_dim = 0, value_dim = 0;  // of one head and position; multiples of 16. No value:
                                           // it is the beginning of the key
};
inline KvShape kv_shape(const ModelConfig& config) {
  const std::size_t value_dim = config.latent.kv_rank > 0 ? 0 : config.value_dim;
  return {config.n_layers, config.n_kv_heads, config.key_dim(), value_dim};
}

class HalfKvMemory final : public KvMemory {
 public:
  static Result<std::shared_ptr<HalfKvMemory>> create(const KvShape& shape, std::size_t n_pages);
  // The same in memory of somebody else's, which must be zero before it is used.
  static Result<std::shared_ptr<HalfKvMemory>> create(const KvShape& shape, std::size_t n_pages,
                                                      std::pmr::memory_resource& memory);
  ~HalfKvMemory() override;
  HalfKvMemory(const HalfKvMemory&) = delete;
  HalfKvMemory& operator=(const HalfKvMemory&) = delete;

  static std::size_t page_bytes_of(const KvShape& shape) {
    return shape.n_layers * shape.n_heads * kPageTokens * (shape.key_dim + shape.value_dim) *
           sizeof(std::uint16_t);
  }
  std::size_t n_pages() const override { return n_pages_; }
  std::size_t page_bytes() const override { return page_bytes_of(shape_); }
  void copy(PageId from, PageId to, std::size_t n_tokens) override;

  // Page p begins at p * kPageTokens * key_dim (value_dim).
  std::uint16_t* keys(std::size_t layer, std::size_t head) {
    return memory_ + (layer * shape_.n_heads + head) * plane_values();
  }
  std::uint16_t* values(std::size_t layer, std::size_t head) {  // null where there are none
    if (shape_.value_dim == 0) return nullptr;
    return keys(layer, head) + n_pages_ * kPageTokens * shape_.key_dim;
  }

  std::span<std::uint16_t> all() { return {memory_, bytes() / sizeof(std::uint16_t)}; }

 private:
  HalfKvMemory() = default;
  std::size_t plane_values() const {
    return n_pages_ * kPageTokens * (shape_.key_dim + shape_.value_dim);
  }
  std::size_t bytes() const { return n_pages_ * page_bytes(); }

  KvShape shape_;
  std::size_t n_pages_ = 0;
  std::uint16_t* memory_ = nullptr;
  AlignedBuffer<std::uint16_t> lent_;  // behind memory_, if it is somebody else's
};

}  // namespace engram
