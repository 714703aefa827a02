#include "memory/engrams/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <tuple>

#include "core/hash.h"
#include "core/path.h"

namespace engram {
namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class T>
std::span<const T> as_records(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

std::uint64_t block_checksum(std::span<const std::byte> bytes) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kChecksumBlock) {
    sum = xxh3(as_text(bytes.subspan(at, std::min(kChecksumBlock, bytes.size() - at))), sum);
  }
  return sum;
}

template <class Record>
std::vector<std::uint32_t> sorted_by_sha(std::span<const Record> records) {
  std::vector<std::uint32_t> out(records.size());
  std::iota(out.begin(), out.end(), 0u);
  std::sort(out.begin(), out.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(records[a].sha256, a) < std::tie(records[b].sha256, b);
  });
  return out;
}

template <class Record>
std::span<const std::uint32_t> with_sha(std::span<const Record> records,
                                        const std::vector<std::uint32_t>& sorted,
                                        const Sha256& sha256) {
  const auto sha_of = [&](std::uint32_t i) -> const auto& { return records[i].sha256; };
  const auto found = std::ranges::equal_range(sorted, sha256.bytes, {}, sha_of);
  return {found.begin(), found.end()};
}

Error corrupt(std::string_view name, std::string_view why) {
  return Error{Errc::kCorrupt, fmt::format("cannot use the engram segment {}: {}", name, why)};
}

}  // namespace

Result<std::shared_ptr<const EngramSegment>> EngramSegment::open(
    const std::filesystem::path& file, const EngramVocabulary& vocabulary) {
  auto mapped = MappedFile::open(file);
  if (!mapped) {
    if (mapped.error().code == Errc::kInvalidArgument) {
      return corrupt(file.string(), "it is empty or no file");
    }
    return mapped.error();
  }
  std::shared_ptr<EngramSegment> segment(new EngramSegment);
  segment->name_ = file.string();
  segment->file_ = *mapped;
  ENGRAM_TRY_VOID(segment->read(segment->file_->bytes(), vocabulary));
  for (const auto which : {SegmentSection::kSymbols, SegmentSection::kPlaces}) {
    MappedFile::expect_scattered_reads(segment->section(which));  // nearly all of it
  }
  return std::shared_ptr<const EngramSegment>(std::move(segment));
}

Result<std::shared_ptr<const EngramSegment>> EngramSegment::from_image(
    std::string image, const EngramVocabulary& vocabulary) {
  std::shared_ptr<EngramSegment> segment(new EngramSegment);
  segment->name_ = "in memory";
  segment->image_ = std::move(image);
  ENGRAM_TRY_VOID(segment->read(std::as_bytes(std::span(segment->image_)), vocabulary));
  return std::shared_ptr<const EngramSegment>(std::move(segment));
}

Result<void> EngramSegment::read(std::span<const std::byte> bytes,
                                 const EngramVocabulary& vocabulary) {
  bytes_ = bytes;
  if (bytes.size() < sizeof(SegmentHeader)) return corrupt(name_, "it is shorter than a header");
  std::memcpy(&header_, bytes.data(), sizeof(header_));
  if (header_.magic != kSegmentMagic) return corrupt(name_, "it is no engram segment");
  if (header_.version != kSegmentVersion) {
    return corrupt(name_, fmt::format("it has version {}, this program reads {}", header_.version,
                                      kSegmentVersion));
  }
  const std::string_view checked = as_text(bytes.first(offsetof(SegmentHeader, checksum)));
  if (header_.checksum != xxh3(checked)) return corrupt(name_, "its header is damaged");
  if (header_.tokenizer != xxh3(vocabulary.fingerprint())) {
    return corrupt(name_, "it was written for another tokenizer");
  }
  ENGRAM_TRY_VOID(check_sizes());
  contents_ = as_records<ContentRecord>(section(SegmentSection::kContents));
  paths_ = as_records<PathRecord>(section(SegmentSection::kPaths));
  ENGRAM_TRY_VOID(check_tables());
  contents_by_sha_ = sorted_by_sha(contents_);
  paths_by_sha_ = sorted_by_sha(paths_);
  for (const PathRecord& p : paths_) last_sequence_ = std::max(last_sequence_, p.sequence);
  symbols_ = PackedArray(section(SegmentSection::kSymbols).data(), header_.symbol_bits);
  places_ =
      PlaceArray(section(SegmentSection::kPlaceBlocks), section(SegmentSection::kPlaces).data(),
                 header_.place_bits, section(SegmentSection::kReferences), header_.places);
  frequent_ = FrequentContexts(section(SegmentSection::kRecords),
                               as_text(section(SegmentSection::kLists)), header_.places);
  samples_ = as_records<std::uint64_t>(section(SegmentSection::kSamples));
  top_samples_ = as_records<std::uint64_t>(section(SegmentSection::kTopSamples));
  symbol_of_.assign(vocabulary.size(), 0);
  for (std::uint32_t s = 1; s <= header_.alphabet; ++s) {
    const std::uint32_t id = word(SegmentSection::kAlphabet, s - 1);
    if (id >= symbol_of_.size()) return corrupt(name_, "it has tokens the vocabulary lacks");
    alphabet_.push_back(static_cast<EngramToken>(id));
    symbol_of_[id] = s;
  }
  return {};
}

