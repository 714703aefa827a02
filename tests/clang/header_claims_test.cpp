// Each header once, and nothing lost by it: what units tell together is what they tell when each
// tells all it read and nothing is left out.
#include "indexer/semantic/header_claims.h"

#include <algorithm>
#include <cstdlib>

#include "indexer/commands/compile_commands.h"
#include "indexer/semantic/worker_pool.h"
#include "tests/clang/told_facts.h"
#include "tests/clang/worker_rig.h"

namespace engram {

namespace {

// Units of one folder, one after the other, through one worker.
class Units {
 public:
  explicit Units(const std::filesystem::path& folder) : folder_(folder) {
    auto worker = WorkerProcess::start(worker_options(folder));
    REQUIRE(worker);
    worker_ = std::move(*worker);
  }

  UnitFacts once(const std::string& file, const std::vector<std::string>& more = {"-nostdinc"}) {
    UnitRequest request = unit_request(folder_, file, more);
    request.each_header_once = true;
    request.newly_held = claims_.after(sent_);
    sent_ += request.newly_held.size();
    UnitFacts facts = ask(request);
    CHECK(claims_.cover(facts));
    claims_.take(HeaderClaims::told_by(facts));
    once_.add(facts);
    full_.add(ask(unit_request(folder_, file, more)));
    return facts;
  }
  std::string lost() const { return once_.lost_of(full_); }

 private:
  UnitFacts ask(const UnitRequest& request) {
    auto reply = worker_->ask(request);
    INFO((reply ? reply->failure : reply.error().message));
    REQUIRE(reply);
    REQUIRE(reply->failure.empty());
    return std::move(reply->facts);
  }

