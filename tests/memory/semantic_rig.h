// tests/memory/semantic_rig.h: a semantic store of one workspace, to write and to hold against the
// oracle.
#pragma once

#include <memory>

#include "tests/memory/semantic_oracle.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

constexpr const char* kSemanticWorkspace = "/w";

inline std::unique_ptr<SemanticWriter> open_writer(const TemporaryDirectory& store,
                                                   const SemanticWriterOptions& options = {}) {
  auto writer = SemanticWriter::open(store.path(), kSemanticWorkspace, options);
  REQUIRE(writer);
  return std::move(*writer);
}

// Asked by source and by symbol.
inline void check_equal(const TemporaryDirectory& store, const SemanticOracle& oracle) {
  const auto reader = SemanticReader::open(store.path());
  REQUIRE(reader);
  const FactLines expected = oracle.facts();
  CHECK(difference_of(expected, stored_facts(**reader, oracle)) == "");
  const FactLines by_symbol = stored_facts_by_symbol(**reader, oracle);
  FactLines wanted = lines_by_symbol(expected);
  CHECK(difference_of(wanted, by_symbol) == "");
  const auto counts = (*reader)->counts();
  REQUIRE(counts);
  CHECK(counts->sources == oracle.sources().size());
  CHECK(counts->occurrences == oracle.occurrences());
}

}  // namespace engram
