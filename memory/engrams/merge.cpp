// Merging: which segments, and how. The contents that count are written again as one segment; so
// are contents that no longer count while they are few, for a branch that is switched back to.
#include <algorithm>
#include <numeric>
#include <utility>

#include "memory/engrams/store.h"

namespace engram {
namespace {

constexpr std::uint64_t kWorthRewriting = 4096;  // dead positions

std::vector<EngramToken> tokens_of(const EngramSegment& segment, const ContentRecord& content) {
  std::vector<EngramToken> out;
  const std::uint32_t end = std::min(content.end, segment.position_count());
  out.reserve(end - std::min(content.begin, end));
  for (std::uint32_t p = content.begin; p < end; ++p) {
    out.push_back(segment.token_of(segment.symbol_at(p)));
  }
  return out;
}

// With the border after each content, as a segment's limit counts them.
std::uint64_t live_positions(const EngramSnapshot::Part& part) {
  return part.live_tokens + part.live_contents;
}
std::uint64_t dead_positions(const EngramSnapshot::Part& part) {
  return part.segment->position_count() - live_positions(part);
}

// Whether a segment that is not merged names the path too: then a removal must stay on record.
bool named_elsewhere(const EngramSnapshot& snapshot, const std::vector<std::size_t>& merged,
                     std::string_view path) {
  for (std::size_t i = 0; i < snapshot.parts().size(); ++i) {
    if (std::find(merged.begin(), merged.end(), i) != merged.end()) continue;
    if (snapshot.parts()[i].segment->find_path(path) != nullptr) return true;
  }
  return false;
}

}  // namespace

std::vector<std::size_t> due_merge(std::span<const std::uint64_t> live,
                                   std::span<const std::uint64_t> dead, std::size_t most) {
  std::vector<std::size_t> by_size(live.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  std::sort(by_size.begin(), by_size.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(live[a], a) < std::pair(live[b], b);
  });
  // The longest run of smallest segments in which each is at most twice those before it together.
  std::uint64_t sum = 0;
  std::size_t run = 0;
  std::uint64_t before = 0;
  const std::size_t excess = by_size.size() > most ? by_size.size() - most + 1 : 0;
  for (std::size_t n = 0; n < by_size.size(); ++n) {
    const std::uint64_t size = live[by_size[n]];
    if (sum + size > kMaxSegmentTokens) break;
    if (n > 0 && (size <= 2 * before || n < excess)) run = n + 1;
    sum += size;
    before = sum;
  }
  if (run >= 2) return {by_size.begin(), by_size.begin() + static_cast<std::ptrdiff_t>(run)};
  for (const std::size_t i : by_size) {
    if (dead[i] > kWorthRewriting && dead[i] * 4 > live[i]) return {i};
  }
  return {};
}

Result<bool> EngramWriter::merge(std::stop_token stop) {
  for (const bool foreign : {false, true}) {
    std::vector<std::size_t> of_class;
    std::vector<std::uint64_t> live, dead;
    for (std::size_t i = 0; i < state_.snapshot->parts().size(); ++i) {
      const EngramSnapshot::Part& part = state_.snapshot->parts()[i];
      if (part.segment->foreign() != foreign) continue;
      of_class.push_back(i);
      live.push_back(live_positions(part));
      dead.push_back(dead_positions(part));
    }
    std::vector<std::size_t> which;
    for (const std::size_t i :
         due_merge(live, dead, foreign ? kMaxForeignSegments : kMaxOwnSegments)) {
      which.push_back(of_class[i]);
    }
    if (which.empty()) continue;
    std::sort(which.begin(), which.end());
    ENGRAM_TRY_VOID(merge_segments(which, stop));
    return true;
  }
  return false;
}

Result<void> EngramWriter::merge_segments(const std::vector<std::size_t>& which,
                                          std::stop_token stop) {
  std::uint64_t live = 0, dead = 0;
  for (const std::size_t i : which) {
    const EngramSnapshot::Part& part = state_.snapshot->parts()[i];
    if (const auto sound = part.segment->verify(); !sound) {
      state_.opened.refused.emplace_back(state_.opened.names[i], sound.error());
      state_.opened.names.erase(state_.opened.names.begin() + static_cast<std::ptrdiff_t>(i));
      state_.opened.segments.erase(state_.opened.segments.begin() + static_cast<std::ptrdiff_t>(i));
      return set_refused_aside();
    }
    live += live_positions(part);
    dead += dead_positions(part);
  }
  const bool keep_dead = dead * 4 <= live && live + dead <= kMaxSegmentTokens;
  SegmentBuilder builder(*vocabulary_, state_.snapshot->parts()[which.front()].segment->foreign());
  builder.reserve(live + (keep_dead ? dead : 0));
  std::set<Sha256> added;
  for (const std::size_t i : which) {
    const EngramSnapshot::Part& part = state_.snapshot->parts()[i];
    const auto contents = part.segment->contents();
    for (std::size_t c = 0; c < contents.size(); ++c) {
      if (stop.stop_requested()) return Error{Errc::kCancelled, "merging was stopped"};
      const Sha256 sha{contents[c].sha256};
      if (part.contents[c].paths == 0 && (!keep_dead || state_.snapshot->find(sha))) continue;
      if (!added.insert(sha).second) continue;
      ENGRAM_TRY_VOID(builder.add_content({sha, contents[c].first_line, contents[c].flags},
                                          tokens_of(*part.segment, contents[c])));
    }
    for (const PathRecord& record : part.segment->paths()) {
      const std::string_view path = part.segment->path_string(record);
      if (!state_.snapshot->holds(path, record)) continue;
      if (record.removed != 0 && !named_elsewhere(*state_.snapshot, which, path)) continue;
      builder.add_path({std::string(path), Sha256{record.sha256}, record.sequence, record.flags,
                        record.removed != 0});
    }
  }
  std::vector<std::string> names;
  std::string merged;
  if (!builder.empty()) {
    ENGRAM_TRY(name, write_segment(builder, stop, Durability::kNow));
    merged = std::move(name);
  }
  for (std::size_t i = 0; i < state_.opened.names.size(); ++i) {
    if (std::find(which.begin(), which.end(), i) == which.end()) {
      names.push_back(state_.opened.names[i]);
    } else if (i == which.back() && !merged.empty()) {
      names.push_back(merged);
    }
  }
  return publish(std::move(names), Durability::kNow);
}

}  // namespace engram
