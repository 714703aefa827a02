#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "memory/semantic/source_codec.h"
#include "memory/semantic/symbol_block.h"
#include "tests/memory/semantic_oracle.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

constexpr const char* kWorkspace = "/w";

SymbolKey key_of(std::uint64_t n) {
  const Sha256 hash = sha256(std::to_string(n));
  SymbolKey key;
  std::copy_n(hash.bytes.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

SemanticUnit unit_named(const std::string& file, UnitState state = UnitState::kSemantic) {
  SemanticUnit unit;
  unit.file = file;
  unit.command = sha256("command of " + file);
  unit.state = state;
  return unit;
}

// Units that share headers and symbols, and tell of a header nearly but not quite the same.
class RandomUnits {
 public:
  explicit RandomUnits(std::uint64_t seed) : random_(seed) {}

  UnitFacts unit(std::uint32_t number) {
    UnitFacts facts;
    facts.files.push_back(file("/w/u" + std::to_string(number) + ".cpp", below(3)));
    for (std::uint32_t h = 0; h < 6; ++h) {
      if (below(3) > 0) facts.files.push_back(file("/w/h" + std::to_string(h) + ".h", below(2)));
    }
    if (below(2) == 0) facts.files.push_back(file("/usr/include/s.h", 0));
    std::map<SymbolKey, UnitSymbol> symbols;
    for (std::uint32_t i = 0; i < 60; ++i) {
      UnitSymbol s = symbol(below(200));
      symbols.emplace(s.key, s);
    }
    for (auto& [key, s] : symbols) facts.symbols.push_back(s);
    add_occurrences(facts);
    add_rest(facts);
    return facts;
  }

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

 private:
  static UnitFile file(const std::string& path, std::uint32_t version) {
    return {path, sha256(path + std::to_string(version)), 1000, path.starts_with("/usr")};
  }

  UnitSymbol symbol(std::uint32_t n) {
    UnitSymbol s;
    s.key = key_of(n);
    s.kind = n % 5 == 0 ? SymbolKind::kParameter : SymbolKind::kFunction;
    s.local = n % 5 == 0;
    s.name = "name" + std::to_string(n / 3);
    s.qualified_name = n % 2 == 0 ? "ns::" + s.name : "(anonymous)";
    if (below(2) == 0) s.signature = "void " + s.name + "()";
    return s;
  }

  // A place tells what stands there, so that units agree; now and then one does not.
  void add_occurrences(UnitFacts& facts) {
    const auto symbols = static_cast<std::uint32_t>(facts.symbols.size());
    for (std::uint32_t f = 0; f < facts.files.size(); ++f) {
      for (std::uint32_t at = 0; at < 900; at += 1 + below(40)) {
        Occurrence o;
        o.file = f;
        o.begin = at;
        o.end = at + below(3) * 4 + 1;
        o.symbol = (at * 7 + f) % symbols;
        o.container = below(4) == 0 ? kNoNumber : at / 200 % symbols;
        o.roles = static_cast<std::uint16_t>(1u << at % 14);
        facts.occurrences.push_back(o);
      }
    }
  }

  void add_rest(UnitFacts& facts) {
    const auto symbols = static_cast<std::uint32_t>(facts.symbols.size());
    const auto files = static_cast<std::uint32_t>(facts.files.size());
    std::set<SymbolLink> links;
    for (int i = 0; i < 40; ++i) {
      links.insert({below(symbols), static_cast<RelationKind>(below(6)), below(symbols)});
    }
    facts.links.assign(links.begin(), links.end());
    for (std::uint32_t f = 0; f < files; ++f) {
      facts.extents.push_back({below(symbols), f, 10, 500, 20, 500 - below(2)});
      facts.inclusions.push_back(
          {f, 5, 9, below(2) == 0 ? kNoNumber : below(files), below(2) == 0});
      facts.inactive.push_back({f, 700, 800 + below(2)});
    }
    facts.diagnostics = {
        {DiagnosticLevel::kError, below(files), 5, 6, "expected ';'", "", {{0, 6, 6, ";"}}},
        {DiagnosticLevel::kNote, 0, 7, 8, "to match this", "", {}},
        {DiagnosticLevel::kWarning, kNoNumber, 0, 0, "odd", "unused", {}}};
  }

  std::mt19937_64 random_;
};

std::unique_ptr<SemanticWriter> open_writer(const TemporaryDirectory& store) {
  auto writer = SemanticWriter::open(store.path(), kWorkspace);
  REQUIRE(writer);
  return std::move(*writer);
}

void check_equal(const TemporaryDirectory& store, const SemanticOracle& oracle) {
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

}  // namespace

TEST_CASE("semantic store: answers are the union of what the units now there told",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  const auto seed = GENERATE(1u, 2u, 3u);
  RandomUnits random(seed);
  SemanticOracle oracle(kWorkspace);
  for (int run = 0; run < 4; ++run) {
    auto writer = open_writer(store);
    for (int step = 0; step < 8; ++step) {
      const std::uint32_t number = random.below(10);
      const std::string file = "u" + std::to_string(number) + ".cpp";
      const SemanticUnit unit =
          unit_named(file, random.below(3) == 0 ? UnitState::kInferred : UnitState::kSemantic);
      if (random.below(4) == 0) {
        REQUIRE(writer->drop_unit(file, unit.command));
        oracle.drop(file);
      } else {
        const UnitFacts facts = random.unit(number);
        REQUIRE(writer->put_unit(unit, facts));
        oracle.put(unit, facts);
      }
      if (random.below(3) == 0) REQUIRE(writer->commit());
    }
    REQUIRE(writer->commit());
    check_equal(store, oracle);
  }
}

TEST_CASE("semantic store: one place, one symbol, one name", "[memory][semantic]") {
  const TemporaryDirectory store;
  UnitFacts facts;
  facts.files = {{"/w/a.cpp", sha256("a"), 100, false}};
  facts.symbols = {{key_of(1), SymbolKind::kFunction, false, "push", "ns::push", "void push()", ""},
                   {key_of(2), SymbolKind::kMethod, false, "push", "C::push", "", "Pushes."},
                   {key_of(3), SymbolKind::kParameter, true, "pushed", "pushed", "int", ""}};
  std::sort(facts.symbols.begin(), facts.symbols.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  const auto index_of = [&](std::uint64_t n) {
    std::uint32_t i = 0;
    while (facts.symbols[i].key != key_of(n)) ++i;
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
  const auto number = [&](std::uint64_t n) { return *reader.number_of(key_of(n)).operator*(); };

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
  CHECK(symbol->facts == facts.symbols[index_of(2)]);
  CHECK(reader.symbol(3).error().code == Errc::kCorrupt);
  CHECK_FALSE(*reader.number_of(key_of(4)));

  REQUIRE(writer->drop_unit("a.cpp", unit_named("a.cpp").command));
  REQUIRE(writer->commit());
  CHECK(reader.named("push")->empty());  // occurs nowhere any more
  CHECK(reader.counts()->sources == 0);
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
    facts.symbols = {{key_of(u), SymbolKind::kFunction, false, name, name, "", ""}};
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
          {key_of(1), SymbolKind::kFunction, false, "f", "f",
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

TEST_CASE("semantic store: a writer killed at any moment leaves the last commit whole",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  RandomUnits random(7);
  std::vector<UnitFacts> generations;
  for (int i = 0; i < 12; ++i) generations.push_back(random.unit(0));
  const pid_t child = ::fork();
  if (child == 0) {
    auto writer = SemanticWriter::open(store.path(), kWorkspace);
    for (unsigned round = 0; writer; ++round) {
      SemanticUnit unit = unit_named("u0.cpp");
      unit.errors = round % 12;
      if (!(*writer)->put_unit(unit, generations[round % 12]) || !(*writer)->commit()) break;
    }
    ::_exit(1);
  }
  REQUIRE(child > 0);
  // Until it has written: then it is in the middle of something.
  for (;;) {
    const auto reader = SemanticReader::open(store.path());
    if (reader && (*reader)->counts()->units > 0) break;
    ::usleep(1000);
  }
  REQUIRE(::kill(child, SIGKILL) == 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  {
    const auto reader = SemanticReader::open(store.path());
    REQUIRE(reader);
    const auto units = (*reader)->units();
    REQUIRE(units);
    REQUIRE(units->size() == 1);
    SemanticOracle oracle(kWorkspace);
    oracle.put(units->front(), generations[units->front().errors]);
    check_equal(store, oracle);
  }
  auto writer = open_writer(store);  // the lease is free again
  REQUIRE(writer->put_unit(unit_named("u0.cpp"), generations[0]));
  REQUIRE(writer->commit());
}

TEST_CASE("semantic store: one writer at a time; what is not committed is not there",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  CHECK(SemanticReader::open(store.path()).error().code == Errc::kNotFound);
  RandomUnits random(5);
  auto writer = open_writer(store);
  CHECK(SemanticWriter::open(store.path(), kWorkspace).error().code == Errc::kBusy);
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

TEST_CASE("semantic store: a damaged file never answers with something else",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  RandomUnits random(11);
  SemanticOracle oracle(kWorkspace);
  {
    auto writer = open_writer(store);
    for (std::uint32_t u = 0; u < 4; ++u) {
      const SemanticUnit unit = unit_named("u" + std::to_string(u) + ".cpp");
      const UnitFacts facts = random.unit(u);
      oracle.put(unit, facts);
      REQUIRE(writer->put_unit(unit, facts));
    }
    REQUIRE(writer->commit());
  }
  const auto file = store.path() / "semantic" / "semantic.db";
  std::ifstream in(file, std::ios::binary);
  const std::string sound((std::istreambuf_iterator<char>(in)), {});
  REQUIRE(sound.size() > 20000);
  const FactLines expected = oracle.facts();
  std::size_t refused = 0;
  for (int round = 0; round < 60; ++round) {
    std::string bytes = sound;
    for (int i = 0; i < 8; ++i) {
      bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] =
          static_cast<char>(random.below(256));
    }
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
    const auto reader = SemanticReader::open(store.path());
    if (!reader) {
      ++refused;
      continue;
    }
    for (const auto& [path, content] : oracle.sources()) {
      const auto facts = (*reader)->facts(path, content);
      if (!facts) {
        ++refused;
        continue;
      }
      if (!*facts) continue;
      for (const SemanticUse& use : (*facts)->uses) REQUIRE(use.end <= 1000);
    }
    for (SymbolNumber n = 0; n < 5; ++n) {
      static_cast<void>((*reader)->uses_of(n));
      static_cast<void>((*reader)->symbol(n));
      static_cast<void>((*reader)->links_to(n));
    }
    static_cast<void>((*reader)->named("name1"));
    static_cast<void>(SemanticWriter::open(store.path(), kWorkspace));
  }
  CHECK(refused > 0);
}

TEST_CASE("semantic store: a blob cut short or changed within is refused", "[memory][semantic]") {
  SourcePool pool;
  pool.uses = {
      {3, 10, 14, 5, kRoleCall}, {3, 20, 24, kNoNumber, kRoleRead}, {5, 1, 9, kNoNumber, 2}};
  pool.links = {{3, RelationKind::kCalls, 5}};
  pool.extents = {{5, 0, 90, 10, 90}};
  pool.inclusions = {{1, 4, 2, true}, {50, 60, kNoNumber, false}};
  pool.inactive = {{70, 80}};
  pool.normalize();
  const PoolRuns inferred{{1, 2}};
  const std::string blob = encode_pool(pool, inferred);
  const auto back = decode_pool(blob, {6, 100});
  REQUIRE(back);
  CHECK(back->pool == pool);
  CHECK(back->inferred == inferred);
  CHECK_FALSE(decode_pool(blob, {5, 100}));  // a symbol that was never given out
  CHECK_FALSE(decode_pool(blob, {6, 89}));   // an extent past the end
  CHECK_FALSE(decode_pool(blob, {6, 20}));   // uses past the end
  for (std::size_t size = 0; size < blob.size(); ++size) {
    CHECK_FALSE(decode_pool(std::string_view(blob).substr(0, size), {6, 100}));
  }
  const auto one = decode_uses_of(blob, {6, 100}, 3);
  REQUIRE(one);
  REQUIRE(one->size() == 2);
  CHECK((*one)[0].container == 5);
  CHECK((*one)[0].certainty == Certainty::kSemantic);
  CHECK((*one)[1].certainty == Certainty::kInferred);
}

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
  SemanticOracle oracle(kWorkspace);
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
