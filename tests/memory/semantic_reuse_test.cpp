// Numbers of symbols that nothing mentions any more go to new symbols, and nobody notices.
#include "memory/semantic/semantic_schema.h"
#include "memory/sqlite.h"
#include "tests/memory/random_units.h"
#include "tests/memory/semantic_rig.h"

namespace engram {

namespace {

using namespace std::string_literals;

SemanticCounts counts_of(const TemporaryDirectory& store) {
  const auto reader = SemanticReader::open(store.path());
  REQUIRE(reader);
  const auto counts = (*reader)->counts();
  REQUIRE(counts);
  return *counts;
}

// A header of `n` macros, locals and nameless things, all of them named by where they stand.
UnitFacts header_of(std::uint32_t n, std::uint32_t version) {
  UnitFacts facts;
  facts.files = {{"/w/a.h", sha256("a" + std::to_string(version)), 20 * n, false}};
  for (std::uint32_t i = 0; i < n; ++i) {
    UnitSymbol s{symbol_key_of(std::uint64_t{version} * n + i),
                 SymbolKind::kMacro,
                 i % 3 == 1,
                 "",
                 "",
                 "",
                 ""};
    if (i % 3 != 2) s.name = s.qualified_name = "NAME" + std::to_string(i);
    facts.symbols.push_back(s);
  }
  std::sort(facts.symbols.begin(), facts.symbols.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  for (std::uint32_t i = 0; i < n; ++i) {
    facts.occurrences.push_back({0, 20 * i, 20 * i + 9, i, kNoNumber, kRoleDefinition});
  }
  return facts;
}

}  // namespace

TEST_CASE("semantic store: with numbers used again it is what units told", "[memory][semantic]") {
  const TemporaryDirectory store;
  RandomUnits random(GENERATE(1u, 2u, 3u, 4u));
  random.keys_a_symbol = 6;
  SemanticOracle oracle(kSemanticWorkspace);
  for (int run = 0; run < 12; ++run) {
    change_at_random(*open_writer(store, {.sweep_after = 0}), oracle, random, 6, 6);
    check_equal(store, oracle);
    const auto reader = SemanticReader::open(store.path());
    for (std::uint32_t n = 0; n < 70; ++n) {  // by name: those and no others
      const std::string name = "name" + std::to_string(n);
      const auto named = (*reader)->named(name);
      REQUIRE(named);
      for (const SymbolNumber symbol : *named) CHECK((*reader)->symbol(symbol)->facts.name == name);
    }
  }
}

TEST_CASE("semantic store: a header saved again and again does not make it grow",
          "[memory][semantic]") {
  constexpr std::uint32_t kSymbols = 600;
  const TemporaryDirectory store;
  std::uint64_t bytes = 0;
  for (std::uint32_t save = 0; save < 40; ++save) {
    auto writer = open_writer(store, {.sweep_after = kSymbols});
    REQUIRE(writer->put_unit(unit_named("a.cpp"), header_of(kSymbols, save)));
    REQUIRE(writer->commit());
    writer.reset();
    const SemanticCounts counts = counts_of(store);
    CHECK(counts.symbols <= 4 * kSymbols);
    if (save == 10) bytes = counts.bytes;
    if (save > 10) CHECK(counts.bytes <= bytes + bytes / 4);
  }
  const auto reader = SemanticReader::open(store.path());
  REQUIRE(reader);
  CHECK((*reader)->named("NAME0")->size() == 1);
  CHECK((*reader)->named("NAME1")->empty());  // a local
}

TEST_CASE("semantic store: damaged lists of unused numbers are refused", "[memory][semantic]") {
  const TemporaryDirectory store;
  {
    auto writer = open_writer(store);
    REQUIRE(writer->put_unit(unit_named("a.cpp"), header_of(10, 0)));
    REQUIRE(writer->commit());
  }
  const auto change = [&](const std::string& sql) {
    auto db = open_database_for_writing(semantic_directory(store.path()), kSemanticSchema);
    REQUIRE(db);
    REQUIRE((*db)->execute(sql.c_str()));
  };
  const std::string none = "x'" + std::string(64, '0') + "'";
  const std::string last = "x'" + std::string(62, '0') + "80'";
  for (const std::string& row :
       {"0, x'01', x'00'"s, "0, " + none + ", " + none, "0, " + none + ", " + last,
        "1, " + last + ", " + none, "-1, " + last + ", " + none,
        "9223372036854775807, " + last + ", " + none}) {
    change("INSERT INTO free_symbols VALUES(" + row + ")");
    const auto writer = SemanticWriter::open(store.path(), kSemanticWorkspace);
    REQUIRE_FALSE(writer);
    CHECK(writer.error().code == Errc::kCorrupt);
    change("DELETE FROM free_symbols");
  }
  CHECK(SemanticWriter::open(store.path(), kSemanticWorkspace));
}

}  // namespace engram
