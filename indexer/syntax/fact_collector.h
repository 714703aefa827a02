// indexer/syntax/fact_collector.h: the walk's visitor: matches patterns, notes what they found.
//
// Threads: confined to one walk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "indexer/syntax/local_names.h"
#include "indexer/syntax/path_automaton.h"
#include "indexer/syntax/raw_facts.h"

struct TSTree;

namespace engram {

struct CollectLimits {
  std::size_t max_depth = 2000;
  std::size_t max_symbols = 500'000;
  std::size_t max_references = 4'000'000;
  bool keep_scopes = false;  // also say in which scope each symbol and reference is
};

RawFacts collect_facts(const TSTree* tree, std::string_view text, Matcher& matcher,
                       const CollectLimits& limits);

}  // namespace engram
