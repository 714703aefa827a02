// tests/memory/semantic_rig.h: a semantic store of one workspace, to write and to hold against the
// oracle.
#pragma once

#include <memory>

#include "tests/memory/random_units.h"
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

// Units told and dropped at random, some commits in between and one at the end.
inline void change_at_random(SemanticWriter& writer, SemanticOracle& oracle, RandomUnits& random,
                             std::uint32_t files, int steps) {
  for (int step = 0; step < steps; ++step) {
    const std::uint32_t number = random.below(files);
    const std::string file = "u" + std::to_string(number) + ".cpp";
    const SemanticUnit unit =
        unit_named(file, random.below(3) == 0 ? UnitState::kInferred : UnitState::kSemantic);
    if (random.below(4) == 0) {
      REQUIRE(writer.drop_unit(file, unit.command));
      oracle.drop(file);
    } else {
      const UnitFacts facts = random.unit(number);
      REQUIRE(writer.put_unit(unit, facts));
      oracle.put(unit, facts);
    }
    if (random.below(3) == 0) REQUIRE(writer.commit());
  }
  REQUIRE(writer.commit());
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
