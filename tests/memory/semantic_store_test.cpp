#include <sqlite3.h>
#include <sys/resource.h>

#include "tests/memory/random_units.h"
#include "tests/memory/semantic_rig.h"

namespace engram {

TEST_CASE("semantic store: answers are the union of what the units now there told",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  const auto seed = GENERATE(1u, 2u, 3u);
  RandomUnits random(seed);
  SemanticOracle oracle(kSemanticWorkspace);
  for (int run = 0; run < 4; ++run) {
    change_at_random(*open_writer(store), oracle, random, 10, 8);
    check_equal(store, oracle);
  }
}

TEST_CASE("semantic store: one place, one symbol, one name", "[memory][semantic]") {
  const TemporaryDirectory store;
  UnitFacts facts;
  facts.files = {{"/w/a.cpp", sha256("a"), 100, false}};
  facts.symbols = {
      {symbol_key_of(1), SymbolKind::kFunction, false, "push", "ns::push", "void push()", ""},
      {symbol_key_of(2), SymbolKind::kMethod, false, "push", "C::push", "", "Pushes."},
      {symbol_key_of(3), SymbolKind::kParameter, true, "pushed", "pushed", "int", ""}};
  std::sort(facts.symbols.begin(), facts.symbols.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  const auto index_of = [&](std::uint64_t n) {
    std::uint32_t i = 0;
    while (facts.symbols[i].key != symbol_key_of(n)) ++i;
    return i;
  };
  facts.occurrences = {{0, 10, 14, index_of(1), kNoNumber, kRoleDefinition},
                       {0, 20, 26, index_of(3), index_of(1), kRoleReference | kRoleRead},
                       {0, 20, 30, index_of(2), index_of(1), kRoleReference | kRoleCall}};
  auto writer = open_writer(store);
  REQUIRE(writer->put_unit(unit_named("a.cpp"), facts));
  REQUIRE(writer->commit());
  const auto opened = SemanticReader::open(store.path());
  REQUIRE(opened);
  SemanticReader& reader = **opened;
  const auto number = [&](std::uint64_t n) {
    return *reader.number_of(symbol_key_of(n)).operator*();
  };

  const auto at = reader.uses_at("a.cpp", sha256("a"), 22);
  REQUIRE(at);
  REQUIRE(at->size() == 2);
  CHECK((*at)[0].symbol == number(3));  // the shorter name first
  CHECK((*at)[0].container == number(1));
  CHECK((*at)[1].symbol == number(2));
  CHECK(reader.uses_at("a.cpp", sha256("a"), 14)->size() == 1);  // just behind a name
  CHECK(reader.uses_at("a.cpp", sha256("a"), 15)->empty());
  CHECK(reader.uses_at("a.cpp", sha256("other"), 22)->empty());  // other contents
  CHECK(reader.uses_at("b.cpp", sha256("a"), 22)->empty());

  const auto calls = reader.uses_of(number(2), kRoleCall);
  REQUIRE(calls);
  REQUIRE(calls->size() == 1);
  CHECK(calls->front().source == SemanticSource{"a.cpp", sha256("a"), 100, false});
  CHECK(reader.uses_of(number(2), kRoleDefinition)->empty());

  const auto named = reader.named("push");
  REQUIRE(named);
  CHECK(std::set<SymbolNumber>(named->begin(), named->end()) ==
        std::set<SymbolNumber>{number(1), number(2)});
  CHECK(reader.named("pushed")->empty());  // local
  CHECK(reader.named("pus")->empty());
  std::map<std::string, std::uint32_t> names;
  REQUIRE(reader.scan_names("pu", [&](std::string_view name, std::uint32_t kinds) {
    names[std::string(name)] = kinds;
    return true;
  }));
  CHECK(names == std::map<std::string, std::uint32_t>{
                     {"push", 1u << static_cast<int>(SymbolKind::kFunction) |
                                  1u << static_cast<int>(SymbolKind::kMethod)}});
  const auto symbol = reader.symbol(number(2));
  REQUIRE(symbol);
  UnitSymbol told = facts.symbols[index_of(2)];
  std::fill(told.key.bytes.begin() + 8, told.key.bytes.end(), std::uint8_t{0});  // half is kept
  CHECK(symbol->facts == told);
  CHECK(reader.symbol(3).error().code == Errc::kCorrupt);
  CHECK_FALSE(*reader.number_of(symbol_key_of(4)));

  REQUIRE(writer->drop_unit("a.cpp", unit_named("a.cpp").command));
  REQUIRE(writer->commit());
  CHECK(reader.named("push")->empty());  // occurs nowhere any more
  CHECK(reader.counts()->sources == 0);
}

TEST_CASE("semantic store: two symbols whose keys agree in what is kept are one",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  UnitFacts facts;
  facts.files = {{"/w/a.cpp", sha256("a"), 100, false}};
  UnitSymbol one{symbol_key_of(1), SymbolKind::kFunction, false, "one", "one", "", ""};
  UnitSymbol other = one;
  other.key.bytes.back() ^= 1;
  facts.symbols = {std::min(one, other, [](auto& a, auto& b) { return a.key < b.key; }),
                   std::max(one, other, [](auto& a, auto& b) { return a.key < b.key; })};
  facts.occurrences = {{0, 10, 13, 0, kNoNumber, kRoleDefinition},
                       {0, 10, 13, 1, kNoNumber, kRoleDefinition},
                       {0, 20, 23, 1, 0, kRoleReference}};
  for (int run = 0; run < 2; ++run) {  // among those of a run, and against what is stored
    auto writer = open_writer(store);
    REQUIRE(writer->put_unit(unit_named("a.cpp"), facts));
    REQUIRE(writer->commit());
    const auto reader = SemanticReader::open(store.path());
    REQUIRE(reader);
    CHECK((*reader)->counts()->symbols == 1);
    CHECK((*reader)->counts()->occurrences == 2);
    const auto number = (*reader)->number_of(other.key, "one");
    REQUIRE(number);
    CHECK(*number == SymbolNumber{0});
    CHECK((*reader)->named("one").operator*() == std::vector<SymbolNumber>{0});
  }
}

TEST_CASE("semantic store: members are told as links and as declarations, locals only as these",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  UnitFacts facts;
  facts.files = {{"/w/a.h", sha256("a"), 100, false}};
  for (std::uint64_t n = 0; n < 6; ++n) {
    const std::string name = "s" + std::to_string(n);
    facts.symbols.push_back(
        {symbol_key_of(n), SymbolKind::kMethod, n == 4, name, "C::" + name, "", ""});
  }
  std::sort(facts.symbols.begin(), facts.symbols.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  // 0 is the class, 4 a local of the member 3, 5 a member that is declared elsewhere.
  for (std::uint32_t s = 0; s < 5; ++s) {
    const std::uint32_t container = s == 0 ? kNoNumber : s == 4 ? 3 : 0;
    facts.occurrences.push_back({0, 10 * s, 10 * s + 2, s, container, kRoleDeclaration});
  }
  for (const std::uint32_t member : {1u, 2u, 3u, 5u}) {
    facts.links.push_back({member, RelationKind::kMemberOf, 0, 0});
  }
  auto writer = open_writer(store);
  REQUIRE(writer->put_unit(unit_named("a.h"), facts));
  REQUIRE(writer->commit());
  SemanticOracle oracle(kSemanticWorkspace);
  oracle.put(unit_named("a.h"), facts);
  check_equal(store, oracle);
}

TEST_CASE("semantic store: a source with the largest number there can be costs no memory",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  RandomUnits random(3);
  const UnitFacts facts = random.unit(0);
  {
    auto writer = open_writer(store);
    REQUIRE(writer->put_unit(unit_named("u0.cpp"), facts));
    REQUIRE(writer->commit());
  }
  {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open((store.path() / "semantic/semantic.db").c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db,
                         "INSERT INTO sources SELECT 4294967290, 'far.h', sha256, 1, 0, 0 FROM "
                         "sources LIMIT 1; UPDATE meta SET value = '4294967291' WHERE key = "
                         "'next_source'",
                         nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
  }
  rusage before{}, after{};
  REQUIRE(getrusage(RUSAGE_SELF, &before) == 0);
  auto writer = open_writer(store);
  CHECK(writer->known().sources.size() == facts.files.size() + 1);
  CHECK(writer->views_without({{"u0.cpp", unit_named("u0.cpp").command}}));
  REQUIRE(getrusage(RUSAGE_SELF, &after) == 0);
  CHECK(after.ru_maxrss - before.ru_maxrss < 100'000);  // KB
}

TEST_CASE("semantic store: names by prefix come in order from many small commits",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  std::set<std::string> expected;
  auto writer = open_writer(store);
  for (std::uint32_t u = 0; u < 40; ++u) {
    UnitFacts facts;
    facts.files = {{"/w/u" + std::to_string(u), sha256(std::to_string(u)), 10, false}};
    const std::string name = (u % 3 == 0 ? "get" : "set") + std::to_string(u * 7919 % 100);
    facts.symbols = {{symbol_key_of(u), SymbolKind::kFunction, false, name, name, "", ""}};
    facts.occurrences = {{0, 0, 1, 0, kNoNumber, kRoleDefinition}};
    REQUIRE(writer->put_unit(unit_named("u" + std::to_string(u)), facts));
    REQUIRE(writer->commit());
    if (name.starts_with("get")) expected.insert(name);
  }
  const auto reader = SemanticReader::open(store.path());
  REQUIRE(reader);
  std::vector<std::string> found;
  REQUIRE((*reader)->scan_names("get", [&](std::string_view name, std::uint32_t) {
    found.emplace_back(name);
    return true;
  }));
  CHECK(found == std::vector<std::string>(expected.begin(), expected.end()));
  found.clear();
  REQUIRE((*reader)->scan_names("", [&](std::string_view name, std::uint32_t) {
    found.emplace_back(name);
    return found.size() < 3;
  }));
  CHECK(found.size() == 3);
}

TEST_CASE("semantic store: a unit without facts keeps its reason and its inputs",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  {
    auto writer = open_writer(store);
    SemanticUnit unit = unit_named("/w/bad.cpp", UnitState::kQuarantined);
    unit.reason = "it crashed";
    UnitFacts facts;
    facts.files = {{"/w/bad.cpp", sha256("bad"), 3, false}};
    REQUIRE(writer->put_unit(unit, facts));
    REQUIRE(writer->commit());
  }
  const KnownUnits known = open_writer(store)->known();
  REQUIRE(known.units.size() == 1);
  CHECK(known.units[0].unit.file == "bad.cpp");
  CHECK(known.units[0].unit.state == UnitState::kQuarantined);
  CHECK(known.units[0].unit.reason == "it crashed");
  REQUIRE(known.units[0].inputs.size() == 1);
  CHECK(known.sources[known.units[0].inputs[0]].content == sha256("bad"));
  const auto reader = SemanticReader::open(store.path());
  REQUIRE(reader);
  CHECK((*reader)->counts()->without_facts == 1);
  CHECK(*(*reader)->units_reading("bad.cpp") == std::vector<std::string>{"bad.cpp"});
}

TEST_CASE("semantic store: what symbols say does not depend on the order of units",
          "[memory][semantic]") {
  const auto told = [](std::vector<int> order) {
    const TemporaryDirectory store;
    auto writer = open_writer(store);
    for (const int u : order) {
      UnitFacts facts;
      facts.files = {{"/w/u" + std::to_string(u), sha256(std::to_string(u)), 10, false}};
      facts.symbols = {
          {symbol_key_of(1), SymbolKind::kFunction, false, "f", "f",
           u == 1 ? "" : "int f(int " + std::string(1, static_cast<char>('a' + u)) + ")",
           u == 2 ? "Says f." : ""}};
      REQUIRE(writer->put_unit(unit_named("u" + std::to_string(u)), facts));
    }
    REQUIRE(writer->commit());
    const auto reader = SemanticReader::open(store.path());
    REQUIRE(reader);
    const auto symbol = (*reader)->symbol(0);
    REQUIRE(symbol);
    return symbol->facts;
  };
  const UnitSymbol one = told({0, 1, 2});
  CHECK(one.signature == "int f(int a)");
  CHECK(one.doc == "Says f.");
  CHECK(told({2, 1, 0}) == one);
  CHECK(told({1, 2, 0}) == one);
}

TEST_CASE("semantic store: one writer at a time; what is not committed is not there",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  CHECK(SemanticReader::open(store.path()).error().code == Errc::kNotFound);
  RandomUnits random(5);
  auto writer = open_writer(store);
  CHECK(SemanticWriter::open(store.path(), kSemanticWorkspace).error().code == Errc::kBusy);
  CHECK(discard_semantic_store(store.path()).error().code == Errc::kBusy);
  REQUIRE(writer->put_unit(unit_named("u1.cpp"), random.unit(1)));
  const auto reader = SemanticReader::open(store.path());
  REQUIRE(reader);
  CHECK((*reader)->counts()->units == 0);
  writer.reset();
  CHECK(open_writer(store)->known().units.empty());
  REQUIRE(discard_semantic_store(store.path()));
  CHECK(SemanticReader::open(store.path()).error().code == Errc::kNotFound);
}

}  // namespace engram