Result<void> EngramSegment::check_sizes() const {
  const SegmentHeader& h = header_;
  if (h.file_bytes != bytes_.size()) return corrupt(name_, "its length is not what it says");
  for (const SectionRecord& s : h.sections) {
    if (s.offset % 8 != 0 || s.offset > bytes_.size() || s.size > bytes_.size() - s.offset) {
      return corrupt(name_, "a section lies outside");
    }
  }
  const auto size = [&](SegmentSection which) {
    return h.sections[static_cast<std::size_t>(which)].size;
  };
  using enum SegmentSection;
  const std::uint64_t referred_places = size(kReferences) / kPlaceReferenceBytes * kPlaceBlock;
  const bool consistent =
      h.symbol_bits >= 1 && h.symbol_bits <= 32 && h.place_bits >= 1 && h.place_bits <= 32 &&
      h.symbols <= kMaxSegmentTokens && h.alphabet <= kMaxEngramSymbols && h.places <= h.symbols &&
      h.tokens <= h.symbols && size(kAlphabet) == std::uint64_t{h.alphabet} * 4 &&
      size(kSymbols) == packed_bytes(h.symbols, h.symbol_bits) &&
      size(kReferences) % kPlaceReferenceBytes == 0 && referred_places <= h.places &&
      size(kPlaces) == packed_bytes(h.places - referred_places, h.place_bits) &&
      size(kPlaceBlocks) == place_block_groups(h.places) * sizeof(PlaceBlocks) &&
      size(kFirst) == (std::uint64_t{h.alphabet} + 2) * 4 &&
      size(kSamples) == (std::uint64_t{h.places} + kSampleStep - 1) / kSampleStep * 8 &&
      size(kTopSamples) == (size(kSamples) / 8 + kSampleStep - 1) / kSampleStep * 8 &&
      size(kLines) == (std::uint64_t{h.symbols} + kLineStep - 1) / kLineStep * 4 &&
      size(kContents) % sizeof(ContentRecord) == 0 && size(kPaths) % sizeof(PathRecord) == 0 &&
      size(kRecords) % sizeof(FrequentRecord) == 0;
  if (!consistent) return corrupt(name_, "its sections have sizes that do not agree");
  return {};
}

