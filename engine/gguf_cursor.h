// engine/gguf_cursor.h: bounds-checked little-endian reading of hostile bytes.
//
// Each read either moves past what it returned or fails and stays failed; the caller checks once
// per record. Private to the GGUF reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace engram {

class GgufCursor {
 public:
  explicit GgufCursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return ok_ ? bytes_.size() - position_ : 0; }

  template <class T>
  T read() {
    T value{};
    if (sizeof(T) > remaining()) {
      ok_ = false;
      return value;
    }
    std::memcpy(&value, bytes_.data() + position_, sizeof(T));
    position_ += sizeof(T);
    return value;
  }

  // A u64 length, then that many bytes.
  std::string_view read_string() {
    const auto length = read<std::uint64_t>();
    const std::span<const std::byte> text = read_bytes(length);
    return {reinterpret_cast<const char*>(text.data()), text.size()};
  }

  std::span<const std::byte> read_bytes(std::uint64_t length) {
    if (!ok_ || length > remaining()) {
      ok_ = false;
      return {};
    }
    const auto taken = bytes_.subspan(position_, static_cast<std::size_t>(length));
    position_ += taken.size();
    return taken;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace engram
