#include "indexer/semantic/likely_reader.h"

#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

// Units that include: a nothing; far/z include/wide.h <- deep.h; net/wire its own header.
class Project {
 public:
  Project() {
    folder.write("include/wide.h", "#include \"../detail/deep.h\"\n");
    folder.write("detail/deep.h", "");
    folder.write("net/wire.h", "");
    folder.write("net/lone.h", "// nobody's\n");
    write_unit("a.cpp", "int a; // wire.h\n");
    write_unit("far/z.cpp", "#include <wide.h>\n");
    write_unit("net/other.cpp", "#include \"wire.h\"\n");
    write_unit("net/wire.cpp", "#include \"wire.h\"\n");
  }
  void write_unit(const std::string& name, const std::string& text) {
    folder.write(name, text);
    database_ += (database_.empty() ? "[" : ",") + std::string("{\"directory\":\"") + root() +
                 "\",\"file\":\"" + name + "\",\"command\":\"g++ -Iinclude -c " + name + "\"}";
  }
  std::string root() const { return std::filesystem::canonical(folder.path()).string(); }
  // The reader of a header, relative.
  std::string of(const std::string& header) {
    folder.write("compile_commands.json", database_ + "]");
    CompileCommandsOptions where;
    where.workspace = root();
    const auto commands = CompileCommands::open(where);
    REQUIRE(commands);
    const auto reader = likely_reader(**commands, root(), root() + "/" + header);
    return reader ? reader->substr(root().size() + 1) : "";
  }

  TemporaryDirectory folder;

 private:
  std::string database_;
};

}  // namespace

TEST_CASE("likely_reader: of the header's name, then near it, then whoever includes it",
          "[semantic]") {
  Project p;
  CHECK(p.of("net/wire.h") == "net/wire.cpp");
  CHECK(p.of("detail/deep.h") == "far/z.cpp");  // through wide.h
  CHECK(p.of("net/lone.h").empty());
  CHECK(p.of("no/such.h").empty());
}

TEST_CASE("likely_reader: beyond the units that are read whole an inclusion by name counts",
          "[semantic]") {
  Project p;
  for (std::size_t i = 0; i <= kMostReadWhole; ++i) {
    p.write_unit("detail/x" + std::to_string(i) + ".cpp", "");
  }
  p.write_unit("last.cpp", "#include \"./detail/deep.h\"\n");
  CHECK(p.of("detail/deep.h") == "last.cpp");
  CHECK(p.of("net/wire.h") == "net/wire.cpp");
}

}  // namespace engram
