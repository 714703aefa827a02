// Facts of a source that move along when only comments in it change.
#include "tests/memory/random_units.h"
#include "tests/memory/semantic_rig.h"

namespace engram {

namespace {

constexpr std::uint32_t shifted(std::uint32_t place) { return place < 100 ? place : place + 7; }

// The facts as they are when one header has grown at its 100th byte.
void shift(UnitFacts& facts, const UnitFile& from, const UnitFile& to) {
  const auto at = std::find(facts.files.begin(), facts.files.end(), from);
  if (at == facts.files.end()) return;
  const auto file = static_cast<std::uint32_t>(at - facts.files.begin());
  *at = to;
  const auto move = [&](auto& items) {
    for (auto& item : items) {
      if (item.file != file) continue;
      item.begin = shifted(item.begin);
      item.end = shifted(item.end);
    }
  };
  move(facts.occurrences);
  move(facts.inclusions);
  move(facts.extents);
  move(facts.inactive);
  move(facts.diagnostics);
  for (auto& extent : facts.extents) {
    if (extent.file != file) continue;
    extent.body_begin = shifted(extent.body_begin);
    extent.body_end = shifted(extent.body_end);
  }
}

}  // namespace

TEST_CASE("semantic store: what was told of a source holds of other contents where it has moved to",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  RandomUnits random(7);
  SemanticOracle oracle(kSemanticWorkspace);
  const UnitFile from{"/w/h1.h", sha256("/w/h1.h0"), 1000, false};
  const UnitFile to{"/w/h1.h", sha256("grown"), 1007, false};
  const SemanticSource source{"h1.h", from.content, 1000, false};
  const SemanticSource target{"h1.h", to.content, 1007, false};
  auto writer = open_writer(store);
  std::ptrdiff_t readers = 0;
  for (std::uint32_t number = 0; number < 20; ++number) {
    UnitFacts facts = random.unit(number);
    facts.diagnostics.resize(1);  // one may point into a header from outside: that stays
    facts.diagnostics[0].fixes.clear();
    readers += std::count(facts.files.begin(), facts.files.end(), from);
    const SemanticUnit unit =
        unit_named("u" + std::to_string(number) + ".cpp",
                   number % 3 == 0 ? UnitState::kInferred : UnitState::kSemantic);
    REQUIRE(writer->put_unit(unit, facts));
    shift(facts, from, to);
    oracle.put(unit, facts);
  }
  REQUIRE(readers > 2);
  CHECK_FALSE(writer->move_source(source, target, shifted).operator*());  // not written yet
  REQUIRE(writer->commit());
  const auto moved = writer->move_source(source, target, shifted);
  REQUIRE(moved);
  CHECK(*moved);
  check_equal(store, oracle);
  CHECK_FALSE(*writer->move_source(source, target, shifted));  // it is there no more
  CHECK_FALSE(*writer->move_source(target, target, shifted));  // and that is a source already

  // Units that tell it anew in its new contents meet what was moved.
  writer.reset();
  writer = open_writer(store);
  for (std::uint32_t number = 0; number < 4; ++number) {
    UnitFacts facts = random.unit(number);
    facts.diagnostics.clear();
    shift(facts, from, to);
    const SemanticUnit unit = unit_named("u" + std::to_string(number) + ".cpp");
    REQUIRE(writer->put_unit(unit, facts));
    oracle.put(unit, facts);
  }
  REQUIRE(writer->commit());
  check_equal(store, oracle);
}

}  // namespace engram
