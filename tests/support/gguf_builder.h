// tests/support/gguf_builder.h: GGUF files made in memory, right or deliberately wrong.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/tensor_type.h"

namespace engram {

class GgufBuilder {
 public:
  std::uint32_t version = 3;
  std::uint64_t alignment = 32;  // not written as a key; add one to say so

  void key(std::string_view name, std::string_view value) {
    head(name, 8);
    put_string(pairs_, value);
  }
  void key(std::string_view name, const char* value) { key(name, std::string_view(value)); }
  void key(std::string_view name, std::uint32_t value) {
    head(name, 4);
    put(pairs_, value);
  }
  void key(std::string_view name, float value) {
    head(name, 6);
    put(pairs_, std::bit_cast<std::uint32_t>(value));
  }
  void key(std::string_view name, bool value) {
    head(name, 7);
    pairs_.push_back(value ? 1 : 0);
  }
  void key(std::string_view name, const std::vector<std::string>& values) {
    head(name, 9);
    put(pairs_, std::uint32_t{8});
    put(pairs_, std::uint64_t{values.size()});
    for (const std::string& value : values) put_string(pairs_, value);
  }
  void key(std::string_view name, const std::vector<std::int32_t>& values) {
    head(name, 9);
    put(pairs_, std::uint32_t{5});
    put(pairs_, std::uint64_t{values.size()});
    for (const std::int32_t value : values) put(pairs_, static_cast<std::uint32_t>(value));
  }

  void key(std::string_view name, const std::vector<float>& values) {
    head(name, 9);
    put(pairs_, std::uint32_t{6});
    put(pairs_, std::uint64_t{values.size()});
    for (const float value : values) put(pairs_, std::bit_cast<std::uint32_t>(value));
  }

  // `data` is padded to the alignment, so that the next tensor is aligned too.
  void tensor(std::string_view name, const std::vector<std::uint64_t>& shape, TensorType type,
              std::span<const std::byte> data) {
    raw_tensor(name, shape, static_cast<std::uint32_t>(type), data_.size());
    for (const std::byte b : data) data_.push_back(std::to_integer<char>(b));
    while (data_.size() % alignment != 0) data_.push_back(0);
  }
  // Only the description, as wrong as the test wants it.
  void raw_tensor(std::string_view name, const std::vector<std::uint64_t>& shape,
                  std::uint32_t type, std::uint64_t offset) {
    put_string(infos_, name);
    put(infos_, static_cast<std::uint32_t>(shape.size()));
    for (const std::uint64_t n : shape) put(infos_, n);
    put(infos_, type);
    put(infos_, offset);
    ++n_tensors_;
  }

  std::string bytes() const {
    std::string out = "GGUF";
    put(out, version);
    put(out, n_tensors_);
    put(out, n_keys_);
    out += pairs_;
    out += infos_;
    while (out.size() % alignment != 0) out.push_back(0);
    return out + data_;
  }

  template <class Integer>
  static void put(std::string& out, Integer value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
      out.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
    }
  }
  static void put_string(std::string& out, std::string_view text) {
    put(out, std::uint64_t{text.size()});
    out += text;
  }

 private:
  void head(std::string_view name, std::uint32_t type) {
    put_string(pairs_, name);
    put(pairs_, type);
    ++n_keys_;
  }

  std::uint64_t n_keys_ = 0;
  std::uint64_t n_tensors_ = 0;
  std::string pairs_, infos_, data_;
};

inline std::span<const std::byte> as_byte_span(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

}  // namespace engram
