// Imports of C++20 modules, one unit at a time: what the importer tells are the interface's
// symbols.
#include <algorithm>

#include "tests/clang/worker_rig.h"

namespace engram {

namespace {

constexpr const char* kShapes =
    "export module shapes;\nexport struct Square { double side = 1; };\n"
    "export double area(const Square& square) { return square.side * square.side; }\n"
    "export template <class T> T twice(const T& value) { return value + value; }\n";
constexpr const char* kUse =
    "import shapes;\ndouble use() { return area(Square{.side = twice(2.0)}); }\n";

ModuleSource module_source(const TemporaryDirectory& folder, std::string name,
                           const std::string& file) {
  UnitRequest request = unit_request(folder.path(), file);
  return {std::move(name), request.directory, request.arguments};
}

using Lines = std::vector<std::string>;

Lines errors_of(const UnitReply& reply) {
  Lines out;
  for (const UnitDiagnostic& d : reply.facts.diagnostics) {
    if (d.level >= DiagnosticLevel::kError) out.push_back(d.message);
  }
  return out;
}

const UnitSymbol* symbol(const UnitReply& reply, std::string_view name) {
  for (const UnitSymbol& s : reply.facts.symbols) {
    if (s.qualified_name == name) return &s;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("modules: an importer names what the interface declares", "[clang][modules]") {
  const TemporaryDirectory folder;
  folder.write("shapes.cppm", kShapes);
  folder.write("use.cpp", kUse);
  UnitRequest request = unit_request(folder.path(), "use.cpp");
  request.modules = {module_source(folder, "shapes", "shapes.cppm")};
  const UnitReply use = parse(folder.path(), request);
  CHECK(errors_of(use) == Lines{});
  CHECK(use.facts.certainty == Certainty::kSemantic);
  const UnitReply shapes = parse(folder.path(), unit_request(folder.path(), "shapes.cppm"));
  for (const char* name : {"area", "Square", "Square::side", "twice"}) {
    INFO(name);
    REQUIRE(symbol(use, name) != nullptr);
    REQUIRE(symbol(shapes, name) != nullptr);
    CHECK(symbol(use, name)->key == symbol(shapes, name)->key);
    CHECK(symbol(use, name)->signature == symbol(shapes, name)->signature);
  }
  REQUIRE(use.facts.files.size() == 2);
  CHECK(use.facts.files[1].path == (folder.path() / "shapes.cppm").string());
  CHECK(use.facts.files[1].content == sha256(kShapes));
}

TEST_CASE("modules: partitions, headers and an implementation unit go together",
          "[clang][modules]") {
  const TemporaryDirectory folder;
  folder.write("text.h",
               "#pragma once\nstruct Text { int size; };\n"
               "template <class T> struct Many { T* first; T& at(int i) { return first[i]; } };\n");
  folder.write("part.cppm",
               "module;\n#include \"text.h\"\nexport module lib:part;\n"
               "export struct Item { Text name; };\n");
  folder.write("lib.cppm",
               "module;\n#include \"text.h\"\nexport module lib;\nexport import :part;\n"
               "export using Items = Many<Item>;\nexport int count(Items& items);\n"
               "int hidden(int one);\nexport inline int counter = 0;\n");
  folder.write("lib.cpp",
               "module;\n#include \"text.h\"\nmodule lib;\nint hidden(int one) { return one; }\n"
               "int count(Items& items) { return hidden(items.at(0).name.size); }\n");
  folder.write("app.cpp",
               "#include \"text.h\"\nimport lib;\n"
               "int app(Items items, Many<Text> own) { return count(items) + counter + "
               "own.at(1).size; }\n");
  const std::vector<ModuleSource> modules = {module_source(folder, "lib:part", "part.cppm"),
                                             module_source(folder, "lib", "lib.cppm")};
  for (const char* file : {"lib.cpp", "app.cpp", "lib.cppm"}) {
    INFO(file);
    UnitRequest request = unit_request(folder.path(), file);
    request.modules = modules;
    if (std::string_view(file) == "lib.cppm") request.modules.pop_back();
    const UnitReply reply = parse(folder.path(), request);
    CHECK(errors_of(reply) == Lines{});
    CHECK(reply.facts.certainty == Certainty::kSemantic);
    CHECK(symbol(reply, "count") != nullptr);
  }
}

TEST_CASE("modules: what is wrong with an import is one line, and the rest is told",
          "[clang][modules]") {
  const TemporaryDirectory folder;
  folder.write("bad.cppm", "export module bad;\nexport int fine();\nexport Unknown what();\n");
  folder.write("plain.cpp", "int plain();\n");
  folder.write("use.cpp", "import bad;\nint use() { return fine(); }\n");
  UnitRequest request = unit_request(folder.path(), "use.cpp");
  request.modules = {module_source(folder, "bad", "bad.cppm")};
  const UnitReply broken = parse(folder.path(), request);
  CHECK(errors_of(broken) == Lines{});
  CHECK(broken.facts.certainty == Certainty::kInferred);
  REQUIRE(broken.facts.diagnostics.size() == 1);
  CHECK(broken.facts.diagnostics[0].message ==
        "the interface of module 'bad' has errors: unknown type name 'Unknown'");
  CHECK(symbol(broken, "fine") != nullptr);

  request.modules = {module_source(folder, "bad", "plain.cpp")};  // declares no module
  CHECK(errors_of(parse(folder.path(), request))[0] == "module 'bad' not found");
  request.modules = {module_source(folder, "bad", "absent.cppm")};
  CHECK(errors_of(parse(folder.path(), request))[0] == "module 'bad' not found");
  request.modules = {module_source(folder, "other", "bad.cppm")};  // declares another
  CHECK(errors_of(parse(folder.path(), request))[0] == "module 'bad' not found");

  folder.write("std.cpp", "import std;\nint x() { return 1; }\n");
  CHECK(errors_of(parse(folder.path(), unit_request(folder.path(), "std.cpp"))) ==
        Lines{"module 'std' not found"});
  folder.write("some.h", "int some();\n");
  folder.write("unit.cpp", "import \"some.h\";\nint x() { return 1; }\n");
  const UnitReply header_unit = parse(folder.path(), unit_request(folder.path(), "unit.cpp"));
  REQUIRE(errors_of(header_unit).size() == 1);
  CHECK(errors_of(header_unit)[0].find("not known to be a header unit") != std::string::npos);
  CHECK(symbol(header_unit, "x") != nullptr);
}

TEST_CASE("modules: a circle of imports ends", "[clang][modules]") {
  const TemporaryDirectory folder;
  folder.write("a.cppm", "export module a;\nimport b;\nexport int of_a() { return of_b(); }\n");
  folder.write("b.cppm", "export module b;\nimport a;\nexport int of_b();\n");
  UnitRequest request = unit_request(folder.path(), "a.cppm");
  request.modules = {module_source(folder, "b", "b.cppm")};
  const UnitReply reply = parse(folder.path(), request);
  CHECK(symbol(reply, "of_a") != nullptr);
  CHECK(reply.facts.certainty == Certainty::kInferred);
  REQUIRE_FALSE(reply.facts.diagnostics.empty());
  CHECK(reply.facts.diagnostics.back().message ==
        "the interface of module 'b' has errors: module 'a' not found");
}

TEST_CASE("modules: a worker sees that an interface, or a header of it, has changed",
          "[clang][modules]") {
  const TemporaryDirectory folder;
  folder.write("size.h", "inline constexpr int kSize = 1;\n");
  folder.write("low.cppm",
               "module;\n#include \"size.h\"\nexport module low;\n"
               "export constexpr int low() { return kSize; }\n");
  folder.write("high.cppm", "export module high;\nexport import low;\n");
  folder.write("use.cpp", "import high;\nstatic_assert(low() == 1);\n");
  UnitRequest request = unit_request(folder.path(), "use.cpp");
  request.modules = {module_source(folder, "low", "low.cppm"),
                     module_source(folder, "high", "high.cppm")};
  const auto worker = WorkerProcess::start(worker_options(folder.path()));
  REQUIRE(worker);
  const auto errors = [&] {
    const auto reply = (*worker)->ask(request);
    REQUIRE(reply);
    return errors_of(*reply).size();
  };
  CHECK(errors() == 0);
  CHECK(errors() == 0);
  folder.write("size.h", "inline constexpr int kSize = 22;\n");
  CHECK(errors() == 1);
  folder.write("use.cpp", "import high;\nstatic_assert(low() == 22);\n");
  CHECK(errors() == 0);
  request.unsaved = {{(folder.path() / "size.h").string(), "inline constexpr int kSize = 3;\n"}};
  CHECK(errors() == 1);
  request.unsaved.clear();
  CHECK(errors() == 0);
  folder.write("low.cppm",
               "export module low;\nexport constexpr int low() { return 22; }\n"
               "static_assert(low() == 23);\n");
  CHECK(errors() == 0);  // its fault is its own
}

TEST_CASE("modules: compiled modules of a build are not read", "[clang][modules]") {
  const TemporaryDirectory folder;
  folder.write("use.cpp", kUse);
  folder.write("shapes.pcm", "no module");
  UnitRequest request =
      unit_request(folder.path(), "use.cpp",
                   {"-nostdinc", "-fmodule-file=shapes=" + (folder.path() / "shapes.pcm").string(),
                    "-fprebuilt-module-path=" + folder.path().string()});
  CHECK(errors_of(parse(folder.path(), request))[0] == "module 'shapes' not found");
}

}  // namespace engram
