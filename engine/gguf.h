// engine/gguf.h: a validated, memory-mapped GGUF file: metadata and tensors.
//
// Everything in the file is hostile: every count, offset, shape, type and string is checked before
// use, so that after open() each tensor's bytes lie inside the mapping and match its shape. A file
// that does not hold is one clear error naming the key or tensor.
// Source: the GGUF specification, versions 2 and 3.
//
// Threads: immutable after open.  Errors: kNotFound, kCorrupt, kInvalidArgument (unknown version
// or tensor type, named), kIo.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "kernels/tensor_type.h"

namespace engram {

struct GgufTensor {
  std::string name;
  TensorType type = TensorType::kF32;
  std::array<std::uint64_t, 4> shape{1, 1, 1, 1};  // shape[0] is contiguous (row length)
  std::span<const std::byte> data;                 // into the mapping
  std::uint64_t rows() const { return shape[1] * shape[2] * shape[3]; }
};

class GgufFile {
 public:
  static Result<std::shared_ptr<const GgufFile>> open(const std::filesystem::path& path);
  // For tests and fuzzing: the bytes must outlive the file.
  static Result<std::shared_ptr<const GgufFile>> parse(std::span<const std::byte> bytes,
                                                       std::string_view name);
  virtual ~GgufFile() = default;

  virtual const std::filesystem::path& path() const = 0;
  virtual std::uint64_t size_bytes() const = 0;
  // True once the mapped file was truncated or a page of it could not be read: what was computed
  // from it since then is worthless.
  virtual bool damaged() const = 0;
  virtual std::span<const GgufTensor> tensors() const = 0;
  virtual const GgufTensor* find_tensor(std::string_view name) const = 0;  // nullptr: absent

  // Metadata. nullopt / empty when the key is absent or of another type.
  virtual std::vector<std::string_view> keys() const = 0;
  virtual std::optional<std::string_view> string(std::string_view key) const = 0;
  virtual std::optional<std::uint64_t> unsigned_integer(std::string_view key) const = 0;
  virtual std::optional<double> number(std::string_view key) const = 0;
  virtual std::optional<bool> boolean(std::string_view key) const = 0;
  virtual std::vector<std::string_view> string_array(std::string_view key) const = 0;
  virtual std::vector<std::int64_t> integer_array(std::string_view key) const = 0;
  virtual std::vector<float> float_array(std::string_view key) const = 0;
  // Type tag and value as they are in the file, for copying; empty when the key is absent.
  virtual std::span<const std::byte> encoded_value(std::string_view key) const = 0;
};

}  // namespace engram