// The small tables are trusted by index later, so they are checked whole, checksums included.
Result<void> EngramSegment::check_tables() const {
  using enum SegmentSection;
  for (const SegmentSection which : {kAlphabet, kFirst, kContents, kPaths, kStrings}) {
    if (block_checksum(section(which)) !=
        header_.sections[static_cast<std::size_t>(which)].checksum) {
      return corrupt(name_, "a table is damaged");
    }
  }
  std::uint64_t free_from = 0;
  for (const ContentRecord& c : contents_) {
    if (c.begin < free_from || c.end < c.begin || c.end >= header_.symbols) {
      return corrupt(name_, "its contents overlap or lie outside");
    }
    free_from = std::uint64_t{c.end} + 1;
  }
  std::uint32_t last = 0;
  for (std::uint32_t s = 0; s < header_.alphabet + 2; ++s) {
    const std::uint32_t first = word(kFirst, s);
    if (first < last || first > header_.places) return corrupt(name_, "its index is not ascending");
    last = first;
  }
  std::string_view before;
  for (const PathRecord& p : paths_) {
    if (p.string > section(kStrings).size() || p.length > section(kStrings).size() - p.string) {
      return corrupt(name_, "a path lies outside");
    }
    const std::string_view path = path_string(p);
    if (!is_safe_relative_path(path) || (!before.empty() && path <= before)) {
      return corrupt(name_, "its paths are no sorted relative paths");
    }
    before = path;
  }
  return {};
}

Result<void> EngramSegment::verify() const {
  for (std::size_t i = 0; i < kSegmentSections; ++i) {
    const auto bytes = section(static_cast<SegmentSection>(i));
    MappedFile::read_ahead(bytes);
    if (block_checksum(bytes) != header_.sections[i].checksum) {
      return corrupt(name_, fmt::format("section {} is damaged", i));
    }
  }
  if (damaged()) return corrupt(name_, "it was truncated while in use");
  return {};
}

std::span<const std::byte> EngramSegment::section(SegmentSection which) const {
  const SectionRecord& s = header_.sections[static_cast<std::size_t>(which)];
  return bytes_.subspan(s.offset, s.size);
}

std::uint32_t EngramSegment::word(SegmentSection which, std::size_t i) const {
  std::uint32_t value = 0;
  std::memcpy(&value, section(which).data() + i * sizeof(value), sizeof(value));
  return value;
}

std::string_view EngramSegment::path_string(const PathRecord& path) const {
  const std::string_view strings = as_text(section(SegmentSection::kStrings));
  return path.string <= strings.size() ? strings.substr(path.string, path.length)
                                       : std::string_view();
}

const PathRecord* EngramSegment::find_path(std::string_view path) const {
  const auto it =
      std::lower_bound(paths_.begin(), paths_.end(), path,
                       [&](const PathRecord& p, std::string_view x) { return path_string(p) < x; });
  return it != paths_.end() && path_string(*it) == path ? &*it : nullptr;
}

std::size_t EngramSegment::find_content(const Sha256& sha256) const {
  const auto found = with_sha(contents_, contents_by_sha_, sha256);
  return found.empty() ? contents_.size() : found.front();
}

std::span<const std::uint32_t> EngramSegment::paths_with(const Sha256& sha256) const {
  return with_sha(paths_, paths_by_sha_, sha256);
}

std::uint32_t EngramSegment::symbol_of(EngramToken token) const {
  return token >= 0 && static_cast<std::size_t>(token) < symbol_of_.size()
             ? symbol_of_[static_cast<std::size_t>(token)]
             : 0;
}

std::size_t EngramSegment::content_at(std::uint32_t position) const {
  if (position >= header_.symbols) return contents_.size();  // whatever their ends say by now
  const auto after =
      std::upper_bound(contents_.begin(), contents_.end(), position,
                       [](std::uint32_t p, const ContentRecord& c) { return p < c.begin; });
  if (after == contents_.begin() || position >= (after - 1)->end) return contents_.size();
  return static_cast<std::size_t>(after - contents_.begin()) - 1;
}

std::uint32_t EngramSegment::line_at(std::uint32_t position,
                                     const EngramVocabulary& vocabulary) const {
  const std::size_t index = content_at(position);
  if (index == contents_.size()) return 0;
  std::uint32_t from = position / kLineStep * kLineStep;
  std::uint32_t line = 0;
  if (from >= contents_[index].begin) {
    line = word(SegmentSection::kLines, position / kLineStep);
  } else {
    from = contents_[index].begin;
    line = contents_[index].first_line;
  }
  for (; from < position; ++from) line += vocabulary.newlines(token_of(symbol_at(from)));
  return line;
}

}  // namespace engram
