// Imports of C++20 modules over a whole workspace: definitions and references go across them, and
// an interface that changes is seen by who imports it.
#include <fmt/format.h>

#include "assist/navigation/navigator.h"
#include "assist/navigation/stored_compiler_facts.h"
#include "indexer/pipeline.h"
#include "tests/clang/indexed_workspace.h"
#include "tests/clang/worker_rig.h"

namespace engram {

namespace {

constexpr const char* kShapes =
    "export module shapes;\n"
    "export import :round;\n"
    "export struct Square { double side = 1; };\n"
    "export double area(const Square& square);\n"
    "int corners();\n";
constexpr const char* kRound = "export module shapes:round;\nexport struct Circle { double r; };\n";
constexpr const char* kShapesSource =
    "module shapes;\n"
    "double area(const Square& square) { return square.side * square.side; }\n"
    "int corners() { return 4; }\n";
constexpr const char* kMain =
    "import shapes;\n"
    "double all(Circle circle) { return area({.side = 2.0}) + circle.r; }\n";

class ModuleWorkspace {
 public:
  ModuleWorkspace() {
    write("shapes.cppm", kShapes);
    write("round.cppm", kRound);
    write("shapes.cpp", kShapesSource);
    write("main.cpp", kMain);
    write("alone.cpp", "int alone() { return 1; }\n");
    write_database({"alone.cpp", "main.cpp", "round.cppm", "shapes.cpp", "shapes.cppm"});
  }

  std::filesystem::path root() const { return std::filesystem::canonical(folder.path()) / "w"; }
  std::filesystem::path store() const { return folder.path() / "store"; }
  void write(const std::string& name, const std::string& text) { folder.write("w/" + name, text); }
  void write_database(const std::vector<std::string>& files) {
    std::string text;
    for (const std::string& file : files) {
      text += fmt::format(
          "{}{{\"directory\":\"{}\",\"file\":\"{}\",\"command\":\"clang++ -std=c++20 "
          "-fmodule-file=shapes=/tmp/shapes.pcm -c {}\"}}",
          text.empty() ? "[" : ",", root().string(), file, file);
    }
    write("compile_commands.json", text + "]");
  }

  SemanticIndexReport index() {
    REQUIRE(index_workspace(root(), store(), {}));
    const SemanticIndexReport report = index_units_of(root(), index_options(root(), store()));
    navigator = std::make_unique<Navigator>(root(), store(), stored_compiler_facts(store()));
    return report;
  }

  std::vector<std::string> definition(const char* file, std::string_view text,
                                      std::string_view what) {
    return IndexedWorkspace::lines(navigator->definition(in(file, text, what)));
  }
  std::vector<std::string> references(const char* file, std::string_view text,
                                      std::string_view what) {
    return IndexedWorkspace::lines(navigator->references(in(file, text, what), {}));
  }

  TemporaryDirectory folder;
  std::unique_ptr<Navigator> navigator;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("modules: definitions and references go across an import", "[clang][modules]") {
  ModuleWorkspace w;
  const SemanticIndexReport report = w.index();
  CHECK(report.units.semantic == 5);
  CHECK(w.definition("main.cpp", kMain, "area") == Lines{"shapes.cpp:2 definition semantic"});
  CHECK(w.definition("main.cpp", kMain, "Circle") == Lines{"round.cppm:2 definition semantic"});
  CHECK(w.definition("main.cpp", kMain, "side") == Lines{"shapes.cppm:3 definition semantic"});
  CHECK(w.definition("shapes.cpp", kShapesSource, "Square") ==
        Lines{"shapes.cppm:3 definition semantic"});
  // What is not exported, in the module alone.
  CHECK(w.definition("shapes.cppm", kShapes, "corners") ==
        Lines{"shapes.cpp:3 definition semantic"});
  // The module itself.
  CHECK(w.definition("main.cpp", kMain, "shapes") == Lines{"shapes.cppm:1 definition semantic"});
  CHECK(w.definition("shapes.cpp", kShapesSource, "shapes") ==
        Lines{"shapes.cppm:1 definition semantic"});
  CHECK(w.definition("shapes.cppm", kShapes, "round;") ==
        Lines{"round.cppm:1 definition semantic"});
  const Lines of_area = w.references("shapes.cppm", kShapes, "area");
  CHECK(std::find(of_area.begin(), of_area.end(), "main.cpp:2 call semantic") != of_area.end());
}

TEST_CASE("modules: an edit of an interface is seen by who imports it, and by nobody else",
          "[clang][modules]") {
  ModuleWorkspace w;
  w.index();
  CHECK(w.index().parsed == 0);
  const std::string edited =
      "export module shapes:round;\nexport struct Ball {};\nexport struct Circle { double r; };\n";
  w.write("round.cppm", edited);
  const SemanticIndexReport after = w.index();
  CHECK(after.parsed == 4);  // all but alone.cpp
  CHECK(after.units.semantic == 5);
  CHECK(w.definition("main.cpp", kMain, "Circle") == Lines{"round.cppm:3 definition semantic"});
  w.write("round.cppm", "export module shapes:round;\nexport struct Circle {};\n");
  CHECK(w.index().units.inferred == 1);  // main.cpp names a member that is gone
}

TEST_CASE("modules: a module that comes later is followed, one that goes is missed",
          "[clang][modules]") {
  ModuleWorkspace w;
  w.write_database({"alone.cpp", "main.cpp"});
  CHECK(w.index().units.inferred == 1);
  w.write_database({"alone.cpp", "main.cpp", "round.cppm", "shapes.cppm"});
  const SemanticIndexReport with = w.index();
  CHECK(with.units.semantic == 4);
  CHECK(with.unchanged == 1);  // alone.cpp
  CHECK(w.definition("main.cpp", kMain, "Circle") == Lines{"round.cppm:2 definition semantic"});
  w.write("shapes.cppm", "export module forms;\nexport struct Square { double side = 1; };\n");
  CHECK(w.index().units.inferred == 1);
}

}  // namespace engram
