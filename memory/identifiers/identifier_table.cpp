#include "memory/identifiers/identifier_table.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

namespace engram {
namespace {

std::size_t shared_prefix(std::string_view a, std::string_view b) {
  const std::size_t limit = std::min(a.size(), b.size());
  std::size_t n = 0;
  while (n < limit && a[n] == b[n]) ++n;
  return n;
}

std::uint32_t bound_of(const IdentifierCounts& counts) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(counts.uses, 0, UINT32_MAX));
}

std::size_t groups_of(std::size_t n) { return (n + kFanOut - 1) / kFanOut; }

std::uint32_t word_at(const std::byte* words, std::size_t i) {
  std::uint32_t value = 0;
  std::memcpy(&value, words + i * sizeof(value), sizeof(value));
  return value;
}

}  // namespace

std::size_t bounds_of(std::size_t blocks) {
  std::size_t all = blocks;
  for (std::size_t n = blocks; n > 1; all += n) n = groups_of(n);
  return all;
}

void IdentifierTableWriter::add(std::string_view key, const IdentifierCounts& counts) {
  const bool starts = out_.keys++ % kEntriesInBlock == 0;
  if (starts) {
    out_.blocks.push_back(static_cast<std::uint32_t>(out_.entries.size()));
    out_.bounds.push_back(0);
  }
  const std::size_t shared = starts ? 0 : shared_prefix(last_, key);
  append_varint(out_.entries, shared);
  append_bytes(out_.entries, key.substr(shared));
  append_counts(out_.entries, counts);
  out_.bounds.back() = std::max(out_.bounds.back(), bound_of(counts));
  last_ = key;
}

IdentifierTableBytes IdentifierTableWriter::take() {
  std::size_t first = 0;
  for (std::size_t n = out_.blocks.size(); n > 1; n = groups_of(n)) {
    for (std::size_t i = 0; i < n; i += kFanOut) {
      const auto* begin = out_.bounds.data() + first + i;
      out_.bounds.push_back(*std::max_element(begin, begin + std::min(kFanOut, n - i)));
    }
    first += n;
  }
  out_.blocks.push_back(static_cast<std::uint32_t>(out_.entries.size()));
  last_.clear();
  return std::exchange(out_, {});
}

IdentifierTable::IdentifierTable(std::string_view entries, std::span<const std::byte> blocks,
                                 std::span<const std::byte> bounds)
    : entries_(entries), offsets_(blocks.data()), bounds_(bounds.data()) {
  const std::size_t offsets = blocks.size() / sizeof(std::uint32_t);
  const std::size_t n = offsets == 0 ? 0 : offsets - 1;
  if (bounds.size() / sizeof(std::uint32_t) != bounds_of(n)) return;  // damaged: an empty table
  blocks_ = n;
  std::size_t first = 0;
  for (std::size_t size = n; size > 0; size = size == 1 ? 0 : groups_of(size)) {
    levels_.push_back({first, size});
    first += size;
  }
}

std::uint32_t IdentifierTable::bound(std::size_t level, std::size_t index) const {
  return word_at(bounds_, levels_[level].first + index);
}

std::string_view IdentifierTable::block_bytes(std::size_t block) const {
  const std::size_t begin = word_at(offsets_, block), end = word_at(offsets_, block + 1);
  if (begin > end || end > entries_.size()) return {};
  return entries_.substr(begin, end - begin);
}

std::string_view IdentifierTable::head(std::size_t block) const {
  ByteReader in(block_bytes(block));
  in.varint();
  return in.bytes();
}

// How many blocks have a head of at most `key`; with `prefixes`, a head that begins with it counts.
std::size_t IdentifierTable::blocks_up_to(std::string_view key, bool prefixes) const {
  std::size_t low = 0, high = blocks_;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    const std::string_view first = head(middle);
    const bool before = (prefixes ? first.substr(0, key.size()) : first) <= key;
    (before ? low : high) = before ? middle + 1 : middle;
  }
  return low;
}

std::pair<std::size_t, std::size_t> IdentifierTable::blocks_with(std::string_view prefix) const {
  const std::size_t first = blocks_up_to(prefix, false);
  return {first == 0 ? 0 : first - 1, blocks_up_to(prefix, true)};
}

std::uint64_t IdentifierTable::entry_count() const {
  if (blocks_ == 0) return 0;
  std::vector<Entry> last;
  read_block(blocks_ - 1, last);
  return (blocks_ - 1) * kEntriesInBlock + last.size();
}

std::optional<IdentifierCounts> IdentifierTable::find(std::string_view key) const {
  const std::size_t after = blocks_up_to(key, false);
  if (after == 0) return std::nullopt;
  ByteReader in(block_bytes(after - 1));
  std::string at;
  IdentifierCounts counts;
  while (!in.at_end()) {
    const std::uint64_t shared = in.varint();
    const std::string_view suffix = in.bytes();
    if (shared > at.size() || shared + suffix.size() > kMaxIdentifierKey) in.fail();
    read_counts(in, counts);
    if (!in.ok()) return std::nullopt;
    at.resize(static_cast<std::size_t>(shared));
    at += suffix;
    if (at == key) return counts;
    if (at > key) return std::nullopt;
  }
  return std::nullopt;
}

void IdentifierTable::read_block(std::size_t block, std::vector<Entry>& entries) const {
  std::size_t n = 0;
  ByteReader in(block_bytes(block));
  while (!in.at_end()) {
    if (n == entries.size()) entries.emplace_back();
    Entry& entry = entries[n];
    const std::uint64_t shared = in.varint();
    const std::string_view suffix = in.bytes();
    const std::string_view before = n == 0 ? std::string_view() : entries[n - 1].key;
    if (shared > before.size() || shared + suffix.size() > kMaxIdentifierKey) in.fail();
    read_counts(in, entry.counts);
    if (!in.ok() || n == kEntriesInBlock) break;
    entry.key.assign(before.substr(0, static_cast<std::size_t>(shared)));
    entry.key += suffix;
    if (n > 0 && entry.key <= entries[n - 1].key) break;
    ++n;
  }
  entries.resize(n);
}

IdentifierWalk::IdentifierWalk(const IdentifierTable& table, std::string_view prefix)
    : table_(table), prefix_(prefix) {
  std::tie(block_, end_) = table.blocks_with(prefix);
}

bool IdentifierWalk::next() {
  while (true) {
    while (at_ == entries_.size()) {
      if (block_ >= end_) return false;
      table_.read_block(block_++, entries_);
      at_ = 0;
    }
    ++at_;
    if (std::string_view(key()).starts_with(prefix_)) return true;
  }
}

}  // namespace engram
