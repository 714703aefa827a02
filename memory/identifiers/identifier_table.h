// memory/identifiers/identifier_table.h: keys in byte order with their counts, immutable.
//
//   entries  blocks of kEntriesInBlock entries { shared:varint suffix:bytes record }; the first of
//            a block is whole (shared 0), others leave out what they share with the one before
//   blocks   u32 each: where each block begins, and one more: where the last ends
//   bounds   u32 each: no entry of the block has more uses; then the same for groups of kFanOut
//            blocks, for groups of kFanOut groups, ... to a single one
//
// A look-up searches the heads of blocks and reads one block; the bounds find the most used keys of
// a range without reading the others (best_identifiers.h). docs/design/009-identifiers.md compares
// this with a minimal automaton.
//
// Threads: immutable, thread-safe.  Errors: damaged bytes give no answer, never a wrong access.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/identifiers/identifier_counts.h"

namespace engram {

inline constexpr std::size_t kMaxIdentifierKey = 512;  // bytes
inline constexpr std::size_t kEntriesInBlock = 16, kFanOut = 16;

struct IdentifierTableBytes {  // as written
  std::string entries;
  std::vector<std::uint32_t> blocks, bounds;
  std::uint64_t keys = 0;
};

class IdentifierTableWriter {
 public:
  // REQUIRES: keys ascend, at most kMaxIdentifierKey bytes each.
  void add(std::string_view key, const IdentifierCounts& counts);
  bool full() const { return out_.entries.size() > kMaxEntryBytes; }  // take no more
  IdentifierTableBytes take();

 private:
  static constexpr std::size_t kMaxEntryBytes = std::size_t{3} << 30;
  IdentifierTableBytes out_;
  std::string last_;
};

class IdentifierTable {
 public:
  struct Entry {
    std::string key;
    IdentifierCounts counts;
  };
  IdentifierTable() = default;
  IdentifierTable(std::string_view entries, std::span<const std::byte> blocks,
                  std::span<const std::byte> bounds);

  std::size_t block_count() const { return blocks_; }
  std::uint64_t entry_count() const;  // reads the last block: all others are full
  std::optional<IdentifierCounts> find(std::string_view key) const;
  // Blocks outside of [first, second) have no key that begins with `prefix`.
  std::pair<std::size_t, std::size_t> blocks_with(std::string_view prefix) const;
  // Replaces `entries`; those before the damage where there is some.
  void read_block(std::size_t block, std::vector<Entry>& entries) const;

  // Levels of bounds: 0 has one for each block, the last one a single one.
  std::size_t levels() const { return levels_.size(); }
  std::size_t level_size(std::size_t level) const { return levels_[level].size; }
  std::uint32_t bound(std::size_t level, std::size_t index) const;

 private:
  struct Level {
    std::size_t first = 0, size = 0;  // in bounds
  };
  std::string_view block_bytes(std::size_t block) const;
  std::string_view head(std::size_t block) const;  // its first key
  std::size_t blocks_up_to(std::string_view key, bool prefixes) const;

  std::string_view entries_;
  const std::byte* offsets_ = nullptr;
  const std::byte* bounds_ = nullptr;
  std::size_t blocks_ = 0;
  std::vector<Level> levels_;
};

// How many bounds a table of so many blocks has.
std::size_t bounds_of(std::size_t blocks);

// All keys from the first that begins with `prefix` to the last that does, in order.
class IdentifierWalk {
 public:
  explicit IdentifierWalk(const IdentifierTable& table, std::string_view prefix = {});
  bool next();  // false at the end
  const std::string& key() const { return entries_[at_ - 1].key; }
  const IdentifierCounts& counts() const { return entries_[at_ - 1].counts; }

 private:
  const IdentifierTable& table_;
  std::string prefix_;
  std::size_t block_, end_;
  std::vector<IdentifierTable::Entry> entries_;
  std::size_t at_ = 0;
};

}  // namespace engram
