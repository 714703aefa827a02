// Several segments as one: a walk over all of them in the order of their keys.
#include <algorithm>
#include <memory>
#include <utility>

#include "memory/identifiers/identifier_sync.h"

namespace engram {
namespace {

constexpr std::uint64_t kAskEvery = 1 << 16;  // keys

Result<IdentifierTableBytes> merged_table(
    std::span<const std::shared_ptr<const IdentifierSegment>> segments, std::size_t table,
    const std::stop_token& stop) {
  std::vector<std::unique_ptr<IdentifierWalk>> walks;
  for (const auto& segment : segments) {
    auto walk = std::make_unique<IdentifierWalk>(segment->table(table));
    if (walk->next()) walks.push_back(std::move(walk));
  }
  IdentifierTableWriter writer;
  std::string key;
  IdentifierCounts counts;
  for (std::uint64_t n = 0; !walks.empty(); ++n) {
    if (n % kAskEvery == 0 && stop.stop_requested()) {
      return Error{Errc::kCancelled, "counting names was stopped"};
    }
    key = (*std::min_element(walks.begin(), walks.end(), [](const auto& a, const auto& b) {
            return a->key() < b->key();
          }))->key();
    counts = {};
    for (auto& walk : walks) {
      if (walk->key() != key) continue;
      counts.add(walk->counts());
      if (!walk->next()) walk.reset();
    }
    std::erase(walks, nullptr);
    if (!counts.empty()) writer.add(key, counts);
    if (writer.full()) {
      return Error{Errc::kInvalidArgument, "cannot merge identifiers: more than a segment holds"};
    }
  }
  return writer.take();
}

}  // namespace

Result<IdentifierTables> merged_identifiers(
    std::span<const std::shared_ptr<const IdentifierSegment>> segments, std::stop_token stop) {
  IdentifierTables out;
  for (std::size_t t = 0; t < kIdentifierTables; ++t) {
    ENGRAM_TRY(table, merged_table(segments, t, stop));
    out.tables[t] = std::move(table);
  }
  return out;
}

}  // namespace engram
