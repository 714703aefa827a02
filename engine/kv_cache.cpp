#include "engine/kv_cache.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "kernels/attention.h"

namespace engram {

Result<std::unique_ptr<HalfKvCache>> HalfKvCache::create(const ModelConfig& config,
                                                         std::size_t capacity) {
  std::unique_ptr<HalfKvCache> cache(new HalfKvCache);
  const std::size_t padded = (capacity + kKeyBlock - 1) / kKeyBlock * kKeyBlock;
  cache->capacity_ = capacity;
  cache->n_kv_heads_ = config.n_kv_heads;
  cache->head_values_ = padded * config.head_dim;
  cache->values_in_all_ =
      std::size_t{2} * config.n_layers * config.n_kv_heads * cache->head_values_;
  void* memory = ::mmap(nullptr, cache->bytes(), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return Error{Errc::kBusy,
                 fmt::format("cannot reserve {} MB for {} tokens of context: {}; ask for less",
                             cache->bytes() >> 20U, capacity, std::strerror(errno))};
  }
  cache->memory_ = static_cast<std::uint16_t*>(memory);
  return cache;
}

HalfKvCache::~HalfKvCache() {
  if (memory_ != nullptr) ::munmap(memory_, bytes());
}

}  // namespace engram
