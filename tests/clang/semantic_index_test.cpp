// From a compile database to a store and back: what the workers told is what the store answers, and
// only what changed is parsed again.

#include <fmt/format.h>

#include <random>
#include <set>

#include "tests/clang/index_rig.h"
#include "tests/clang/worker_rig.h"
#include "tests/memory/semantic_oracle.h"

namespace engram {

namespace {

class Workspace {
 public:
  Workspace() {
    folder.write("include/shared.h",
                 "// Says it.\nint shared(int one);\n#define TWICE(x) ((x) * 2)\n");
    folder.write("include/other.h", "#pragma once\nstruct Other { int field = 0; };\n");
    folder.write("a.cpp", "#include <shared.h>\nint a() { return shared(TWICE(1)); }\n");
    folder.write("b.cpp",
                 "#include <other.h>\n#include <shared.h>\nint shared(int one) { return one; }\n"
                 "int b(Other o) { return shared(o.field); }\n");
    folder.write("c.cpp", "#include <other.h>\nint c(Other o) { return o.field; }\n");
    write_database({"a.cpp", "b.cpp", "c.cpp"});
  }

  void write_database(const std::vector<std::string>& files, const std::string& more = "") {
    std::string text;
    for (const std::string& file : files) {
      text += fmt::format(
          "{}{{\"directory\":\"{}\",\"file\":\"{}\",\"command\":\"g++ -std=c++17 "
          "-Iinclude {} -c {}\"}}",
          text.empty() ? "[" : ",", folder.path().string(), file, more, file);
    }
    folder.write("compile_commands.json", text + "]");
  }

  SemanticIndexReport index() { return index({}, false); }

  // `open` being open; with `alone` nothing else is read.
  SemanticIndexReport index(const std::vector<std::string>& open, bool alone) {
    SemanticIndexOptions options = index_options(folder.path(), store.path());
    options.on_progress = [this](const SemanticProgress& p) { progress = p; };
    options.open_files = [&] {
      std::vector<std::string> paths;
      for (const std::string& file : open) paths.push_back((folder.path() / file).string());
      return paths;
    };
    options.open_files_only = alone;
    SemanticIndexReport report = index_units_of(folder.path(), options);
    CHECK(progress.done == progress.total);
    return report;
  }

  void crash(const std::string& file) {
    folder.write(file, "#include <other.h>\n#include <shared.h>\n#pragma clang __debug crash\n");
  }

  std::unique_ptr<SemanticReader> reader() const {
    auto reader = SemanticReader::open(store.path());
    REQUIRE(reader);
    return std::move(*reader);
  }

  // Every unit once more, told to the oracle.
  SemanticOracle oracle() const {
    CompileCommandsOptions where;
    where.workspace = folder.path();
    const auto commands = CompileCommands::open(where);
    REQUIRE(commands);
    SemanticOracle oracle(folder.path().string());
    SemanticRunOptions run;
    run.root = folder.path().string();
    run.worker.program = ENGRAM_CLANG_WORKER;
    run.worker.background = false;
    run.jobs = 1;
    run.on_unit = [&](const CompileCommand& command, const UnitOutcome& outcome) {
      if (outcome.facts.files.empty()) return;
      SemanticUnit unit;
      unit.file = command.file;
      unit.state = outcome.facts.certainty == Certainty::kSemantic ? UnitState::kSemantic
                                                                   : UnitState::kInferred;
      oracle.put(unit, outcome.facts);
    };
    REQUIRE(run_units(**commands, run));
    return oracle;
  }

  void check_against_oracle() const {
    const SemanticOracle all = check_facts();
    CHECK(reader()->counts()->sources == all.sources().size());
  }

  // Sources of units without facts aside.
  SemanticOracle check_facts() const {
    SemanticOracle all = oracle();
    const auto open = reader();
    const FactLines expected = all.facts();
    CHECK(expected.size() > 5);
    CHECK(difference_of(expected, stored_facts(*open, all)) == "");
    CHECK(difference_of(lines_by_symbol(expected), stored_facts_by_symbol(*open, all)) == "");
    CHECK(open->counts()->occurrences == all.occurrences());
    return all;
  }

