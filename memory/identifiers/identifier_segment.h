// memory/identifiers/identifier_segment.h: one immutable piece of a repository's vocabulary, mapped
// from a file or held in RAM.
//
// Three tables of counts (identifier_table.h): of names, of members ("Type\0member"), and of the
// contents that were counted (16 bytes each, 1 or -1 use). Sizes, borders and the header's checksum
// are checked when it is opened, numbers in the tables when they are read; checksums of the tables
// by verify(). docs/formats/identifiers.md has the bytes.
//
// Threads: immutable, thread-safe.  Errors: kCorrupt naming file and reason; kNotFound, kIo.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/mapped_file.h"
#include "core/result.h"
#include "memory/engrams/byte_sink.h"
#include "memory/identifiers/identifier_table.h"

namespace engram {

enum class IdentifierSection : std::uint32_t { kNames, kMembers, kContents };
inline constexpr std::size_t kIdentifierTables = 3;

struct IdentifierTables {  // as written
  std::array<IdentifierTableBytes, kIdentifierTables> tables;
};
Result<void> write_identifier_segment(ByteSink& sink, const IdentifierTables& tables);

class IdentifierSegment {
 public:
  static Result<std::shared_ptr<const IdentifierSegment>> open(const std::filesystem::path& file);
  static Result<std::shared_ptr<const IdentifierSegment>> from_image(std::string image);

  Result<void> verify() const;  // reads everything

  const IdentifierTable& names() const { return tables_[0]; }
  const IdentifierTable& members() const { return tables_[1]; }
  const IdentifierTable& contents() const { return tables_[2]; }
  const IdentifierTable& table(std::size_t i) const { return tables_[i]; }
  std::uint64_t keys() const;  // of all tables, as the header says
  std::uint64_t bytes() const { return bytes_.size(); }
  bool damaged() const { return file_ != nullptr && file_->damaged(); }

 private:
  IdentifierSegment() = default;
  Result<void> read(std::span<const std::byte> bytes);

  std::string name_;  // for messages
  std::shared_ptr<const MappedFile> file_;
  std::string image_;
  std::span<const std::byte> bytes_;
  std::array<IdentifierTable, kIdentifierTables> tables_;
};

}  // namespace engram
