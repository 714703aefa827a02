#include "memory/name_search.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace engram {

// The best so far, the worst of them on top of a heap.
class NameSearch::Best {
 public:
  explicit Best(std::size_t count) : count_(count) {}

  bool full() const { return heap_.size() == count_; }
  int least() const { return full() ? heap_.front().score : 0; }  // that still counts

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

void NameSearch::Names::add(std::string_view name, std::uint8_t value) {
  const NameShape shape = shape_of(name);
  begins.push_back(bytes.size());
  bytes += name;
  letters.push_back(shape.letters);
  heads.push_back(shape.heads);
  first.push_back(
      static_cast<std::uint8_t>(name.empty() ? 64 : std::countr_zero(letter_bit(name[0]))));
  starts.push_back(shape.starts);
  values.push_back(value);
  sizes.push_back(static_cast<std::uint8_t>(std::min<std::size_t>(name.size(), 255)));
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
    ENGRAM_TRY_VOID(scan_segment(db, kind_, id, [&](std::string_view name, std::uint8_t values) {
      names.add(name, values);
    }));
    names.begins.push_back(names.bytes.size());
    segments_.emplace(id, std::move(names));
  }
  return {};
}

// Class by class: what is left after one is worse than all that it found.
BestNames NameSearch::best(const NameMatcher& matcher, std::uint8_t values,
                           std::size_t count) const {
  Best best(std::max<std::size_t>(count, 1));
  add_prefixes(matcher, values, best);
  if (!best.full()) {
    add_words(matcher, values, best);
    if (!best.full()) add_loose(matcher, best);
  }
  const bool all = !best.full();
  return {best.take(), all};
}

void NameSearch::add_prefixes(const NameMatcher& matcher, std::uint8_t values, Best& best) const {
  const auto first = static_cast<std::uint8_t>(std::countr_zero(matcher.head()));
  for (const auto& [id, names] : segments_) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names.first[i] != first || (names.values[i] & values) == 0) continue;
      if (const int score = matcher.prefix_score(names.name(i))) best.add(score, names.name(i));
    }
  }
}

// What can fit but neither as a prefix nor by words is left.
void NameSearch::add_words(const NameMatcher& matcher, std::uint8_t values, Best& best) const {
  const auto first = static_cast<std::uint8_t>(std::countr_zero(matcher.head()));
  left_.clear();
  for (const auto& [id, names] : segments_) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      // A pattern of more than 255 bytes fits by prefix only.
      if (!matcher.can_fit(names.letters[i], names.sizes[i]) || (names.values[i] & values) == 0) {
        continue;
      }
      const std::string_view name = names.name(i);
      if (names.first[i] == first && matcher.prefix_score(name) > 0) continue;
      const int score =
          (names.heads[i] & matcher.head()) != 0 ? matcher.word_score(name, names.starts[i]) : 0;
      if (score > 0) {
        best.add(score, name);
      } else {
        left_.push_back({&names, static_cast<std::uint32_t>(i)});
      }
    }
  }
}

void NameSearch::add_loose(const NameMatcher& matcher, Best& best) const {
  for (const auto& [names, i] : left_) {
    const bool head = (names->heads[i] & matcher.head()) != 0;
    if (matcher.loose_bound(names->sizes[i], head) < best.least()) continue;
    const std::string_view name = names->name(i);
    if (const int score = matcher.loose_score(name, names->starts[i])) best.add(score, name);
  }
}

}  // namespace engram
