#include "memory/name_search.h"

#include <algorithm>
#include <utility>

namespace engram {

namespace {

// The best so far, the worst of them on top of a heap.
class Best {
 public:
  explicit Best(std::size_t count) : count_(count) {}

  bool full() const { return heap_.size() == count_; }

  void add(int score, std::string_view name) {
    const ScoredName found{score, name};
    if (full()) {
      if (!is_better(found, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), is_better);
      heap_.back() = found;
    } else {
      heap_.push_back(found);
    }
    std::push_heap(heap_.begin(), heap_.end(), is_better);
  }

  // Several segments may have one name.
  std::vector<ScoredName> take() {
    std::sort_heap(heap_.begin(), heap_.end(), is_better);
    heap_.erase(std::unique(heap_.begin(), heap_.end()), heap_.end());
    return std::move(heap_);
  }

 private:
  static bool is_better(const ScoredName& a, const ScoredName& b) {
    return a.score != b.score ? a.score > b.score : a.name < b.name;
  }

  std::size_t count_;
  std::vector<ScoredName> heap_;
};

}  // namespace

void NameSearch::Names::add(std::string_view name, std::uint8_t value) {
  const NameShape shape = shape_of(name);
  begins.push_back(bytes.size());
  bytes += name;
  letters.push_back(shape.letters);
  starts.push_back((shape.starts & WordStarts(UINT64_MAX)).to_ullong());
  values.push_back(value);
}

Result<void> NameSearch::refresh(Database& db) {
  // An import puts another store in this one's place, and SQLite then counts a new schema.
  Query row(db, "PRAGMA schema_version");
  const std::int64_t schema = row.next() ? row.integer(0) : 0;
  ENGRAM_TRY_VOID(row.done());
  if (std::exchange(schema_, schema) != schema) segments_.clear();
  ENGRAM_TRY(now, segment_ids(db, kind_));
  std::erase_if(segments_, [&](const auto& segment) {
    return !std::binary_search(now.begin(), now.end(), segment.first);
  });
  for (const std::int64_t id : now) {
    if (segments_.contains(id)) continue;
    Names names;
    ENGRAM_TRY_VOID(scan_segment(
        db, id, [&](std::string_view name, std::uint8_t values) { names.add(name, values); }));
    names.begins.push_back(names.bytes.size());
    segments_.emplace(id, std::move(names));
  }
  return {};
}

BestNames NameSearch::best(const NameMatcher& matcher, std::uint8_t values,
                           std::size_t count) const {
  Best best(std::max<std::size_t>(count, 1));
  std::vector<Place> left;  // can fit, but not as a prefix
  for (const auto& [id, names] : segments_) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::size_t size = names.begins[i + 1] - names.begins[i];
      if (!matcher.can_fit(names.letters[i], size) || (names.values[i] & values) == 0) continue;
      if (const int score = matcher.prefix_score(names.name(i))) {
        best.add(score, names.name(i));
      } else {
        left.push_back({&names, static_cast<std::uint32_t>(i)});
      }
    }
  }
  // Class by class; what is left afterwards is worse than all that was found.
  using Score = int (NameMatcher::*)(std::string_view, const WordStarts&) const;
  for (const Score score : {&NameMatcher::word_score, &NameMatcher::loose_score}) {
    if (best.full()) break;
    std::erase_if(left, [&](const Place& place) {
      const std::string_view name = place.names->name(place.index);
      const int found =
          (matcher.*score)(name, name.size() <= 64 ? WordStarts(place.names->starts[place.index])
                                                   : word_starts(name));
      if (found > 0) best.add(found, name);
      return found > 0;
    });
  }
  const bool all = !best.full();
  return {best.take(), all};
}

}  // namespace engram
