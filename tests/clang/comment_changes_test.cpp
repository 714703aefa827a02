// A comment in a header that everything includes: one unit is parsed, and the store answers what
// parsing all of them would tell.
#include <fmt/format.h>

#include "indexer/pipeline.h"
#include "tests/clang/index_rig.h"
#include "tests/clang/worker_rig.h"
#include "tests/memory/semantic_oracle.h"

namespace engram {

namespace {

constexpr int kUnits = 8;

constexpr const char* kCore = R"(#pragma once
// The base.
struct Base {
  virtual ~Base();
  virtual int value() const = 0;  // of it
  int field = 3;
};
#define TWICE(x) ((x) * 2) /* twice */
enum class Kind { kOne, kTwo };
#if 0
int left_out();  // it's not read
#endif
inline Base* global = nullptr;
)";

class CoreHeader {
 public:
  CoreHeader() {
    folder.write("core.h", kCore);
    std::string database;
    for (int i = 0; i < kUnits; ++i) {
      const std::string file = fmt::format("u{}.cpp", i);
      folder.write(file, fmt::format("#include \"core.h\"\n"
                                     "struct D{0} : Base {{ int value() const override; }};\n"
                                     "int D{0}::value() const {{ return TWICE(field) + {0}; }}\n",
                                     i));
      database += fmt::format(
          "{}{{\"directory\":\"{}\",\"file\":\"{}\",\"command\":\"g++ -std=c++17 -nostdinc -c "
          "{}\"}}",
          i == 0 ? "[" : ",", folder.path().string(), file, file);
    }
    folder.write("compile_commands.json", database + "]");
  }

  std::unique_ptr<CompileCommands> commands() const {
    CompileCommandsOptions where;
    where.workspace = folder.path();
    auto commands = CompileCommands::open(where);
    REQUIRE(commands);
    return std::move(*commands);
  }

  SemanticIndexReport index(const OpenFiles& open = {}) {
    SemanticIndexOptions options = index_options(folder.path(), store.path());
    options.open_files = open;
    return index_units_of(folder.path(), options);
  }

  void remember() { REQUIRE(index_workspace(folder.path(), store.path(), {})); }

  void save(const std::string& file) {
    REQUIRE(update_files(folder.path(), store.path(), {file}, {}));
  }

  void check_against_all_units() const {
    SemanticOracle all(folder.path().string());
    SemanticRunOptions run;
    run.root = folder.path().string();
    run.worker.program = ENGRAM_CLANG_WORKER;
    run.worker.background = false;
    run.jobs = 1;
    run.on_unit = [&](const CompileCommand& command, const UnitOutcome& outcome) {
      SemanticUnit unit;
      unit.file = command.file;
      all.put(unit, outcome.facts);
    };
    REQUIRE(run_units(*commands(), run));
    const auto reader = SemanticReader::open(store.path());
    REQUIRE(reader);
    const FactLines expected = all.facts();
    CHECK(expected.size() > 100);
    CHECK(difference_of(expected, stored_facts(**reader, all)) == "");
    CHECK(difference_of(lines_by_symbol(expected), stored_facts_by_symbol(**reader, all)) == "");
  }

  std::string comment_of(const std::string& name) const {
    const auto reader = SemanticReader::open(store.path());
    REQUIRE(reader);
    const auto numbers = (*reader)->named(name);
    REQUIRE(numbers);
    REQUIRE(numbers->size() == 1);
    return (*reader)->symbol((*numbers)[0])->facts.doc;
  }

  TemporaryDirectory folder, store;
};

std::string with(std::string text, std::string_view what, std::string_view instead) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), instead);
}

}  // namespace

TEST_CASE("comment changes: one unit is parsed, and nothing is lost or left where it was",
          "[clang]") {
  CoreHeader w;
  w.remember();
  CHECK(w.index().parsed == kUnits);
  const std::string licence = with(kCore, "// The base.", "/* Two\n * lines. */\n// The new base.");
  w.folder.write("core.h", with(licence, "  // of it", "\n\n  // of it, too\n"));
  w.save("core.h");  // the syntax tier reads it first, as the language server's does
  CHECK(w.index().parsed == 1);
  w.check_against_all_units();
  CHECK(w.comment_of("Base").ends_with("The new base."));
  CHECK(w.index().parsed == 0);

  // And back, while the file of another unit is open: that is the one.
  w.folder.write("core.h", kCore);
  const std::string open = w.folder.path().string() + "/u5.cpp";
  CHECK(w.index([&] { return std::vector<std::string>{open}; }).parsed == 1);
  w.check_against_all_units();
}

TEST_CASE("comment changes: more than comments, or what nobody remembers, is parsed as ever",
          "[clang]") {
  CoreHeader w;
  w.remember();
  w.index();
  w.folder.write("core.h", with(kCore, "field = 3", "field = 4"));
  CHECK(w.index().parsed == kUnits);
  w.check_against_all_units();
  // The store never saw those contents: there is nothing to compare with.
  w.folder.write("core.h", with(kCore, "field = 3", "field = 4 /* four */"));
  CHECK(w.index().parsed == kUnits);
  w.check_against_all_units();
}

}  // namespace engram
