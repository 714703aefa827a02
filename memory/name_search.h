// memory/name_search.h: the names of a term index, in memory, and which fit a pattern best. Private
// to memory/.
//
// A segment never changes, so its names are read once, when a question first meets it: about 60
// bytes a name, and after a save no more than what the save added. A question looks at one word a
// name (which letters it has) and at the few names that can fit; it goes from the best class of
// matches to the worst and ends with the class that fills the answer.
//
// Threads: confined to one thread; the caller holds a snapshot of the database.
// Errors: those of Database; kCorrupt.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/name_match.h"
#include "memory/segments.h"

namespace engram {

struct ScoredName {
  int score = 0;
  std::string_view name;  // valid until the next refresh
  friend bool operator==(const ScoredName&, const ScoredName&) = default;
};

struct BestNames {
  std::vector<ScoredName> names;  // best first, equally good ones by name, each once
  bool all = false;               // no other name fits
};

class NameSearch {
 public:
  explicit NameSearch(TermKind kind) : kind_(kind) {}

  // Brings it up to what `db` has.
  Result<void> refresh(Database& db);
  // Of names with any of the bits `values`: the best of all, about `count` of them.
  BestNames best(const NameMatcher& matcher, std::uint8_t values, std::size_t count) const;

 private:
  struct Names {  // of one segment, in byte order
    std::string bytes;
    std::vector<std::size_t> begins;                    // one more than names
    std::vector<std::uint64_t> letters, heads, starts;  // NameShape's
    std::vector<std::uint8_t> values;
    std::vector<std::uint8_t> sizes;  // at most 255
    std::vector<std::uint8_t> first;  // which bit of `letters` the first byte is

    std::size_t size() const { return letters.size(); }
    std::string_view name(std::size_t i) const {
      return std::string_view(bytes).substr(begins[i], begins[i + 1] - begins[i]);
    }
    void add(std::string_view name, std::uint8_t value);
  };

  struct Place {
    const Names* names = nullptr;
    std::uint32_t index = 0;
  };
  class Best;

  void add_prefixes(const NameMatcher& matcher, std::uint8_t values, Best& best) const;
  void add_words(const NameMatcher& matcher, std::uint8_t values, Best& best) const;
  void add_loose(const NameMatcher& matcher, Best& best) const;

  TermKind kind_;
  std::int64_t schema_ = 0;  // SQLite's count
  std::map<std::int64_t, Names> segments_;
  mutable std::vector<Place> left_;  // of one question; keeps its memory for the next
};

}  // namespace engram
