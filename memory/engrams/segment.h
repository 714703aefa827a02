// memory/engrams/segment.h: one immutable piece of the memory, mapped from a file or held in RAM.
//
// Tokens, their order by context, summaries of frequent contexts, lines and paths: enough to answer
// without reading the working tree. Sizes, section borders, the header's checksum and the tables of
// contents and paths are checked when it is opened; single numbers are checked when they are read,
// so that no damage leads outside the mapping; checksums of the large sections are checked by
// verify(): before a merge copies a segment, and when one is opened that may not have reached the
// disk or that lost bytes while it was open. docs/formats/engrams.md has the bytes.
//
// Threads: immutable, thread-safe.  Errors: kCorrupt naming file and reason; kNotFound, kIo.
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

#include "core/hash.h"
#include "core/mapped_file.h"
#include "core/result.h"
#include "memory/engrams/frequent_contexts.h"
#include "memory/engrams/packed_array.h"
#include "memory/engrams/place_array.h"
#include "memory/engrams/segment_format.h"
#include "memory/engrams/tokens.h"

namespace engram {

// A part of the order: the places after one context.
struct Stretch {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  bool contains(Stretch other) const { return begin <= other.begin && other.end <= end; }
};

// Places that were read, to be looked at again and again.
struct PlaceWindow {
  Stretch of;
  std::array<std::uint32_t, kScannedPlaces> at;
};

class EngramSegment {
 public:
  static Result<std::shared_ptr<const EngramSegment>> open(const std::filesystem::path& file,
                                                           const EngramVocabulary& vocabulary);
  // As SegmentBuilder wrote it into a string.
  static Result<std::shared_ptr<const EngramSegment>> from_image(
      std::string image, const EngramVocabulary& vocabulary);

  Result<void> verify() const;  // reads everything; kCorrupt names the section

  bool foreign() const { return header_.foreign != 0; }
  std::uint64_t tokens() const { return header_.tokens; }
  std::uint64_t file_bytes() const { return header_.file_bytes; }
  std::uint64_t section_bytes(std::size_t i) const { return header_.sections[i].size; }
  std::span<const ContentRecord> contents() const { return contents_; }
  std::span<const PathRecord> paths() const { return paths_; }
  std::string_view path_string(const PathRecord& path) const;
  const PathRecord* find_path(std::string_view path) const;  // null: not named here
  std::size_t find_content(const Sha256& sha256) const;      // contents().size(): not here
  // Indexes into paths() of those whose content it is.
  std::span<const std::uint32_t> paths_with(const Sha256& sha256) const;
  std::uint64_t last_sequence() const { return last_sequence_; }

  std::uint32_t symbol_of(EngramToken token) const;   // 0: does not occur
  EngramToken token_of(std::uint32_t symbol) const {  // kEngramCut for a border
    return symbol == 0 || symbol > alphabet_.size() ? kEngramCut : alphabet_[symbol - 1];
  }
  std::uint32_t position_count() const { return header_.symbols; }
  std::uint32_t symbol_at(std::uint32_t position) const {  // 0: a border, a cut, or out of range
    if (position >= header_.symbols) return 0;
    const std::uint32_t symbol = symbols_[position];
    return symbol <= alphabet_.size() ? symbol : 0;
  }
  std::uint32_t place_count() const { return header_.places; }
  std::uint32_t place(std::uint32_t index) const {  // a position; REQUIRES: index < place_count()
    return places_[index];
  }
  // The symbol `depth` before the one before that place; 0 at a border.
  std::uint32_t symbol_before(std::uint32_t index, std::uint32_t depth) const {
    return symbol_before_place(place(index), depth);
  }

  // The places after `symbol`; of those in `stretch`, whose contexts agree in `depth` symbols, the
  // ones with `symbol` before that. The same where `window` has the stretch.
  Stretch after(std::uint32_t symbol) const;
  Stretch narrow(Stretch stretch, std::uint32_t depth, std::uint32_t symbol) const;
  Stretch narrow(const PlaceWindow& window, Stretch stretch, std::uint32_t depth,
                 std::uint32_t symbol) const;
  // The places of a stretch into `out`, which has room for them; their symbols are asked for at
  // once: what is then read of them, and just before them, does not wait for memory one by one.
  void read_places(Stretch stretch, std::uint32_t* out) const;
  void read_places(Stretch stretch, PlaceWindow& out) const {  // REQUIRES: at most kScannedPlaces
    out.of = stretch;
    read_places(stretch, out.at.data());
  }
  const FrequentContexts& frequent() const { return frequent_; }

  // The content a position lies in, as an index into contents(); contents().size() for none.
  std::size_t content_at(std::uint32_t position) const;
  std::uint32_t line_at(std::uint32_t position, const EngramVocabulary& vocabulary) const;

  // Whether it was opened from the file that lies there now, not from another of that name.
  bool is_at(const std::filesystem::path& file) const {
    return file_ != nullptr && file_->is_at(file);
  }
  bool damaged() const { return file_ != nullptr && file_->damaged(); }

 private:
  EngramSegment() = default;
  Result<void> read(std::span<const std::byte> bytes, const EngramVocabulary& vocabulary);
  Result<void> check_sizes() const;
  Result<void> check_tables() const;
  std::span<const std::byte> section(SegmentSection which) const;
  std::uint32_t word(SegmentSection which, std::size_t i) const;
  Stretch bracket(Stretch in, std::uint32_t depth, std::uint32_t symbol) const;
  std::uint32_t first_from(Stretch in, std::uint32_t depth, std::uint32_t least) const;
  std::uint32_t symbol_before_place(std::uint32_t place, std::uint32_t depth) const {
    return place > depth ? symbol_at(place - 1 - depth) : 0;
  }
  std::uint32_t symbol_before(const PlaceWindow& window, std::uint32_t index,
                              std::uint32_t depth) const {
    return symbol_before_place(window.at[index - window.of.begin], depth);
  }

  std::string name_;  // for messages
  std::shared_ptr<const MappedFile> file_;
  std::string image_;
  std::span<const std::byte> bytes_;
  SegmentHeader header_{};
  PackedArray symbols_;
  PlaceArray places_;
  std::span<const std::uint64_t> samples_, top_samples_;
  std::span<const ContentRecord> contents_;
  std::span<const PathRecord> paths_;
  FrequentContexts frequent_;
  std::vector<EngramToken> alphabet_;                          // id of symbol i + 1
  std::vector<std::uint32_t> symbol_of_;                       // by id
  std::vector<std::uint32_t> contents_by_sha_, paths_by_sha_;  // indexes, sorted
  std::uint64_t last_sequence_ = 0;
};

}  // namespace engram