  TemporaryDirectory folder, store;
  SemanticProgress progress;
};

}  // namespace

TEST_CASE("semantic index: of an open header the likeliest unit is read before all others",
          "[clang]") {
  Workspace w;
  CHECK(w.index({"notes.txt"}, true).parsed == 0);
  CHECK(w.index({"include/other.h"}, true).parsed == 1);
  const auto units = w.reader()->units();
  REQUIRE(units);
  REQUIRE(units->size() == 1);
  CHECK(units->front().file == "b.cpp");  // a.cpp does not include it
  CHECK(w.index({"include/other.h"}, true).parsed == 0);
  CHECK(w.index({"include/other.h"}, false).parsed == 2);
}

TEST_CASE("index_units: the store answers exactly what the workers told", "[clang]") {
  Workspace w;
  const SemanticIndexReport report = w.index();
  CHECK(report.parsed == 3);
  w.check_against_oracle();
  const auto counts = w.reader()->counts();
  REQUIRE(counts);
  CHECK(counts->semantic == 3);
  CHECK(semantic_share(*counts) ==
        "100 % of translation units semantic (3 of 3, 0 inferred, 0 without)");
}

TEST_CASE("index_units: only units that read what changed are parsed again", "[clang]") {
  Workspace w;
  w.index();
  CHECK(w.index().parsed == 0);  // nothing changed
  w.folder.write("include/shared.h",
                 "// Says it.\n// More of it.\nint shared(int one);\n#define TWICE(x) ((x) * 2)\n");
  SemanticIndexReport report = w.index();
  CHECK(report.parsed == 2);  // a and b read it, c does not
  CHECK(report.unchanged == 1);
  w.check_against_oracle();
  w.folder.write("c.cpp", "#include <other.h>\nint c2(Other o) { return -o.field; }\n");
  CHECK(w.index().parsed == 1);
  w.check_against_oracle();
  w.write_database({"a.cpp", "b.cpp", "c.cpp"}, "-DX=1");  // other commands
  report = w.index();
  CHECK(report.parsed == 3);
  CHECK(report.dropped == 3);
  w.check_against_oracle();
  w.write_database({"a.cpp", "c.cpp"}, "-DX=1");
  report = w.index();
  CHECK(report.parsed == 0);
  CHECK(report.dropped == 1);
  w.check_against_oracle();
}

TEST_CASE("index_units: a unit that crashes is listed, and tried again only when it changed",
          "[clang]") {
  Workspace w;
  w.folder.write("crash.cpp", "#include <other.h>\n#pragma clang __debug crash\n");
  w.write_database({"a.cpp", "crash.cpp"});
  CHECK(w.index().parsed == 2);
  const auto units = w.reader()->units();
  REQUIRE(units);
  REQUIRE(units->size() == 2);
  CHECK((*units)[1].file == "crash.cpp");
  CHECK((*units)[1].state == UnitState::kQuarantined);
  CHECK((*units)[1].reason != "");
  CHECK(w.index().parsed == 0);
  w.folder.write("crash.cpp", "#include <other.h>\nint fine;\n");
  CHECK(w.index().parsed == 1);
  CHECK(w.reader()->counts()->semantic == 2);
}

TEST_CASE("index_units: a header stays whatever becomes of the unit that told it", "[clang]") {
  Workspace w;
  w.index();  // a tells shared.h, b other.h
  w.folder.write("a.cpp", "#include <shared.h>\nint a() { return shared(TWICE(2)) + 1; }\n");
  CHECK(w.index().parsed == 1);
  w.check_against_oracle();
  w.crash("a.cpp");
  CHECK(w.index().parsed == 1);
  CHECK(w.reader()->counts()->without_facts == 1);
  w.check_facts();
  w.crash("b.cpp");  // c is left, and has read other.h alone
  CHECK(w.index().parsed == 1);
  CHECK(w.check_facts().sources().size() == 2);
  w.write_database({"c.cpp"});
  CHECK(w.index().dropped == 2);
  w.check_against_oracle();
  w.folder.write("a.cpp", "#include <other.h>\nint a(Other& o) { return o.field; }\n");
  w.write_database({"a.cpp", "c.cpp"});
  CHECK(w.index().parsed == 1);
  w.write_database({"a.cpp"});  // which has told nothing of other.h itself
  CHECK(w.index().dropped == 1);
  w.check_against_oracle();
}

namespace {

// Headers that read differently by macros and by what was declared before, and units that read some
// of them, in any order; all of it drawn anew, piece by piece.
class RandomSources {
 public:
  RandomSources(Workspace& w, unsigned seed) : w_(w), random_(seed) {
    for (unsigned h = 0; h < kHeaders; ++h) write_header(h);
    for (unsigned u = 0; u < kUnits; ++u) write_unit(u);
    choose_units();
  }

