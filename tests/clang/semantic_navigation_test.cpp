// What Clang told takes the place of what the syntax guesses: definitions and references over a
// real index, and what remains of them while a file is edited.
#include "assist/navigation/includable_names.h"
#include "indexer/syntax/extract.h"
#include "tests/clang/indexed_workspace.h"

namespace engram {

namespace {

constexpr const char* kHeader =
    "#pragma once\n"
    "namespace n {\n"
    "struct Wide { double area() const; };\n"
    "struct Tall { double area() const; };\n"
    "int pick(int v);\n"
    "int pick(double v);\n"
    "#define TWICE(x) ((x) * 2)\n"
    "}\n";
constexpr const char* kSource =
    "#include \"shape.h\"\n"
    "namespace n {\n"
    "double Wide::area() const { return 1; }\n"
    "double Tall::area() const { return 2; }\n"
    "int pick(int v) { return v; }\n"
    "int pick(double v) { return TWICE(static_cast<int>(v)); }\n"
    "}\n";
constexpr const char* kMain =
    "#include \"shape.h\"\n"
    "using namespace n;\n"
    "double f() { auto it = Tall(); return it.area(); }\n"
    "int g() { return pick(1.5) + pick(1); }\n";

class IndexedShapes : public IndexedWorkspace {
 public:
  IndexedShapes()
      : IndexedWorkspace({{"shape.h", kHeader}, {"shape.cpp", kSource}, {"main.cpp", kMain}}) {}
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("navigation: Clang's facts answer where syntax can only guess", "[clang]") {
  IndexedShapes w;
  // The type of `it` is deduced; the overload is chosen by the argument.
  CHECK(w.lines(w.navigator->definition(in("main.cpp", kMain, "area()"))) ==
        Lines{"shape.cpp:4 definition semantic"});
  CHECK(w.lines(w.navigator->definition(in("main.cpp", kMain, "pick(1.5)"))) ==
        Lines{"shape.cpp:6 definition semantic"});
  CHECK(w.lines(w.navigator->definition(in("main.cpp", kMain, "pick(1)"))) ==
        Lines{"shape.cpp:5 definition semantic"});
  CHECK(w.lines(w.navigator->declaration(in("main.cpp", kMain, "pick(1)"))) ==
        Lines{"shape.h:5 declaration semantic"});
  CHECK(w.lines(w.navigator->definition(in("shape.cpp", kSource, "TWICE"))) ==
        Lines{"shape.h:7 definition semantic"});
}

TEST_CASE("navigation: references are of one symbol, not of a name", "[clang]") {
  IndexedShapes w;
  const auto tall = in("shape.h", kHeader, "area", std::string_view(kHeader).find("Tall"));
  CHECK(w.lines(w.navigator->references(tall, {})) == Lines{"main.cpp:3 call semantic",
                                                            "shape.cpp:4 definition semantic",
                                                            "shape.h:4 declaration semantic"});
  CHECK(w.lines(w.navigator->references(tall, {.include_declaration = false})) ==
        Lines{"main.cpp:3 call semantic"});
  const auto hover = w.navigator->hover(in("main.cpp", kMain, "area()"));
  REQUIRE(hover);
  REQUIRE(*hover);
  CHECK((*hover)->qualified_name == "n::Tall::area");
}

TEST_CASE("navigation: what is too large for the syntax tier has the compiler's facts", "[clang]") {
  const std::string generated = "#include \"t.h\"\n/*" +
                                std::string(ExtractLimits{}.max_bytes, '*') +
                                "*/\nint row() { return table(1); }\n";
  constexpr const char* kHand = "#include \"t.h\"\nint hand() { return table(2); }\n";
  IndexedWorkspace w(
      {{"t.h", "int table(int i);\n"}, {"rows.cpp", generated}, {"hand.cpp", kHand}});
  CHECK(
      w.lines(w.navigator->references(in("hand.cpp", kHand, "table"), {})) ==
      Lines{"hand.cpp:2 call semantic", "rows.cpp:3 call semantic", "t.h:1 declaration semantic"});
  CHECK(w.lines(w.navigator->definition(in("rows.cpp", generated, "table"))) ==
        Lines{"t.h:1 declaration semantic"});
}

TEST_CASE("navigation: what a macro's body uses is found where the macro is used, and by name",
          "[clang]") {
  constexpr std::string_view kLog =
      "#pragma once\nextern int verbosity;\n#define LOG(x) (verbosity > 1 ? (x) : 0)\n"
      "#define MAKE(name) int name()\n";
  constexpr std::string_view kUse =
      "#include \"log.h\"\n#include <cstdlib>\nint verbosity = 2;\nMAKE(made) { return LOG(3); }\n"
      "int h() { return made() + (getenv(\"a\") != nullptr); }\n#ifdef NEVER\nchar* k() { return "
      "getenv(\"b\"); }\n#endif\n";
  IndexedWorkspace w({{"log.h", std::string(kLog)}, {"use.cpp", std::string(kUse)}});
  CHECK(w.lines(w.navigator->references(in("use.cpp", kUse, "verbosity"), {})) ==
        Lines{"log.h:2 declaration semantic", "use.cpp:3 definition semantic",
              "use.cpp:4 use semantic"});
  CHECK(w.lines(w.navigator->definition(in("use.cpp", kUse, "made()"))) ==
        Lines{"use.cpp:4 definition semantic"});
  CHECK(w.lines(w.navigator->definition(in("log.h", kLog, "verbosity >"))) ==
        Lines{"use.cpp:3 definition textual"});
  // Where nothing was compiled, what a system header declares is known by its name.
  const auto hidden = w.navigator->definition(in("use.cpp", kUse, "getenv(\"b"));
  REQUIRE(hidden);
  REQUIRE_FALSE(hidden->empty());
  CHECK(std::any_of(hidden->begin(), hidden->end(), [](const FoundPlace& place) {
    return place.source->path.ends_with("stdlib.h") && place.certainty == Certainty::kTextual;
  }));
}

TEST_CASE("navigation: a macro that only other macros use is found in their bodies", "[clang]") {
  constexpr std::string_view kLimits = "#pragma once\n#define BASE 7\n#define LIMIT (BASE + 1)\n";
  constexpr std::string_view kUse = "#include \"limits.h\"\nint x;\n";  // of neither
  IndexedWorkspace w({{"limits.h", std::string(kLimits)}, {"use.cpp", std::string(kUse)}});
  CHECK(w.lines(w.navigator->references(in("limits.h", kLimits, "BASE 7"), {})) ==
        Lines{"limits.h:2 definition semantic", "limits.h:3 use semantic"});
  CHECK(w.lines(w.navigator->definition(in("limits.h", kLimits, "BASE +"))) ==
        Lines{"limits.h:2 definition semantic"});
}

TEST_CASE("navigation: words of the grammar's own are found in code that no unit compiles",
          "[clang]") {
  constexpr std::string_view kUse =
      "#include <stddef.h>\nvoid *p = NULL;\nsize_t n;\n#ifdef NEVER\nsize_t m; // size_t\n"
      "void *q = NULL;  /* don't */ char s[] = \"NULL\";\n#endif\n";
  IndexedWorkspace w({{"use.cpp", std::string(kUse)}});
  const auto defined = [&](std::string_view word) {
    const auto places = w.navigator->definition(in("use.cpp", kUse, word));
    REQUIRE(places);
    return std::any_of(places->begin(), places->end(), [](const FoundPlace& place) {
      return place.source->path.find("stddef") != std::string::npos &&
             place.certainty == Certainty::kTextual;
    });
  };
  const auto uses = [&](std::string_view word) {
    Lines lines = w.lines(w.navigator->references(in("use.cpp", kUse, word), {}));
    std::erase_if(lines, [](const std::string& line) { return !line.starts_with("use.cpp"); });
    return lines;
  };
  CHECK(defined("size_t m"));
  CHECK(defined("NULL;  /*"));
  CHECK_FALSE(defined("size_t\nvoid"));  // in a comment
  CHECK_FALSE(defined("NULL\";"));       // in a string
  CHECK(uses("size_t m") == Lines{"use.cpp:3 use textual"});
  CHECK(uses("NULL;  /*") == Lines{"use.cpp:2 macro_use textual"});
}

TEST_CASE("navigation: references of a template are those of its specialisations, too", "[clang]") {
  constexpr std::string_view kUse =
      "template <class T> struct Box {};\ntemplate <class T> struct Box<T*> {};\n"
      "template <> struct Box<bool> {};\nBox<int> a;\nBox<bool> b;\nBox<int*> c;\n";
  IndexedWorkspace w({{"box.cpp", std::string(kUse)}});
  for (const std::string_view asked : {"Box {}", "Box<bool> b", "Box<int*> c", "Box<int> a"}) {
    INFO(asked);
    CHECK(w.lines(w.navigator->references(in("box.cpp", kUse, asked), {})) ==
          Lines{"box.cpp:1 definition semantic", "box.cpp:2 definition semantic",
                "box.cpp:3 definition semantic", "box.cpp:4 use semantic", "box.cpp:5 use semantic",
                "box.cpp:6 use semantic"});
  }
  CHECK(w.lines(w.navigator->definition(in("box.cpp", kUse, "Box<bool> b"))) ==
        Lines{"box.cpp:3 definition semantic"});
}

TEST_CASE("navigation: a conversion does not hide the name it is written at", "[clang]") {
  constexpr std::string_view kText =
      "struct View { View(const char*); View(int); };\n"
      "struct Text { operator View() const; };\n"
      "View made(int v);\n"
      "View f(const Text& text, int number) { (void)made(number); return text; }\n"
      "View g(int n) { return n; }\n"
      "View h() { return View(1); }\n";
  IndexedWorkspace w({{"a.cpp", std::string(kText)}});
  CHECK(w.lines(w.navigator->definition(in("a.cpp", kText, "text;"))) ==
        Lines{"a.cpp:4 definition semantic"});
  CHECK(w.lines(w.navigator->definition(in("a.cpp", kText, "n; }"))) ==
        Lines{"a.cpp:5 definition semantic"});
  CHECK(w.lines(w.navigator->references(in("a.cpp", kText, "n; }"), {})) ==
        Lines{"a.cpp:5 definition semantic", "a.cpp:5 use semantic"});
  CHECK(w.lines(w.navigator->definition(in("a.cpp", kText, "View(1)"))) ==
        Lines{"a.cpp:1 definition semantic"});
}

TEST_CASE("navigation: while a file is edited the rest of it stays known, as inferred", "[clang]") {
  IndexedShapes w;
  const std::string edited = std::string("// new\nint fresh() { return 7; }\n") + kMain;
  w.navigator->set_open({{"main.cpp", "cpp", std::make_shared<const std::string>(edited)}});
  CHECK(w.lines(w.navigator->definition(in("main.cpp", edited, "pick(1.5)"))) ==
        Lines{"shape.cpp:6 definition inferred"});
  // What was just written is not in the index: the syntax tier answers.
  CHECK(w.lines(w.navigator->definition(in("main.cpp", edited, "fresh"))) ==
        Lines{"main.cpp:2 definition syntactic"});
  // Places in the edited file are moved along.
  const auto tall = in("shape.h", kHeader, "area", std::string_view(kHeader).find("Tall"));
  CHECK(w.lines(w.navigator->references(tall, {.include_declaration = false})) ==
        Lines{"main.cpp:5 call inferred"});
}

TEST_CASE("navigation: highlights are of one symbol while the compiler has read the text",
          "[clang]") {
  IndexedShapes w;
  const auto wide = in("shape.cpp", kSource, "area");
  CHECK(w.lines(w.navigator->highlights(wide)) == Lines{"shape.cpp:3 definition semantic"});
  const auto whole = in("shape.cpp", kSource, "int v");
  const CodePlace parameter{whole.path, whole.offset + 4};
  CHECK(w.lines(w.navigator->highlights(parameter)) ==
        Lines{"shape.cpp:5 definition semantic", "shape.cpp:5 use semantic"});
  // What was typed since is known to the scopes alone.
  const std::string edited = std::string(kSource) + "int more(int v) { return v; }\n";
  w.navigator->set_open({{"shape.cpp", "cpp", std::make_shared<const std::string>(edited)}});
  const CodePlace typed{"shape.cpp", edited.rfind("v; }")};
  CHECK(w.lines(w.navigator->highlights(typed)) ==
        Lines{"shape.cpp:8 definition syntactic", "shape.cpp:8 use syntactic"});
}

TEST_CASE("navigation: what headers declare at the top of a namespace can be included", "[clang]") {
  IndexedWorkspace w(
      {{"box.h",
        "#pragma once\nnamespace a::b {\nstruct Boxed { int boxed_field; };\n"
        "struct BoxLater;\nint boxing(int boxed_parameter);\n}\n"
        "#define BOX_MAX 3\nint box_global();\n"},
       {"later.h", "#pragma once\nnamespace a::b { struct BoxLater {}; }\n"},
       {"box.cpp",
        "#include \"box.h\"\n#include \"later.h\"\nstatic int box_private() { return 1; }\n"
        "struct Outer { struct BoxInner {}; };\nint x = box_private();\n"}});
  const auto names = [&](const std::string& prefix) {
    std::vector<std::string> out;
    for (const LiveCandidate& c : includable_names(w.root(), w.store(), prefix, 10)) {
      const auto file = std::filesystem::path(c.path).lexically_relative(w.root()).string();
      out.push_back(c.scope + " " + c.name + " " + file);
    }
    return out;
  };
  CHECK(names("Box") == Lines{"a::b Boxed box.h", "a::b BoxLater later.h"});
  CHECK(names("box") == Lines{"a::b boxing box.h", " box_global box.h"});
  CHECK(names("BOX") == Lines{" BOX_MAX box.h"});
  CHECK(names("zzz").empty());
  CHECK(includable_names(w.root(), w.store(), "Box", 1).size() == 1);
  CHECK(includable_names(w.root(), w.folder.path() / "nowhere", "Box", 10).empty());
}

}  // namespace engram
