// engine/gguf_metadata.h: the key-value half of a GGUF header, as views into the file.
//
// Nothing is copied: a value is its type and its bytes, walked once so that every string in it is
// known to lie inside the file. Private to the GGUF reader.
//
// Threads: immutable after parse.  Errors: kCorrupt naming the key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "engine/gguf_cursor.h"

namespace engram {

enum class GgufValueType : std::uint32_t {
  kU8 = 0,
  kI8 = 1,
  kU16 = 2,
  kI16 = 3,
  kU32 = 4,
  kI32 = 5,
  kF32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kU64 = 10,
  kI64 = 11,
  kF64 = 12,
};

struct GgufValue {
  GgufValueType type = GgufValueType::kU8;  // of each element
  bool is_array = false;
  std::uint64_t count = 1;
  std::span<const std::byte> bytes;    // the elements, one after another
  std::span<const std::byte> encoded;  // the same with type tags and count before them
};

class GgufMetadata {
 public:
  // Reads `count` pairs; `file` names the file in errors.
  static Result<GgufMetadata> parse(GgufCursor& cursor, std::uint64_t count, std::string_view file);

  std::vector<std::string_view> keys() const { return keys_; }  // in file order
  std::optional<std::string_view> string(std::string_view key) const;
  std::optional<std::uint64_t> unsigned_integer(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<bool> boolean(std::string_view key) const;
  std::vector<std::string_view> string_array(std::string_view key) const;
  std::vector<std::int64_t> integer_array(std::string_view key) const;
  std::vector<float> float_array(std::string_view key) const;
  std::span<const std::byte> encoded(std::string_view key) const;

 private:
  const GgufValue* find(std::string_view key, bool is_array) const;

  std::vector<std::string_view> keys_;
  std::unordered_map<std::string_view, GgufValue> values_;
};

// For error messages: control characters, invalid UTF-8 and excessive length made harmless.
std::string printable_name(std::string_view name);

}  // namespace engram
