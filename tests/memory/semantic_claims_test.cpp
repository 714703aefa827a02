// Headers told once: a store that is given each view of a header by one unit answers like one that
// is given it by all, whatever then becomes of that unit.
#include <fmt/format.h>

#include <random>

#include "tests/memory/semantic_rig.h"

namespace engram {

namespace {

// A header as one unit reads it. Equal numbers: equal facts.
struct Reading {
  std::uint32_t header = 0, version = 0, context = 0;
  bool sound = true;  // others may rely on it
};

// What a unit reads; its facts follow from it.
struct UnitPlan {
  std::uint32_t number = 0, seed = 0;
  std::vector<Reading> readings;
  bool bodies_skipped = false;
};

ViewKey key_of(const Reading& r) {
  const Sha256 hash = sha256(fmt::format("{} {} {}", r.header, r.version, r.context));
  ViewKey key;
  std::copy_n(hash.bytes.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

using Held = std::set<ViewKey>;

// Facts with symbols by number, numbered by key in the end.
class FactsOf {
 public:
  // Views in `held` are left out, as a worker leaves them out.
  FactsOf(const UnitPlan& plan, const Held& held) {
    facts_.bodies_skipped = plan.bodies_skipped;
    file(fmt::format("/w/u{}.cpp", plan.number), plan.seed);
    tell(0, 1000 + plan.seed);
    for (const Reading& r : plan.readings) {
      const std::uint32_t number = file(fmt::format("/w/h{}.h", r.header), r.version);
      const bool elsewhere = r.sound && held.contains(key_of(r));
      const bool claimed = r.sound && !plan.bodies_skipped;
      facts_.views.push_back({number, key_of(r),
                              elsewhere ? ViewTold::kElsewhere
                              : claimed ? ViewTold::kHere
                                        : ViewTold::kHereUnclaimed});
      const std::uint32_t seed = r.header * 100 + r.version * 10 + r.context;
      if (!elsewhere) tell(number, seed);
      facts_.inclusions.push_back({number, 5, 9, kNoNumber, seed % 2 == 0});
      if (seed % 3 == 0) {  // where it was instantiated: each unit's own
        facts_.diagnostics.push_back(
            {DiagnosticLevel::kError, number, 9, 10, "no such member", "", {}});
        facts_.diagnostics.push_back({DiagnosticLevel::kNote, 0, 7, 8, "required here", "", {}});
      }
    }
    number_symbols();
  }
  UnitFacts take() { return std::move(facts_); }

 private:
  std::uint32_t file(const std::string& path, std::uint32_t version) {
    facts_.files.push_back({path, sha256(path + std::to_string(version)), 1000, false});
    return static_cast<std::uint32_t>(facts_.files.size() - 1);
  }

  void tell(std::uint32_t file, std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
    const auto symbol = [&] { return below(80); };
    for (std::uint32_t at = below(40); at < 900; at += 1 + below(60)) {
      const std::uint32_t container = below(3) == 0 ? kNoNumber : symbol();
      facts_.occurrences.push_back(
          {file, at, at + 3, symbol(), container, static_cast<std::uint16_t>(1u << below(14))});
    }
    for (int i = 0; i < 5; ++i) {
      facts_.links.push_back({symbol(), static_cast<RelationKind>(below(6)), symbol(), file});
    }
    facts_.extents.push_back({symbol(), file, 10, 500, 20, 490});
    facts_.inactive.push_back({file, 700, 800 + below(9)});
    if (seed % 2 == 0) {
      facts_.diagnostics.push_back({DiagnosticLevel::kWarning, file, 3, 4, "odd", "unused", {}});
      facts_.diagnostics.push_back({DiagnosticLevel::kNote, file, 5, 6, "see here", "", {}});
    }
  }

  void number_symbols() {
    std::map<SymbolKey, std::uint32_t> used;
    const auto use = [&](std::uint32_t n) {
      if (n == kNoNumber) return;
      SymbolKey key;
      const Sha256 hash = sha256(std::to_string(n));
      std::copy_n(hash.bytes.begin(), key.bytes.size(), key.bytes.begin());
      used.emplace(key, n);
    };
    for (const Occurrence& o : facts_.occurrences) use(o.symbol), use(o.container);
    for (const SymbolLink& l : facts_.links) use(l.from), use(l.to);
    for (const DefinitionExtent& e : facts_.extents) use(e.symbol);
    std::map<std::uint32_t, std::uint32_t> index{{kNoNumber, kNoNumber}};
    for (const auto& [key, n] : used) {
      index.emplace(n, static_cast<std::uint32_t>(facts_.symbols.size()));
      const std::string name = "name" + std::to_string(n);
      facts_.symbols.push_back({key, SymbolKind::kFunction, false, name, name, "", ""});
    }
    for (Occurrence& o : facts_.occurrences) {
      o.symbol = index.at(o.symbol);
      o.container = index.at(o.container);
    }
    for (SymbolLink& l : facts_.links) {
      l.from = index.at(l.from);
      l.to = index.at(l.to);
    }
    for (DefinitionExtent& e : facts_.extents) e.symbol = index.at(e.symbol);
    std::sort(facts_.links.begin(), facts_.links.end());
  }

  UnitFacts facts_;
};

class RandomPlans {
 public:
  explicit RandomPlans(std::uint64_t seed) : random_(seed) {}
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  UnitPlan plan(std::uint32_t number) {
    UnitPlan plan{number, below(3), {}, below(8) == 0};
    for (std::uint32_t h = 0; h < 5; ++h) {
      if (below(3) > 0) plan.readings.push_back({h, below(2), below(3), below(6) > 0});
    }
    return plan;
  }

 private:
  std::mt19937_64 random_;
};

SemanticUnit unit_named(std::uint32_t number, UnitState state) {
  SemanticUnit unit;
  unit.file = fmt::format("u{}.cpp", number);
  unit.command = sha256(unit.file);
  unit.state = state;
  return unit;
}

Held views_in(const UnitPlan& plan) {
  Held keys;
  for (const Reading& r : plan.readings) {
    if (r.sound && !plan.bodies_skipped) keys.insert(key_of(r));
  }
  return keys;
}

Held keys_of(const std::vector<HeldView>& views) {
  Held keys;
  for (const HeldView& view : views) keys.insert(view.key);
  return keys;
}

// Units come, change, crash and go; each relies on whatever the others hold.
class ClaimedStore {
 public:
  explicit ClaimedStore(std::uint64_t seed) : random_(seed) {}

  void step(SemanticWriter& writer) {
    const std::uint32_t number = random_.below(8);
    const SemanticUnit unit =
        unit_named(number, random_.below(3) == 0 ? UnitState::kInferred : UnitState::kSemantic);
    const std::uint32_t what = random_.below(8);
    if (what == 0) {
      REQUIRE(writer.drop_unit(unit.file, unit.command));
      held_.erase(number);
      oracle_.drop(unit.file);
    } else if (what == 1) {
      UnitFacts files;
      files.files = FactsOf({number, 0, {}, false}, {}).take().files;
      put(writer, number, unit_named(number, UnitState::kQuarantined), files, files, {});
    } else {
      const UnitPlan plan = random_.plan(number);
      const bool own_views_too = random_.below(2) == 0;
      Held held;
      for (const auto& [other, views] : held_) {
        if (other != number || own_views_too) held.insert(views.begin(), views.end());
      }
      UnitFacts facts = FactsOf(plan, held).take();
      Held relied_on = views_in(plan);
      for (const FileView& view : facts.views) {
        if (view.told == ViewTold::kElsewhere) relied_on.insert(view.key), ++relied_;
      }
      CHECK(*writer.has_views(facts));
      put(writer, number, unit, facts, FactsOf(plan, {}).take(), relied_on);
    }
  }

  void check(const TemporaryDirectory& store, SemanticWriter& writer) const {
    check_equal(store, oracle_);
    const KnownUnits known = writer.known();
    for (const KnownUnit& unit : known.units) {
      std::set<std::pair<std::string, Sha256>> others;
      for (const KnownUnit& other : known.units) {
        if (&other != &unit) others.emplace(other.unit.file, other.unit.command);
      }
      std::set<std::string> read;  // by the others
      for (const KnownUnit& other : known.units) {
        for (const std::uint32_t input : other.inputs) {
          if (&other != &unit) read.insert(known.sources[input].path);
        }
      }
      auto with_a_new_one = others;
      with_a_new_one.emplace("new.cpp", Sha256{});
      auto all = writer.views_without(with_a_new_one);
      REQUIRE(all);
      CHECK(keys_of(*all) == held_.at(static_cast<std::uint32_t>(unit.unit.file[1] - '0')));
      const auto views = writer.views_without(others);
      REQUIRE(views);
      std::erase_if(*all, [&](const HeldView& view) { return !read.contains(view.path); });
      CHECK(*views == *all);
    }
  }

  std::size_t relied() const { return relied_; }

 private:
  void put(SemanticWriter& writer, std::uint32_t number, const SemanticUnit& unit,
           const UnitFacts& told, const UnitFacts& all, const Held& views) {
    REQUIRE(writer.put_unit(unit, told));
    oracle_.put(unit, all);
    held_[number] = views;
  }

  RandomPlans random_;
  SemanticOracle oracle_{kSemanticWorkspace};
  std::map<std::uint32_t, Held> held_;  // told or relied on, by unit
  std::size_t relied_ = 0;
};

}  // namespace

TEST_CASE("semantic claims: nothing a unit relies on goes with the unit that told it",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  const auto seed = GENERATE(1u, 2u, 3u, 4u);
  ClaimedStore units(seed);
  RandomPlans random(seed + 100);
  for (int run = 0; run < 4; ++run) {
    const auto writer = open_writer(store);
    for (int step = 0; step < 12; ++step) {
      units.step(*writer);
      if (random.below(3) == 0) REQUIRE(writer->commit());
    }
    REQUIRE(writer->commit());
    units.check(store, *writer);
  }
  CHECK(units.relied() > 20);
}

TEST_CASE("semantic claims: the last unit that relies on a view takes it along",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  const UnitPlan one{1, 0, {{0, 0, 0}}, false}, two{2, 0, {{0, 0, 0}}, false};
  const auto writer = open_writer(store);
  REQUIRE(writer->put_unit(unit_named(1, UnitState::kInferred), FactsOf(one, {}).take()));
  const UnitFacts rest = FactsOf(two, views_in(one)).take();
  const SemanticUnit second = unit_named(2, UnitState::kSemantic);
  REQUIRE(writer->put_unit(second, rest));
  REQUIRE(writer->drop_unit("u1.cpp", unit_named(1, UnitState::kSemantic).command));
  REQUIRE(writer->commit());
  SemanticOracle oracle(kSemanticWorkspace);
  oracle.put(second, FactsOf(two, {}).take());
  check_equal(store, oracle);  // with the certainty of the unit that is left
  REQUIRE(writer->drop_unit("u2.cpp", second.command));
  REQUIRE(writer->commit());
  CHECK((*SemanticReader::open(store.path()))->counts()->sources == 0);
  CHECK_FALSE(*writer->has_views(rest));
}

TEST_CASE("semantic claims: a unit that relies on what nobody told is refused",
          "[memory][semantic]") {
  const TemporaryDirectory store;
  const UnitPlan one{1, 0, {{0, 0, 0}}, false}, other{2, 0, {{1, 0, 0}}, false};
  const auto writer = open_writer(store);
  REQUIRE(writer->put_unit(unit_named(1, UnitState::kSemantic), FactsOf(one, {}).take()));
  UnitFacts facts = FactsOf(other, views_in(other)).take();
  CHECK_FALSE(*writer->has_views(facts));
  facts.views[0].key = key_of(one.readings[0]);  // told, but of another header
  CHECK_FALSE(*writer->has_views(facts));
  const auto put = writer->put_unit(unit_named(2, UnitState::kSemantic), facts);
  REQUIRE_FALSE(put);
  CHECK(put.error().code == Errc::kCorrupt);
}

}  // namespace engram
