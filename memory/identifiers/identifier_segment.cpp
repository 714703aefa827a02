#include "memory/identifiers/identifier_segment.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "core/hash.h"

namespace engram {
namespace {

static_assert(std::endian::native == std::endian::little, "segments are little-endian");

constexpr std::array<char, 8> kMagic = {'E', 'N', 'G', 'N', 'A', 'M', 'E', '\n'};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kParts = 3;  // of a table: entries, blocks, bounds
constexpr std::size_t kSections = kIdentifierTables * kParts;

struct IdentifierSectionRecord {
  std::uint64_t offset, size, checksum;
};

struct IdentifierHeader {
  std::array<char, 8> magic;
  std::uint32_t version, reserved;
  std::uint64_t file_bytes;
  std::uint64_t keys;  // of all tables
  std::array<IdentifierSectionRecord, kSections> sections;
  std::uint64_t checksum;  // XXH3 of the header before this field
};

template <class T>
std::string_view bytes_of(const T& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0])};
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

IdentifierHeader header_in(std::span<const std::byte> bytes) {
  IdentifierHeader header{};
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header;
}

std::uint64_t checksum_of(const IdentifierHeader& header) {
  return xxh3({reinterpret_cast<const char*>(&header), offsetof(IdentifierHeader, checksum)});
}

Error corrupt(const std::string& name, std::string_view why) {
  return {Errc::kCorrupt, fmt::format("cannot use the identifiers in '{}': {}", name, why)};
}

bool sound_sizes(const IdentifierHeader& header) {
  for (std::size_t t = 0; t < kIdentifierTables; ++t) {
    const std::uint64_t blocks = header.sections[t * kParts + 1].size;
    const std::uint64_t bounds = header.sections[t * kParts + 2].size;
    if (blocks % 4 != 0 || blocks == 0) return false;
    if (bounds != bounds_of(blocks / 4 - 1) * 4) return false;
  }
  return true;
}

}  // namespace

Result<void> write_identifier_segment(ByteSink& sink, const IdentifierTables& tables) {
  IdentifierHeader header{};
  header.magic = kMagic;
  header.version = kVersion;
  sink.append({reinterpret_cast<const char*>(&header), sizeof(header)});
  std::uint64_t at = sizeof(header);
  std::size_t section = 0;
  for (const IdentifierTableBytes& table : tables.tables) {
    header.keys += table.keys;
    for (const std::string_view part :
         {std::string_view(table.entries), bytes_of(table.blocks), bytes_of(table.bounds)}) {
      header.sections[section++] = {at, part.size(), xxh3(part)};
      sink.append(part);
      const std::size_t padding = (8 - part.size() % 8) % 8;
      sink.append(std::string_view("\0\0\0\0\0\0\0", padding));
      at += part.size() + padding;
    }
  }
  header.file_bytes = at;
  header.checksum = checksum_of(header);
  sink.replace_beginning({reinterpret_cast<const char*>(&header), sizeof(header)});
  return sink.finish();
}

Result<std::shared_ptr<const IdentifierSegment>> IdentifierSegment::open(
    const std::filesystem::path& file) {
  ENGRAM_TRY(mapped, MappedFile::open(file));
  std::shared_ptr<IdentifierSegment> segment(new IdentifierSegment);
  segment->name_ = file.string();
  segment->file_ = std::move(mapped);
  ENGRAM_TRY_VOID(segment->read(segment->file_->bytes()));
  return std::shared_ptr<const IdentifierSegment>(std::move(segment));
}

Result<std::shared_ptr<const IdentifierSegment>> IdentifierSegment::from_image(std::string image) {
  std::shared_ptr<IdentifierSegment> segment(new IdentifierSegment);
  segment->name_ = "memory";
  segment->image_ = std::move(image);
  ENGRAM_TRY_VOID(segment->read(std::as_bytes(std::span(segment->image_))));
  return std::shared_ptr<const IdentifierSegment>(std::move(segment));
}

Result<void> IdentifierSegment::read(std::span<const std::byte> bytes) {
  bytes_ = bytes;
  if (bytes.size() < sizeof(IdentifierHeader)) return corrupt(name_, "it is shorter than a header");
  const IdentifierHeader header = header_in(bytes);
  if (header.magic != kMagic) return corrupt(name_, "it holds none");
  if (header.version != kVersion) {
    return corrupt(
        name_, fmt::format("it has version {}, this program reads {}", header.version, kVersion));
  }
  if (header.checksum != checksum_of(header)) return corrupt(name_, "its header is damaged");
  if (header.file_bytes != bytes.size()) return corrupt(name_, "its length is not what it says");
  for (const IdentifierSectionRecord& s : header.sections) {
    if (s.offset % 8 != 0 || s.offset > bytes.size() || s.size > bytes.size() - s.offset) {
      return corrupt(name_, "a table lies outside");
    }
  }
  if (!sound_sizes(header)) return corrupt(name_, "its tables have sizes that do not agree");
  const auto part = [&](std::size_t i) {
    return bytes.subspan(header.sections[i].offset, header.sections[i].size);
  };
  for (std::size_t t = 0; t < kIdentifierTables; ++t) {
    tables_[t] =
        IdentifierTable(text_of(part(t * kParts)), part(t * kParts + 1), part(t * kParts + 2));
  }
  return {};
}

Result<void> IdentifierSegment::verify() const {
  const IdentifierHeader header = header_in(bytes_);
  for (const IdentifierSectionRecord& s : header.sections) {
    if (xxh3(text_of(bytes_.subspan(s.offset, s.size))) != s.checksum) {
      return corrupt(name_, "a table is damaged");
    }
  }
  if (damaged()) return corrupt(name_, "it was truncated while in use");
  return {};
}

std::uint64_t IdentifierSegment::keys() const { return header_in(bytes_).keys; }

}  // namespace engram
