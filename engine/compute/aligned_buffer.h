// engine/compute/aligned_buffer.h: an uninitialised array on a cache-line boundary.
//
// Its memory may be anybody's, so that a backend can have its activations where it likes: the
// buffer itself never touches a value.  Errors: std::bad_alloc.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <utility>

namespace engram {

template <class T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t n,
                         std::pmr::memory_resource& memory = *std::pmr::new_delete_resource())
      : data_(static_cast<T*>(memory.allocate(bytes_of(n), 64)), Free{&memory, bytes_of(n)}),
        size_(n) {}
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t bytes_of(std::size_t n) {
    return n == 0 ? 64 : (n * sizeof(T) + 63) / 64 * 64;
  }
  struct Free {
    std::pmr::memory_resource* memory = nullptr;
    std::size_t bytes = 0;
    void operator()(T* p) const { memory->deallocate(p, bytes, 64); }
  };
  std::unique_ptr<T[], Free> data_;
  std::size_t size_ = 0;
};

}  // namespace engram
