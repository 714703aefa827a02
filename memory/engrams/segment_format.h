// memory/engrams/segment_format.h: the bytes of a segment, shared by its writer and its reader.
//
// docs/formats/engrams.md is the description; private to memory/engrams.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "memory/engrams/context_order.h"

namespace engram {

inline constexpr std::array<char, 8> kSegmentMagic = {'E', 'N', 'G', 'R', 'A', 'M', 'S', '\n'};
inline constexpr std::uint32_t kSegmentVersion = 3;

enum class SegmentSection : std::uint32_t {
  kAlphabet,    // u32 each: the id that symbol i + 1 stands for, ascending
  kSymbols,     // packed: contents one after the other, each followed by a border (0)
  kPlaces,      // packed: positions sorted by context, but for those that kReferences tell
  kFirst,       // u32 each: where the places after each symbol begin; alphabet + 2 of them
  kSamples,     // u64 each: context_key() in kSampleKey, at depth 1, of every kSampleStep-th place
  kTopSamples,  // every kSampleStep-th of them
  kLines,       // u32 each: line of the symbol at every kLineStep-th position
  kContents,    // ContentRecord each, by position
  kPaths,       // PathRecord each, by path
  kStrings,     // the bytes of the paths
  kRecords,     // of the frequent contexts: frequent_contexts.h
  kLists,
  kPlaceBlocks,  // and kReferences: place_array.h
  kReferences,
  kCount,
};
inline constexpr std::size_t kSegmentSections = static_cast<std::size_t>(SegmentSection::kCount);
// What one segment may hold, borders included: keeps building below 1.5 GB, and twice as many can
// still be counted in 32 bits.
inline constexpr std::size_t kMaxSegmentTokens = std::size_t{112} << 20;
inline constexpr std::uint32_t kLineStep = 128;
inline constexpr std::uint32_t kSampleStep = 32;
inline constexpr KeyShape kSampleKey{kSymbolBits, 3};
// A checksum is XXH3 over blocks of this size, each seeded with the one before (0 at first).
inline constexpr std::size_t kChecksumBlock = std::size_t{1} << 20;

struct SectionRecord {
  std::uint64_t offset, size, checksum;
};

struct SegmentHeader {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t foreign;    // 1: vendored or differently licensed code
  std::uint64_t tokenizer;  // XXH3 of the tokenizer's fingerprint
  std::uint64_t file_bytes;
  std::uint64_t tokens;   // remembered ones: symbols that are no border
  std::uint32_t symbols;  // positions, borders included
  std::uint32_t places;
  std::uint32_t alphabet;  // symbols 1 to this
  std::uint32_t symbol_bits, place_bits;
  std::uint32_t reserved;
  std::array<SectionRecord, kSegmentSections> sections;
  std::uint64_t checksum;  // XXH3 of the header before this field
};

struct ContentRecord {
  std::array<std::uint8_t, 32> sha256;
  std::uint32_t begin, end;  // positions
  std::uint32_t first_line;
  std::uint32_t flags;  // ContentFlag bits
};

struct PathRecord {
  std::array<std::uint8_t, 32> sha256;  // of its content, in this segment or another
  std::uint64_t sequence;               // the largest one of all segments holds
  std::uint32_t string, length;         // in kStrings
  std::uint32_t flags;                  // FileFlag bits
  std::uint32_t removed;                // 1: the path is gone
};

}  // namespace engram
