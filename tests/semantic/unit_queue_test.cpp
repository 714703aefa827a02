#include "indexer/semantic/unit_queue.h"

#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

using Names = std::vector<std::string>;

// far.h <- wide.h <- a, b, c, d;  own.h <- b, d;  lone.h <- c
class Project {
 public:
  Project() {
    folder.write("include/wide.h", "#pragma once\n#  include \"far.h\" // far\n");
    folder.write("include/far.h", "#include <vector>\n#include \"wide.h\"\n");  // a cycle
    folder.write("src/own.h", "#include MACRO\n#include \"not there.h\"\n");
    folder.write("src/lone.h", "");
    unit("a", "#include <wide.h>\n");
    unit("b", "#include \"own.h\"\n#include <wide.h>\n");
    unit("c", "#include \"lone.h\"\n#include \"wide.h\"\n");
    unit("d", "#include <wide.h>\n#include \"../src/own.h\"\n");
    unit("e", "// #include <wide.h>\nint e;\n");
  }

  void unit(const std::string& name, const std::string& text) {
    folder.write("src/" + name + ".cpp", text);
    CompileCommand command;
    command.directory = root();
    command.file = path("src/" + name + ".cpp");
    command.arguments = {"clang++", "-Iinclude", command.file};
    units.push_back(command);
  }
  std::string root() const { return std::filesystem::canonical(folder.path()).string(); }
  std::string path(const std::string& name) const { return root() + "/" + name; }

  static std::string name(const CompileCommand* unit) {
    return unit == nullptr ? "" : std::filesystem::path(unit->file).stem().string();
  }
  // All of them in order, `open` being open.
  Names order(std::vector<std::string> open) const {
    for (std::string& file : open) file = path(file);
    UnitQueue queue(units, root(), [open] { return open; });
    Names names;
    while (const CompileCommand* unit = queue.take()) names.push_back(name(unit));
    return names;
  }

  TemporaryDirectory folder;
  std::vector<CompileCommand> units;
};

}  // namespace

TEST_CASE("unit_queue: the open file, then what includes it or its headers, then the rest",
          "[semantic]") {
  const Project p;
  CHECK(p.order({}) == Names{"a", "b", "c", "d", "e"});
  CHECK(p.order({"src/e.cpp"}) == Names{"e", "a", "b", "c", "d"});
  CHECK(p.order({"src/d.cpp"}) == Names{"d", "b", "a", "c", "e"});  // own.h is rarer than wide.h
  CHECK(p.order({"src/own.h"}) == Names{"b", "d", "a", "c", "e"});
  CHECK(p.order({"include/far.h"}) == Names{"a", "b", "c", "d", "e"});  // through wide.h
  CHECK(p.order({"src/c.cpp", "src/b.cpp"})[0] == "c");
  CHECK(p.order({"src/c.cpp", "src/b.cpp"})[1] == "b");
  CHECK(p.order({"nowhere.h", "src/lone.h"})[0] == "c");
}

TEST_CASE("unit_queue: a file opened while inclusions are read does not wait for all of them",
          "[semantic]") {
  Project p;
  for (int i = 0; i < 1000; ++i) {  // of no file: they include nothing
    p.units.push_back(p.units.front());
    p.units.back().file = p.path("src/none" + std::to_string(i) + ".cpp");
  }
  int asked = 0;
  UnitQueue queue(p.units, p.root(),
                  [&] { return ++asked <= 2 ? Names{} : Names{p.path("src/e.cpp")}; });
  CHECK(Project::name(queue.take()) == "e");
  CHECK(Project::name(queue.take()) == "a");
  CHECK(asked > 4);
}

TEST_CASE("unit_queue: a file opened in the middle goes next, and each unit once", "[semantic]") {
  const Project p;
  std::vector<std::string> open;
  UnitQueue queue(p.units, p.root(), [&] { return open; });
  Names names{Project::name(queue.take())};
  open = {p.path("src/e.cpp")};
  names.push_back(Project::name(queue.take()));
  open = {p.path("src/own.h")};
  while (const CompileCommand* unit = queue.take()) names.push_back(Project::name(unit));
  CHECK(names == Names{"a", "e", "b", "d", "c"});
  CHECK(queue.take() == nullptr);
}

TEST_CASE("include_names: what #include lines name, however they are written", "[semantic]") {
  using Found = std::vector<std::pair<std::string, bool>>;
  CHECK(include_names("#include <a/b.h>\n") == Found{{"a/b.h", true}});
  CHECK(include_names("  #  include\t\"c.h\" // so\r\n#import <d.h>") ==
        Found{{"c.h", false}, {"d.h", true}});
  CHECK(include_names("#include NAME\n#include <\n#include \"\"\n#includes <x>\n#") == Found{});
  CHECK(include_names("int a; #include <x.h>\n") == Found{});
}

}  // namespace engram
