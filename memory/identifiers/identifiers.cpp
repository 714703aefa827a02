#include "memory/identifiers/identifiers.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "memory/identifiers/best_identifiers.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamesTable = 0, kMembersTable = 1;
constexpr std::size_t kThorough = 64;          // keys looked at for an exact rank
constexpr std::size_t kMembersLookedAt = 512;  // of one type: their names decide the rank

bool by_uses(const KnownIdentifier& a, const KnownIdentifier& b) {
  return a.counts.uses != b.counts.uses ? a.counts.uses > b.counts.uses : a.name < b.name;
}

}  // namespace

fs::path identifier_directory(const fs::path& store) { return store / "identifiers"; }

std::string member_key(std::string_view type, std::string_view name) {
  const std::string_view plain = type.substr(0, type.find_first_of("<[( "));
  const std::size_t colon = plain.find_last_of(":.");
  std::string key(colon == std::string_view::npos ? plain : plain.substr(colon + 1));
  key += '\0';
  return key += name;
}

std::optional<IdentifierCounts> Identifiers::sum(std::size_t table, std::string_view key) const {
  IdentifierCounts all;
  for (const auto& segment : segments_) {
    if (const auto found = segment->table(table).find(key)) all.add(*found);
  }
  if (all.empty()) return std::nullopt;
  return all;
}

std::optional<IdentifierCounts> Identifiers::find(std::string_view name) const {
  return sum(kNamesTable, name);
}

// The threshold algorithm: a key not met yet has at most the sum of the segments' bounds. Among
// many names that are used equally seldom that never ends early: past kThorough keys the richest
// segment's bound is enough, and what is left out is used at most a little more often.
std::vector<KnownIdentifier> Identifiers::best(std::size_t table, std::string_view prefix,
                                               std::size_t limit) const {
  std::vector<BestIdentifiers> searches;
  searches.reserve(segments_.size());
  for (const auto& segment : segments_) searches.emplace_back(segment->table(table), prefix);
  std::vector<KnownIdentifier> found;  // best first
  std::unordered_set<std::string> met;
  for (std::size_t looked_at = 0;; ++looked_at) {
    const auto richest =
        std::max_element(searches.begin(), searches.end(), [](const auto& a, const auto& b) {
          return std::pair(!a.at_end(), a.bound()) < std::pair(!b.at_end(), b.bound());
        });
    if (richest == searches.end() || richest->at_end()) break;
    const std::uint64_t most =
        looked_at > kThorough + 2 * limit
            ? richest->bound()
            : std::accumulate(searches.begin(), searches.end(), std::uint64_t{0},
                              [](std::uint64_t sum, const auto& s) { return sum + s.bound(); });
    if (found.size() >= limit && static_cast<std::uint64_t>(std::max<std::int64_t>(
                                     0, found[limit - 1].counts.uses)) >= most) {
      break;
    }
    IdentifierTable::Entry entry;
    if (!richest->next(entry) || !met.insert(entry.key).second) continue;
    auto counts =
        segments_.size() == 1 ? std::optional(std::move(entry.counts)) : sum(table, entry.key);
    if (!counts) continue;
    KnownIdentifier known{std::move(entry.key), *std::move(counts)};
    found.insert(std::upper_bound(found.begin(), found.end(), known, by_uses), std::move(known));
    if (found.size() > limit) found.pop_back();
  }
  return found;
}

std::vector<KnownIdentifier> Identifiers::complete(std::string_view prefix,
                                                   std::size_t limit) const {
  return limit == 0 ? std::vector<KnownIdentifier>{} : best(kNamesTable, prefix, limit);
}

std::vector<KnownIdentifier> Identifiers::members(std::string_view type, std::string_view prefix,
                                                  std::size_t limit) const {
  const std::string key = member_key(type, prefix);
  const std::size_t name_at = key.size() - prefix.size();
  if (limit == 0 || name_at == 1) return {};
  std::vector<KnownIdentifier> found = best(kMembersTable, key, kMembersLookedAt);
  for (KnownIdentifier& member : found) {
    member.name.erase(0, name_at);
    member.member = true;
    if (const auto everywhere = find(member.name)) member.counts.uses = everywhere->uses;
  }
  std::sort(found.begin(), found.end(), by_uses);
  if (found.size() > limit) found.resize(limit);
  return found;
}

bool Identifiers::damaged() const {
  return std::any_of(segments_.begin(), segments_.end(),
                     [](const auto& segment) { return segment->damaged(); });
}

Result<std::shared_ptr<const Identifiers>> IdentifierReader::newest() {
  constexpr int kAttempts = 20;  // a segment merged away between two reads is in a newer manifest
  const MutexLock lock(mutex_);
  for (int attempt = 1;; ++attempt) {
    ENGRAM_TRY(manifest, read_engram_manifest(directory_));
    if (newest_ && manifest == manifest_) return newest_;
    std::vector<std::shared_ptr<const IdentifierSegment>> segments;
    std::optional<Error> refused;
    for (const std::string& name : manifest.segments) {
      auto segment = IdentifierSegment::open(directory_ / name);
      if (!segment) {
        refused = segment.error();
        break;
      }
      segments.push_back(*std::move(segment));
    }
    // Counts are sums: without one of the segments the others say what is not so.
    if (refused && (refused->code != Errc::kNotFound || attempt == kAttempts)) return *refused;
    if (refused) continue;
    manifest_ = std::move(manifest);
    newest_ = std::make_shared<const Identifiers>(std::move(segments));
    return newest_;
  }
}

}  // namespace engram
