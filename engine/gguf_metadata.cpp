#include "engine/gguf_metadata.h"

#include <fmt/format.h>

#include <limits>

#include "core/text.h"

namespace engram {
namespace {

constexpr std::size_t kMaxKeyBytes = 65535;  // the specification's limit
constexpr int kMaxArrayDepth = 4;

// Bytes of one element; 0 for strings, arrays and unknown types.
std::size_t fixed_size(GgufValueType type) {
  switch (type) {
    case GgufValueType::kU8:
    case GgufValueType::kI8:
    case GgufValueType::kBool:
      return 1;
    case GgufValueType::kU16:
    case GgufValueType::kI16:
      return 2;
    case GgufValueType::kU32:
    case GgufValueType::kI32:
    case GgufValueType::kF32:
      return 4;
    case GgufValueType::kU64:
    case GgufValueType::kI64:
    case GgufValueType::kF64:
      return 8;
    case GgufValueType::kString:
    case GgufValueType::kArray:
      break;
  }
  return 0;
}

// Walks over `count` elements of `type`; returns why they cannot be, or nothing.
std::optional<std::string> walk_elements(GgufCursor& cursor, GgufValueType type,
                                         std::uint64_t count, int depth) {
  if (type == GgufValueType::kString) {
    for (std::uint64_t i = 0; i < count; ++i) {
      cursor.read_string();
      if (!cursor.ok()) return fmt::format("string {} of {} reaches past the end", i, count);
    }
    return std::nullopt;
  }
  if (type == GgufValueType::kArray) {
    if (depth >= kMaxArrayDepth) return "arrays are nested too deeply";
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto inner = static_cast<GgufValueType>(cursor.read<std::uint32_t>());
      const auto inner_count = cursor.read<std::uint64_t>();
      if (!cursor.ok()) return "an inner array reaches past the end";
      if (auto why = walk_elements(cursor, inner, inner_count, depth + 1)) return why;
    }
    return std::nullopt;
  }
  const std::size_t size = fixed_size(type);
  if (size == 0) return fmt::format("unknown value type {}", static_cast<std::uint32_t>(type));
  if (count > cursor.remaining() / size) {
    return fmt::format("{} elements of {} bytes reach past the end", count, size);
  }
  const auto bytes = cursor.read_bytes(count * size);
  if (type == GgufValueType::kBool) {
    for (const std::byte b : bytes) {
      if (std::to_integer<int>(b) > 1) return "a boolean is neither 0 nor 1";
    }
  }
  return std::nullopt;
}

template <class T>
T load(std::span<const std::byte> bytes, std::size_t index) {
  T value{};
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

// An integer element; nullopt for other types and for u64 values above the i64 range.
std::optional<std::int64_t> integer_at(const GgufValue& value, std::size_t i) {
  switch (value.type) {
    case GgufValueType::kU8:
      return load<std::uint8_t>(value.bytes, i);
    case GgufValueType::kI8:
      return load<std::int8_t>(value.bytes, i);
    case GgufValueType::kU16:
      return load<std::uint16_t>(value.bytes, i);
    case GgufValueType::kI16:
      return load<std::int16_t>(value.bytes, i);
    case GgufValueType::kU32:
      return load<std::uint32_t>(value.bytes, i);
    case GgufValueType::kI32:
      return load<std::int32_t>(value.bytes, i);
    case GgufValueType::kI64:
      return load<std::int64_t>(value.bytes, i);
    case GgufValueType::kU64: {
      const auto v = load<std::uint64_t>(value.bytes, i);
      if (v > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
      }
      return static_cast<std::int64_t>(v);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string printable_name(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  std::string out = to_valid_utf8(name.substr(0, utf8_floor(name, kLongest)));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (name.size() > kLongest) out += "...";
  return out;
}

Result<GgufMetadata> GgufMetadata::parse(GgufCursor& cursor, std::uint64_t count,
                                         std::string_view file) {
  constexpr std::size_t kSmallestPair = 8 + 4 + 1;
  if (count > cursor.remaining() / kSmallestPair) {
    return Error{Errc::kCorrupt,
                 fmt::format("cannot read {}: it announces {} metadata keys, more than it can hold",
                             file, count)};
  }
  GgufMetadata metadata;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view key = cursor.read_string();
    const auto fail = [&](std::string_view why) {
      return Error{Errc::kCorrupt, fmt::format("cannot read {}: metadata key {} ('{}'): {}", file,
                                               i, printable_name(key), why)};
    };
    GgufValue value;
    GgufCursor encoded = cursor;
    auto type = static_cast<GgufValueType>(cursor.read<std::uint32_t>());
    if (!cursor.ok()) return fail("the file ends inside it");
    if (key.empty() || key.size() > kMaxKeyBytes || !is_valid_utf8(key)) {
      return fail("not a valid name");
    }
    if (type == GgufValueType::kArray) {
      value.is_array = true;
      type = static_cast<GgufValueType>(cursor.read<std::uint32_t>());
      value.count = cursor.read<std::uint64_t>();
      if (!cursor.ok()) return fail("the file ends inside it");
    }
    value.type = type;
    GgufCursor start = cursor;
    if (auto why = walk_elements(cursor, type, value.count, 0)) return fail(*why);
    value.bytes = start.read_bytes(cursor.position() - start.position());
    value.encoded = encoded.read_bytes(cursor.position() - encoded.position());
    if (!metadata.values_.emplace(key, value).second) return fail("it occurs twice");
    metadata.keys_.push_back(key);
  }
  return metadata;
}

const GgufValue* GgufMetadata::find(std::string_view key, bool is_array) const {
  const auto it = values_.find(key);
  return it != values_.end() && it->second.is_array == is_array ? &it->second : nullptr;
}

std::optional<std::string_view> GgufMetadata::string(std::string_view key) const {
  const GgufValue* value = find(key, false);
  if (value == nullptr || value->type != GgufValueType::kString) return std::nullopt;
  return GgufCursor(value->bytes).read_string();
}

std::optional<std::uint64_t> GgufMetadata::unsigned_integer(std::string_view key) const {
  const GgufValue* value = find(key, false);
  if (value == nullptr) return std::nullopt;
  if (value->type == GgufValueType::kU64) return load<std::uint64_t>(value->bytes, 0);
  const auto integer = integer_at(*value, 0);
  if (!integer || *integer < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*integer);
}

std::optional<double> GgufMetadata::number(std::string_view key) const {
  const GgufValue* value = find(key, false);
  if (value == nullptr) return std::nullopt;
  if (value->type == GgufValueType::kF32) return load<float>(value->bytes, 0);
  if (value->type == GgufValueType::kF64) return load<double>(value->bytes, 0);
  const auto integer = integer_at(*value, 0);
  if (!integer) return std::nullopt;
  return static_cast<double>(*integer);
}

std::optional<bool> GgufMetadata::boolean(std::string_view key) const {
  const GgufValue* value = find(key, false);
  if (value == nullptr || value->type != GgufValueType::kBool) return std::nullopt;
  return load<std::uint8_t>(value->bytes, 0) != 0;
}

std::vector<std::string_view> GgufMetadata::string_array(std::string_view key) const {
  const GgufValue* value = find(key, true);
  if (value == nullptr || value->type != GgufValueType::kString) return {};
  std::vector<std::string_view> out;
  out.reserve(static_cast<std::size_t>(value->count));
  GgufCursor cursor(value->bytes);
  for (std::uint64_t i = 0; i < value->count; ++i) out.push_back(cursor.read_string());
  return out;
}

std::vector<std::int64_t> GgufMetadata::integer_array(std::string_view key) const {
  const GgufValue* value = find(key, true);
  std::vector<std::int64_t> out;
  if (value == nullptr || value->count == 0 || !integer_at(*value, 0)) return out;
  out.reserve(static_cast<std::size_t>(value->count));
  for (std::size_t i = 0; i < value->count; ++i) {
    const auto integer = integer_at(*value, i);
    if (!integer) return {};
    out.push_back(*integer);
  }
  return out;
}

std::vector<float> GgufMetadata::float_array(std::string_view key) const {
  const GgufValue* value = find(key, true);
  if (value == nullptr) return {};
  std::vector<float> out;
  for (std::size_t i = 0; i < value->count; ++i) {
    if (value->type == GgufValueType::kF32) {
      out.push_back(load<float>(value->bytes, i));
    } else if (value->type == GgufValueType::kF64) {
      out.push_back(static_cast<float>(load<double>(value->bytes, i)));
    } else {
      return {};
    }
  }
  return out;
}

std::span<const std::byte> GgufMetadata::encoded(std::string_view key) const {
  const auto it = values_.find(key);
  if (it == values_.end()) return {};
  return it->second.encoded;
}

}  // namespace engram
