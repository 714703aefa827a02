// tests/memory/semantic_oracle.h: what a semantic store must answer, by brute force: every fact of
// every unit as a line of text, in a set.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "memory/semantic/semantic_writer.h"

namespace engram {

// A fact, by keys and paths, and how sure it is. Links stand by themselves; all else is of a
// source.
using FactLines = std::map<std::string, Certainty>;

class SemanticOracle {
 public:
  explicit SemanticOracle(std::string workspace) : workspace_(std::move(workspace)) {}

  void put(const SemanticUnit& unit, const UnitFacts& facts);
  void drop(const std::string& file) { units_.erase(file); }

  FactLines facts() const;
  std::size_t occurrences() const;  // distinct ones
  // Every path and content that any unit read.
  std::set<std::pair<std::string, Sha256>> sources() const;
  std::set<SymbolKey> symbols() const;

 private:
  struct Unit {
    UnitState state = UnitState::kSemantic;
    UnitFacts facts;
  };
  std::string path(const std::string& absolute) const;

  std::string workspace_;
  std::map<std::string, Unit> units_;
};

using SourceSet = std::set<std::pair<std::string, Sha256>>;

// The same lines from a store, by source.
FactLines stored_facts(SemanticReader& reader, const SourceSet& sources);
inline FactLines stored_facts(SemanticReader& reader, const SemanticOracle& oracle) {
  return stored_facts(reader, oracle.sources());
}
// Occurrences, extents and links again, asked for symbol by symbol.
FactLines stored_facts_by_symbol(SemanticReader& reader, const SemanticOracle& oracle);
// Of `facts`, the lines that stored_facts_by_symbol gives.
FactLines lines_by_symbol(const FactLines& facts);

// The first lines in which they differ, for messages; empty when they are equal.
std::string difference_of(const FactLines& expected, const FactLines& have);

}  // namespace engram
