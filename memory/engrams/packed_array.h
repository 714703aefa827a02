// memory/engrams/packed_array.h: unsigned numbers of up to 32 bits, packed without gaps.
//
// Number i occupies bits [i * width, (i + 1) * width) of a little-endian bit string. A reader loads
// eight bytes wherever a number lies, so packed bytes are followed by kPackedPadding zeros.
//
// Threads: thread-compatible.  Errors: none; the reader checks no bounds, its owner does.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace engram {

static_assert(std::endian::native == std::endian::little, "segments are little-endian");

inline constexpr std::size_t kPackedPadding = 8;

inline std::uint64_t packed_bytes(std::uint64_t count, unsigned width) {
  return (count * width + 7) / 8 + kPackedPadding;
}

// Bits that hold every number below `limit`, at least one.
inline unsigned packed_width(std::uint64_t limit) {
  return limit <= 2 ? 1 : static_cast<unsigned>(std::bit_width(limit - 1));
}

class PackedArray {
 public:
  PackedArray() = default;
  PackedArray(const std::byte* bytes, unsigned width)
      : bytes_(bytes), width_(width), mask_((std::uint64_t{1} << width) - 1) {}

  std::uint32_t operator[](std::uint64_t i) const {
    const std::uint64_t bit = i * width_;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes_ + (bit >> 3), sizeof(word));
    return static_cast<std::uint32_t>((word >> (bit & 7)) & mask_);
  }
  void prefetch(std::uint64_t i) const { __builtin_prefetch(bytes_ + ((i * width_) >> 3)); }

 private:
  const std::byte* bytes_ = nullptr;
  std::uint64_t width_ = 1;
  std::uint64_t mask_ = 1;
};

// Appends numbers to a string; finish() adds the last bits and the padding.
class PackedWriter {
 public:
  PackedWriter(std::string& out, unsigned width) : out_(out), width_(width) {}

  void append(std::uint32_t value) {
    word_ |= std::uint64_t{value} << filled_;
    filled_ += width_;
    std::memcpy(block_.data() + used_, &word_, sizeof(word_));  // whole bytes of it stay
    const unsigned whole = filled_ / 8;
    used_ += whole;
    word_ >>= whole * 8;
    filled_ %= 8;
    if (used_ + sizeof(word_) > block_.size()) flush();
  }
  void finish() {
    flush();
    if (filled_ > 0) out_.push_back(static_cast<char>(word_));
    out_.append(kPackedPadding, '\0');
  }

 private:
  void flush() {
    out_.append(block_.data(), used_);
    used_ = 0;
  }

  std::string& out_;
  unsigned width_;
  std::array<char, 4096> block_;
  std::size_t used_ = 0;
  std::uint64_t word_ = 0;
  unsigned filled_ = 0;
};

}  // namespace engram
