// memory/byte_codec.h: varints and length-prefixed strings, written and read back with bounds.
//
// A ByteReader trusts nothing: the first read past the end, or malformed varint, makes it fail for
// good; every later read answers 0 or "". Check ok() once, after the last read.
//
// Threads: thread-compatible.  Errors: ok() only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace engram {

inline void append_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

// Small numbers of either sign in few bytes: 0, -1, 1, -2, ... are 0, 1, 2, 3, ...
inline std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
}

// A value as its difference to one that is known: ByteReader::relative32 reads it.
inline void append_relative(std::string& out, std::uint32_t value, std::uint32_t base) {
  append_varint(out, zigzag(std::int64_t{value} - std::int64_t{base}));
}

inline void append_bytes(std::string& out, std::string_view bytes) {
  append_varint(out, bytes.size());
  out.append(bytes);
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view data) : data_(data) {}

  bool ok() const { return ok_; }
  bool at_end() const { return data_.empty(); }
  std::size_t remaining() const { return data_.size(); }

  std::uint8_t byte() {
    if (data_.empty()) return fail();
    const auto value = static_cast<std::uint8_t>(data_.front());
    data_.remove_prefix(1);
    return value;
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    const std::size_t most = data_.size() < 10 ? data_.size() : 10;
    for (std::size_t i = 0; i < most; ++i) {
      const auto b = static_cast<std::uint8_t>(data_[i]);
      value |= std::uint64_t{b & 0x7fu} << (7 * i);
      if (b < 0x80) {
        data_.remove_prefix(i + 1);
        return value;
      }
    }
    return fail();
  }

  // A varint that must fit 32 bits.
  std::uint32_t varint32() {
    const std::uint64_t value = varint();
    if (value > UINT32_MAX) return fail();
    return static_cast<std::uint32_t>(value);
  }

  // What append_relative wrote; a difference that leaves 32 bits fails.
  std::uint32_t relative32(std::uint32_t base) {
    const std::int64_t step = unzigzag(varint());
    if (step > INT64_C(0xffffffff) || step < -INT64_C(0xffffffff)) return fail();
    const std::int64_t value = std::int64_t{base} + step;
    if (value < 0 || value > INT64_C(0xffffffff)) return fail();
    return static_cast<std::uint32_t>(value);
  }

  // How many items follow, each of at least `min_bytes` bytes: a larger claim is a lie.
  std::size_t count(std::size_t min_bytes = 1) {
    const std::uint64_t n = varint();
    if (n > data_.size() / min_bytes) return fail();
    return static_cast<std::size_t>(n);
  }

  std::string_view take(std::uint64_t size) {
    if (size > data_.size()) {
      fail();
      return {};
    }
    const std::string_view bytes = data_.substr(0, static_cast<std::size_t>(size));
    data_.remove_prefix(bytes.size());
    return bytes;
  }
  std::string_view bytes() { return take(varint()); }

  std::uint8_t fail() {
    ok_ = false;
    data_ = {};
    return 0;
  }

 private:
  std::string_view data_;
  bool ok_ = true;
};

}  // namespace engram
