#include "memory/identifiers/content_names.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "memory/facts_codec.h"
#include "memory/identifiers/identifiers.h"

namespace engram {
namespace {

constexpr std::size_t kLongestName = 128, kLongestType = 256;

bool is_word_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '_' ||
         u == '$' || u >= 0x80;
}

}  // namespace

bool is_identifier(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), is_word_byte);
}

IdentifierCounts& NameTally::Tally::of(std::string_view key) {
  const std::uint32_t id = ids.insert(key, [&](std::string_view s) { return arena.keep(s); });
  if (id == counts.size()) counts.emplace_back();
  return counts[id];
}

IdentifierTableBytes NameTally::Tally::take() {
  std::vector<std::uint32_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return ids.string(a) < ids.string(b); });
  IdentifierTableWriter writer;
  for (const std::uint32_t id : order) {
    if (!counts[id].empty()) writer.add(ids.string(id), counts[id]);
  }
  counts.clear();
  ids = StringIds(1 << 10);
  arena.clear();
  return writer.take();
}

Result<void> NameTally::count(Database& db, const StoredContent& content, std::string_view key,
                              bool foreign, bool take_away) {
  auto& [names, members, contents] = tallies_;
  const std::int64_t one = take_away ? -1 : 1;
  const std::int64_t use = foreign ? 0 : one;
  ENGRAM_TRY(symbols, stored_symbols(db, content));
  for (const Symbol& s : symbols) {
    if (!is_identifier(s.name) || (foreign && s.is_local)) continue;
    IdentifierCounts& counts = names.of(s.name);
    counts.uses += use;
    counts.add(s.kind, one);
    if (s.is_local || s.container.empty() || s.container.size() > kLongestType) continue;
    IdentifierCounts& member = members.of(member_key(s.container, s.name));
    member.uses += one;
    member.add(s.kind, one);
  }
  contents.of(key).uses += one;
  if (foreign) return {};
  return count_stored_references(db, content, [&](std::string_view name, std::uint64_t n) {
    if (is_identifier(name)) tallies_[0].of(name).uses += one * static_cast<std::int64_t>(n);
  });
}

IdentifierTables NameTally::take() {
  IdentifierTables out;
  for (std::size_t i = 0; i < kIdentifierTables; ++i) out.tables[i] = tallies_[i].take();
  return out;
}

}  // namespace engram