  void edit() {
    const unsigned what = below(7);
    if (what == 0) return choose_units();
    if (what <= 2) return write_header(below(kHeaders));
    write_unit(below(kUnits));
  }

 private:
  static constexpr unsigned kHeaders = 5, kUnits = 5;
  unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }

  void write_header(unsigned h) {
    std::string text = h > 0 && below(2) == 0 ? fmt::format("#include <h{}.h>\n", below(h)) : "";
    text += fmt::format(
        "#ifdef WIDE\n#define NUMBER{0} long\n#else\n#define NUMBER{0} int\n#endif\n"
        "struct S{0} {{ NUMBER{0} value; int more(int) const; }};\n"
        "inline int f{0}(const S{0}& s) {{ int local = {1}; return s.more(local); }}\n"
        "template <class T> int t{0}(T x) {{ return over(x, {1}); }}\n",
        h, below(3));
    const bool guarded = below(4) > 0;  // else a line of its own stands before the guard
    w_.folder.write(fmt::format("include/h{}.h", h),
                    fmt::format("{}#ifndef H{}\n#define H{}\n{}#endif\n",
                                guarded ? "" : "int always();\n", h, h, text));
  }

  void write_unit(unsigned u) {
    std::string text, body;
    if (below(2) == 0) text += "#define WIDE\n";
    if (below(2) == 0) text += fmt::format("int over({}, int);\n", below(2) == 0 ? "int" : "long");
    for (unsigned i = 0; i < 4; ++i) {
      const unsigned h = below(kHeaders);
      text += fmt::format("#include <h{}.h>\n", h);
      body += fmt::format("  sum += f{0}(S{0}{{}});\n", h);
    }
    if (below(6) == 0) body += "#pragma clang __debug crash\n";
    if (below(6) == 0) body += "  sum += wrong;\n";
    w_.folder.write(fmt::format("u{}.cpp", u),
                    fmt::format("{}int u{}() {{\n  int sum = {};\n{}  return sum;\n}}\n", text, u,
                                below(9), body));
  }

  void choose_units() {
    std::vector<std::string> files{"u0.cpp"};
    for (unsigned u = 1; u < kUnits; ++u) {
      if (below(4) > 0) files.push_back(fmt::format("u{}.cpp", u));
    }
    w_.write_database(files, below(3) == 0 ? "-DX" : "");
  }

  Workspace& w_;
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("index_units: after any edits the store is what units tell without claims", "[clang]") {
  Workspace w;
  RandomSources sources(w, 20261128);
  for (int round = 0; round < 8; ++round) {
    INFO("round " << round);
    w.index();
    w.check_facts();
    for (int i = 0; i < 2; ++i) sources.edit();
  }
}

TEST_CASE("index_units: a unit that missed a header is parsed again once it is there", "[clang]") {
  Workspace w;
  w.folder.write("a.cpp", "#include <generated/late.h>\nint a() { return late(); }\n");
  w.index();
  CHECK(w.reader()->counts()->inferred == 1);
  CHECK(w.index().parsed == 0);
  w.folder.write("include/generated/late.h", "int late();\n");
  CHECK(w.index().parsed == 1);
  CHECK(w.reader()->counts()->semantic == 3);
  w.check_against_oracle();
}

TEST_CASE("index_units: a damaged store is built anew, and said so", "[clang]") {
  Workspace w;
  w.index();
  w.store.write("semantic/semantic.db", "this is no database");
  const SemanticIndexReport report = w.index();
  CHECK(report.parsed == 3);
  REQUIRE(report.notes.size() == 1);
  CHECK(report.notes[0].starts_with("semantic facts were built anew: "));
  w.check_against_oracle();
}

}  // namespace engram
