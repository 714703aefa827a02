#include "engine/host/half_kv_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <new>

namespace engram {

Result<std::shared_ptr<HalfKvMemory>> HalfKvMemory::create(const KvShape& shape,
                                                           std::size_t n_pages) {
  std::shared_ptr<HalfKvMemory> made(new HalfKvMemory);
  made->shape_ = shape;
  made->n_pages_ = n_pages;
  if (made->bytes() == 0) return made;
  void* memory = ::mmap(nullptr, made->bytes(), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return Error{Errc::kBusy,
                 fmt::format("cannot reserve {} MB for {} tokens of context: {}; ask for less",
                             made->bytes() >> 20U, n_pages * kPageTokens, std::strerror(errno))};
  }
  made->memory_ = static_cast<std::uint16_t*>(memory);
  return made;
}

Result<std::shared_ptr<HalfKvMemory>> HalfKvMemory::create(const KvShape& shape,
                                                           std::size_t n_pages,
                                                           std::pmr::memory_resource& memory) {
  std::shared_ptr<HalfKvMemory> made(new HalfKvMemory);
  made->shape_ = shape;
  made->n_pages_ = n_pages;
  try {
    made->lent_ = AlignedBuffer<std::uint16_t>(made->bytes() / sizeof(std::uint16_t), memory);
  } catch (const std::bad_alloc&) {
    return Error{Errc::kBusy, fmt::format("cannot reserve {} MB of the device for {} tokens of "
                                          "context: it has no room; ask for less",
                                          made->bytes() >> 20U, n_pages * kPageTokens)};
  }
  made->memory_ = made->lent_.data();
  return made;
}

HalfKvMemory::~HalfKvMemory() {
  if (memory_ != nullptr && lent_.data() == nullptr) ::munmap(memory_, bytes());
}

// Keys lie in tiles of 16 positions; whole tiles are copied, values to the token.
void HalfKvMemory::copy(PageId from, PageId to, std::size_t n_tokens) {
  const std::size_t n_keys = (n_tokens + kKeyTile - 1) / kKeyTile * kKeyTile;
  const auto copy_rows = [&](std::uint16_t* plane, std::size_t dim, std::size_t n) {
    std::memcpy(plane + to * kPageTokens * dim, plane + from * kPageTokens * dim,
                n * dim * sizeof(std::uint16_t));
  };
  for (std::size_t layer = 0; layer < shape_.n_layers; ++layer) {
    for (std::size_t head = 0; head < shape_.n_heads; ++head) {
      copy_rows(keys(layer, head), shape_.key_dim, n_keys);
      if (shape_.value_dim > 0) copy_rows(values(layer, head), shape_.value_dim, n_tokens);
    }
  }
}

}  // namespace engram
