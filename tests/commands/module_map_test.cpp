#include "indexer/commands/module_map.h"

#include <map>

#include "indexer/commands/module_names.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

using Names = std::vector<std::string>;

// Units of a folder, all of C++20.
struct Units {
  TemporaryDirectory folder;
  std::vector<std::string> names;
  ModuleMap map{[this] {
                  std::vector<std::string> paths;
                  for (const std::string& name : names) paths.push_back(path(name));
                  return paths;
                },
                [](const std::string& file) {
                  CompileCommand command;
                  command.directory = "/";
                  command.file = file;
                  command.arguments = {"clang++", "-std=c++20", file};
                  return std::optional(command);
                }};

  std::string path(const std::string& name) const { return (folder.path() / name).string(); }
  void write(const std::string& name, const std::string& text) {
    folder.write(name, text);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  // "name file" of each.
  Names imports_of(const std::string& name) {
    Names out;
    for (const ModuleSource& source : map.imports_of(path(name))) {
      out.push_back(source.name + " " + source.arguments.back().substr(path("").size()));
    }
    return out;
  }
};

}  // namespace

TEST_CASE("module_names: declarations and imports at the beginning of a line", "[commands]") {
  CHECK(module_names("export module a.b;\nimport c;\nexport import d.e ;\nimport :part;\n") ==
        ModuleNames{"a.b", true, {"a.b:part", "c", "d.e"}});
  CHECK(module_names("module;\n#include <x>\nmodule a;") == ModuleNames{"a", false, {"a"}});
  CHECK(module_names("module a:p [[deprecated]];\nimport b [[x]];") ==
        ModuleNames{"a:p", true, {"b"}});
  CHECK(module_names("/* x */ export /* y */ module // z\n  a\n : p;") ==
        ModuleNames{"a:p", true, {}});
  CHECK(module_names("int x; module :private;\nmodule :private;\n") == ModuleNames{});
}

TEST_CASE("module_names: what only looks like one is none", "[commands]") {
  for (const char* text :
       {"// import a;\n", "/*\nimport a;\n*/", "const char* s = R\"x(\nimport a;\n)x\";",
        "auto s = \"\\\nimport a;\\\n\";", "#define X \\\nimport a;\n", "import <vector>;\n",
        "import \"a.h\";\n", "imports a;\n", "int import = 0;\n", "import a\n", "module_ a;\n",
        "import = 2;\n", "import(a);\n", "x; import a;\n", "export int module;\n", "import",
        "module"}) {
    INFO(text);
    CHECK(module_names(text) == ModuleNames{});
  }
  CHECK(module_names("int x = 1'000'000;\nimport a;").imports == Names{"a"});
  CHECK(module_names("char c = '\"';\nimport a;").imports == Names{"a"});
  CHECK(module_names("char c = '\nimport a;").imports == Names{"a"});
}

TEST_CASE("module_names: no text leads beyond its end", "[commands]") {
  const std::string whole =
      "module;\n/* c */ export module a.b:c [[x]]; // d\nauto s = R\"q(import z;)q\" + \"\\\"\" "
      "'\\'';\n"
      "export import :d;\nimport <x>;\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string part = whole.substr(0, size);
    CHECK(module_names(part).imports.size() <= 1);
  }
}

TEST_CASE("module_map: each interface comes behind what it imports", "[commands]") {
  Units u;
  u.write("a.cppm", "export module a;\nexport import :p;\nimport b;\n");
  u.write("p.cppm", "export module a:p;\nimport c;\n");
  u.write("b.cppm", "export module b;\nimport c;\n");
  u.write("c.cppm", "export module c;\n");
  u.write("a.cpp", "module a;\n");
  u.write("main.cpp", "import a;\nimport nowhere;\n");
  u.write("plain.cpp", "int x;\n");
  const Names all = {"c c.cppm", "a:p p.cppm", "b b.cppm", "a a.cppm"};
  CHECK(u.imports_of("main.cpp") == all);
  CHECK(u.imports_of("a.cpp") == all);
  CHECK(u.imports_of("a.cppm") == Names{"c c.cppm", "a:p p.cppm", "b b.cppm"});
  CHECK(u.imports_of("plain.cpp") == Names{});
  CHECK(u.map.imports_of(u.path("plain.cpp"), module_names("import c;\n")).size() ==
        1);  // as it is typed
}

TEST_CASE("module_map: what changes on the disk is seen", "[commands]") {
  Units u;
  u.write("main.cpp", "import a;\n");
  CHECK(u.imports_of("main.cpp") == Names{});
  u.write("x.cppm", "export module a;\n");
  CHECK(u.imports_of("main.cpp") == Names{});  // it was looked for
  u.map.look_again();
  CHECK(u.imports_of("main.cpp") == Names{"a x.cppm"});
  u.write("x.cppm", "export module other;\n");
  CHECK(u.imports_of("main.cpp") == Names{});
  u.write("main.cpp", "import other;\n// longer\n");
  u.map.look_again();
  CHECK(u.imports_of("main.cpp") == Names{"other x.cppm"});
}

TEST_CASE("module_map: circles end, and of two sources the nearer one is taken", "[commands]") {
  Units u;
  u.write("a.cppm", "export module a;\nimport b;\n");
  u.write("b.cppm", "export module b;\nimport a;\n");
  u.write("self.cppm", "export module self;\nimport self;\n");
  u.write("main.cpp", "import a;\nimport self;\n");
  CHECK(u.imports_of("a.cppm") == Names{"b b.cppm"});
  CHECK(u.imports_of("main.cpp") == Names{"b b.cppm", "a a.cppm", "self self.cppm"});
  u.write("x/m.cppm", "export module m;\n");
  u.write("y/m.cppm", "export module m;\n");
  u.write("y/use.cpp", "import m;\n");
  u.write("use.cpp", "import m;\n");
  u.map.look_again();
  CHECK(u.imports_of("y/use.cpp") == Names{"m y/m.cppm"});
  CHECK(u.imports_of("use.cpp") == Names{"m x/m.cppm"});
}

}  // namespace engram