  std::filesystem::path folder_;
  std::unique_ptr<WorkerProcess> worker_;
  HeaderClaims claims_;
  std::size_t sent_ = 0;
  ToldFacts once_, full_;
};

std::vector<ViewTold> told(const UnitFacts& facts, const std::string& name) {
  std::vector<ViewTold> all;
  for (const FileView& view : facts.views) {
    if (facts.files[view.file].path.ends_with("/" + name)) all.push_back(view.told);
  }
  return all;
}

std::size_t occurrences_in(const UnitFacts& facts, const std::string& name) {
  return static_cast<std::size_t>(std::count_if(
      facts.occurrences.begin(), facts.occurrences.end(),
      [&](const Occurrence& o) { return facts.files[o.file].path.ends_with("/" + name); }));
}

bool mentions(const UnitFacts& facts, const std::string& file, const std::string& symbol) {
  return std::any_of(facts.occurrences.begin(), facts.occurrences.end(), [&](const auto& o) {
    return facts.files[o.file].path.ends_with("/" + file) &&
           facts.symbols[o.symbol].qualified_name == symbol;
  });
}

using Told = std::vector<ViewTold>;
const Told kTold{ViewTold::kHere}, kHeld{ViewTold::kElsewhere};

}  // namespace

TEST_CASE("header claims: the second unit tells its own text and what it uses", "[clang]") {
  TemporaryDirectory folder;
  folder.write("deep.h", "#pragma once\n#define LIMIT 3\n");
  folder.write("a.h",
               "#ifndef A\n#define A\n#include \"deep.h\"\n// Counts.\nint count(int n);\n"
               "inline int twice(int n) { int local = n; return local + n + LIMIT; }\n"
               "int unused();\n#endif\n");
  folder.write("one.cpp", "#include \"a.h\"\nint one = count(1);\n");
  folder.write("two.cpp",
               "#include \"deep.h\"\n#include \"a.h\"\n#include \"a.h\"\nint two = count(2);\n");
  Units units(folder.path());
  CHECK(told(units.once("one.cpp"), "a.h") == kTold);
  const UnitFacts two = units.once("two.cpp");
  CHECK(told(two, "a.h") == kHeld);
  CHECK(told(two, "deep.h") == kHeld);
  CHECK(occurrences_in(two, "a.h") == 0);
  CHECK(two.extents.size() == 1);
  CHECK(two.inclusions.size() == 4);
  REQUIRE(two.symbols.size() == 2);
  const bool first = two.symbols[0].name == "count";
  CHECK(two.symbols[first ? 0 : 1].doc == "Counts.");
  CHECK(two.symbols[first ? 0 : 1].signature == "int count(int n)");
  CHECK(units.lost() == "");
}

TEST_CASE("header claims: every view is told of a header that reads differently", "[clang]") {
  TemporaryDirectory folder;
  folder.write("list.def", "X(red)\nX(green)\n#undef X\n");
  folder.write("colors.h",
               "enum color {\n#define X(n) c_##n,\n#include \"list.def\"\n};\n"
               "inline int f(color c) { int sum = 0;\n#define X(n) sum += c == c_##n;\n"
               "#include \"list.def\"\nreturn sum; }\n");
  folder.write("mode.h",
               "#ifdef WIDE\ntypedef long number;\n#else\ntypedef int number;\n#endif\n"
               "inline number id(number n) { return n; }\n");
  folder.write(
      "outer.h",
      "#pragma once\n#include \"mode.h\"\ninline number again(number n) { return id(n); }\n");
  folder.write("one.cpp", "#include \"colors.h\"\n#include \"outer.h\"\n");
  folder.write("two.cpp", "#define WIDE\n#include \"outer.h\"\n#include \"colors.h\"\n");
  folder.write("three.cpp",
               "#define X(n) int v_##n;\n#include \"list.def\"\n#include \"outer.h\"\n");
  Units units(folder.path());
  CHECK(told(units.once("one.cpp"), "list.def") == kTold);  // one view of both readings
  const UnitFacts two = units.once("two.cpp");
  CHECK(told(two, "list.def") == kHeld);
  CHECK(told(two, "colors.h") == kHeld);
  CHECK(told(two, "mode.h") == kTold);   // another macro
  CHECK(told(two, "outer.h") == kTold);  // another mode.h
  CHECK(mentions(two, "mode.h", "id"));  // predicted to be held, then read again with its body
  CHECK(mentions(two, "mode.h", "n"));
  const UnitFacts three = units.once("three.cpp");
  CHECK(told(three, "list.def") == kTold);
  CHECK(told(three, "mode.h") == kHeld);
  CHECK(told(three, "outer.h") == kHeld);
  CHECK(units.lost() == "");
}

TEST_CASE("header claims: overloads declared before a template are another view of it", "[clang]") {
  TemporaryDirectory folder;
  folder.write("print.h", "#pragma once\ntemplate <class T> void print(T t) { show(t, 1); }\n");
  folder.write("a.cpp", "void show(int, int);\n#include \"print.h\"\n");
  folder.write("b.cpp", "void show(long, int);\n#include \"print.h\"\n");
  folder.write("c.cpp", "#include \"print.h\"\n");
  Units units(folder.path());
  for (const char* file : {"a.cpp", "b.cpp", "c.cpp"}) {
    CHECK(told(units.once(file), "print.h") == kTold);
  }
  CHECK(units.lost() == "");
}

TEST_CASE("header claims: what was read after an error, or counts, claims nothing", "[clang]") {
  TemporaryDirectory folder;
  folder.write("before.h", "int before();\n");
  folder.write("after.h", "#pragma once\nint after();\n");
  folder.write("counts.h",
               "#define GLUE2(a, b) a##b\n#define GLUE(a, b) GLUE2(a, b)\n"
               "int GLUE(unique_, __COUNTER__);\n");
  folder.write("a.cpp", "#include \"before.h\"\nint wrong = ;\n#include \"after.h\"\n");
  folder.write("b.cpp", "#include \"before.h\"\n#include \"after.h\"\n#include \"counts.h\"\n");
  folder.write("c.cpp", "int GLUE = __COUNTER__;\n#include \"counts.h\"\n");
  Units units(folder.path());
  const UnitFacts a = units.once("a.cpp");
  CHECK(told(a, "before.h") == kTold);
  CHECK(told(a, "after.h") == Told{ViewTold::kHereUnclaimed});
  const UnitFacts b = units.once("b.cpp");
  CHECK(told(b, "before.h") == kHeld);
  CHECK(told(b, "after.h") == kTold);
  CHECK(told(b, "counts.h") == Told{ViewTold::kHereUnclaimed});
  CHECK(told(units.once("c.cpp"), "counts.h") == Told{ViewTold::kHereUnclaimed});
  CHECK(units.lost() == "");
}

TEST_CASE("header claims: what Clang makes for one unit's use changes no header", "[clang]") {
  TemporaryDirectory folder;
  folder.write("box.h",
               "#pragma once\ntemplate <class Kept> struct box { box(Kept k); Kept kept; };\n"
               "template <class Held> struct bag { Held held; };\n");
  // Both write "typename when<...>::type"; Clang knows it by the names of the first.
  folder.write("when.h",
               "#pragma once\ntemplate <bool, class T = void> struct when { typedef T type; };\n"
               "template <class T> struct is { static const bool value = true; };\n");
  folder.write("first.h",
               "#include \"when.h\"\ntemplate <class Other>\n"
               "typename when<is<Other>::value>::type turn(Other o);\n");
  folder.write("second.h",
               "#include \"when.h\"\ntemplate <class Mine>\n"
               "typename when<is<Mine>::value>::type swap(Mine& m);\n"
               "template <class Mine>\ntypename when<!is<Mine>::value>::type swap(Mine& m);\n");
  folder.write("a.cpp", "#include \"box.h\"\n#include \"second.h\"\nbox<int> a{1};\n");
  folder.write("b.cpp",
               "#include \"box.h\"\n#include \"first.h\"\n#include \"second.h\"\n"
               "box b{1};\nbag c{1};\n");
  Units units(folder.path());
  units.once("a.cpp");
  CHECK(told(units.once("b.cpp"), "box.h") == kHeld);
  CHECK(units.lost() == "");
}

TEST_CASE("header claims: what is included in a class is that class's", "[clang]") {
  TemporaryDirectory folder;
  folder.write("bool.h", "operator bool() const { return p != 0; }\n");
  folder.write("a.h", "#pragma once\nstruct A { int p;\n#include \"bool.h\"\n};\n");
  folder.write("b.h", "#pragma once\nstruct B { int p;\n#include \"bool.h\"\n};\n");
  folder.write("a.cpp", "#include \"a.h\"\n");
  folder.write("b.cpp", "#include \"b.h\"\n");
  folder.write("ab.cpp", "#include \"a.h\"\n#include \"b.h\"\n");
  Units units(folder.path());
  for (const char* file : {"a.cpp", "b.cpp", "ab.cpp"}) {
    CHECK(told(units.once(file), "bool.h") == kTold);
  }
  CHECK(told(units.once("a.cpp"), "bool.h") == kHeld);
  CHECK(units.lost() == "");
}

TEST_CASE("header claims: an argument without a name is none, whatever a unit makes of it",
          "[clang]") {
  TemporaryDirectory folder;
  folder.write("get.h",
               "#pragma once\nstruct args { template <class T> T get(int i, bool convert = true); "
               "};\ntemplate <> inline int args::get<int>(int i, bool) { return i; }\n");
  folder.write("a.cpp", "#include \"get.h\"\n");
  folder.write("b.cpp", "#include \"get.h\"\nint b(args a) { return a.get<int>(1); }\n");
  Units units(folder.path());
  units.once("a.cpp");
  CHECK(told(units.once("b.cpp"), "get.h") == kHeld);
  CHECK(units.lost() == "");
}

TEST_CASE("header claims: a language and a place decide, too", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.h", "struct S { int x; };\n");
  folder.write("copy/a.h", "struct S { int x; };\n");
  folder.write("a.c", "#include \"a.h\"\n");
  folder.write("a.cpp", "#include \"a.h\"\n");
  folder.write("b.cpp", "#include \"copy/a.h\"\n");
  Units units(folder.path());
  for (const char* file : {"a.c", "a.cpp", "b.cpp"}) {
    CHECK(told(units.once(file), "a.h") == kTold);
  }
  CHECK(told(units.once("a.cpp", {"-nostdinc", "-fshort-enums"}), "a.h") == kTold);
  CHECK(told(units.once("a.cpp", {"-nostdinc", "-Wextra", "-DUNSEEN"}), "a.h") == kHeld);
  CHECK(units.lost() == "");
}

namespace {

// These units through the pool, as they come.
ToldFacts run_pool(const CompileCommands& commands, const std::string& root,
                   const std::vector<CompileCommand>& units, HeaderClaims* claims) {
  ToldFacts facts;
  WorkerOptions worker;
  worker.program = ENGRAM_CLANG_WORKER;
  worker.readable = commands.readable_roots();
  worker.background = false;
  WorkerPool pool(worker, 1, claims);
  for (const CompileCommand& unit : units) {
    UnitRequest request;
    request.root = root;
    request.directory = unit.directory;
    request.arguments = unit.arguments;
    request.best_certainty = best_certainty(unit);
    request.each_header_once = true;
    REQUIRE(pool.submit(request, [&](const UnitOutcome& outcome) {
      if (outcome.end != UnitEnd::kIndexed) WARN(unit.file << ": " << outcome.reason);
      facts.add(outcome.facts);
    }));
  }
  pool.wait_idle();
  return facts;
}

void compare(const CompileCommandsOptions& where, const std::vector<std::string>& only) {
  const auto commands = CompileCommands::open(where);
  REQUIRE(commands);
  const std::string root = where.workspace.string();
  std::vector<CompileCommand> units;
  for (const std::string& file : (*commands)->files()) {
    const bool wanted = only.empty() || std::find(only.begin(), only.end(), file) != only.end();
    if (!wanted) continue;
    for (CompileCommand& unit : (*commands)->commands_for(file)) units.push_back(std::move(unit));
  }
  REQUIRE(units.size() > 2);
  const ToldFacts full = run_pool(**commands, root, units, nullptr);
  HeaderClaims claims;
  const ToldFacts once = run_pool(**commands, root, units, &claims);
  CHECK(once.lost_of(full) == "");
  CHECK(full.lost_of(once) == "");
  CHECK(once.told() < full.told());
  if (!only.empty()) return;
  WARN(once.distinct() << " occurrences told " << once.told() << " times, in full " << full.told()
                       << "; again and again:\n"
                       << once.most_repeated(12));
}

}  // namespace

TEST_CASE("header claims: nothing of this repository's core is lost", "[clang]") {
  CompileCommandsOptions where;
  where.workspace = std::filesystem::weakly_canonical(ENGRAM_TEST_SOURCE_DIR);
  where.database = ENGRAM_TEST_BUILD;
  where.approved_roots = {ENGRAM_TEST_DEPS};
  std::vector<std::string> files;
  for (const char* file : {"hash.cpp", "json.cpp", "path.cpp", "text.cpp"}) {
    files.push_back((where.workspace / "core" / file).string());
  }
  compare(where, files);
}

// ENGRAM_CLAIMS_WORKSPACE=DIR test_clang "[.campaign]"
TEST_CASE("header claims: nothing of a whole workspace is lost", "[.campaign]") {
  const char* const workspace = std::getenv("ENGRAM_CLAIMS_WORKSPACE");
  if (workspace == nullptr) SKIP("ENGRAM_CLAIMS_WORKSPACE names no workspace");
  CompileCommandsOptions where;
  where.workspace = std::filesystem::canonical(workspace);
  compare(where, {});
}

}  // namespace engram
