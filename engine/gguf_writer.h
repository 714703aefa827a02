// engine/gguf_writer.h: writes a GGUF file (version 3) that appears whole or not at all.
//
// First the header: keys, and the tensors in the order of their data. Then the data, tensor after
// tensor. They go to OUT.partial-<draft> beside OUT, which finish() renames; a writer that ends
// without finish() leaves it, and the next one with the same draft id and header goes on after the
// last whole tensor. Drafts of OUT with another id are removed.
// Source: the GGUF specification, version 3.
//
// Threads: confined.  Errors: kIo (disk full, no permission), each naming the file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "kernels/tensor_type.h"

namespace engram {

// Bytes of a tensor's data, without padding.
std::uint64_t tensor_bytes(TensorType type, const std::array<std::uint64_t, 4>& shape);

class GgufHeader {
 public:
  explicit GgufHeader(std::uint64_t alignment = 32) : alignment_(alignment) {}

  void add(std::string_view key, std::uint32_t value);
  void add(std::string_view key, std::string_view value);
  // Type tag and value as another file has them: GgufFile::encoded_value().
  void add_encoded(std::string_view key, std::span<const std::byte> encoded);
  void add_tensor(std::string_view name, TensorType type,
                  const std::array<std::uint64_t, 4>& shape);

  std::string bytes() const;  // up to where the data begin
  std::uint64_t alignment() const { return alignment_; }
  const std::vector<std::uint64_t>& tensor_sizes() const { return sizes_; }

 private:
  std::uint64_t alignment_, n_keys_ = 0, next_offset_ = 0;
  std::string pairs_, infos_;
  std::vector<std::uint64_t> sizes_;
};

class GgufWriter {
 public:
  // `draft`: letters and digits that stand for everything the file is made from.
  static Result<std::unique_ptr<GgufWriter>> begin(const std::filesystem::path& out,
                                                   const GgufHeader& header,
                                                   std::string_view draft);
  ~GgufWriter();
  GgufWriter(const GgufWriter&) = delete;
  GgufWriter& operator=(const GgufWriter&) = delete;

  std::size_t tensors_done() const { return next_; }  // also those of an interrupted run
  // The next bytes of the tensor after those; padding is added when it is whole.
  Result<void> append(std::span<const std::byte> data);
  Result<void> finish();  // REQUIRES: all tensors are whole
  void discard();         // removes the draft: what it was made from cannot be trusted

 private:
  GgufWriter() = default;
  Result<void> resume(std::string_view header);
  Result<void> write(std::string_view data);
  Error failed(std::string_view attempt) const;

  std::filesystem::path out_, draft_;
  int descriptor_ = -1;
  std::uint64_t alignment_ = 32;
  std::vector<std::uint64_t> sizes_;
  std::size_t next_ = 0;
  std::uint64_t written_ = 0;  // of the tensor `next_`
};

}  // namespace engram
