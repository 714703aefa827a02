// The semantic index of a workspace without a compile database: labelled, bounded, and gone when a
// database comes.
#include <algorithm>

#include "indexer/open_store.h"
#include "indexer/semantic/indexed_files.h"
#include "indexer/semantic/semantic_workspace.h"
#include "memory/catalogue.h"
#include "tests/clang/index_rig.h"
#include "tests/clang/worker_rig.h"

namespace engram {

namespace {

struct Guessed {
  Guessed() {
    write("lib/include/lib/shared.h", "#pragma once\nint shared(int one);\n");
    write("lib/shared.cpp", "#include <lib/shared.h>\nint shared(int one) { return one; }\n");
    for (const char* name : {"a", "b", "c", "d"}) {
      write("app/" + std::string(name) + ".cpp",
            "#include <lib/shared.h>\nint " + std::string(name) + "() { return shared(1); }\n");
    }
  }

  void write(const std::string& path, const std::string& text) {
    folder.write(path, text);
    if (!path.ends_with(".cpp") && !path.ends_with(".h")) return;
    files.all.push_back(path);
    if (path.ends_with(".cpp")) files.sources.push_back(path);
  }

  SemanticIndexReport update(std::size_t most = 100, const std::vector<std::string>& open = {},
                             std::optional<std::chrono::seconds> time = {}) {
    CompileCommandsOptions where;
    where.workspace = folder.path();
    where.home = folder.path();
    where.list_files = [this] { return files; };
    where.most_guessed = most;
    SemanticWorkspace workspace(std::move(where));
    SemanticIndexOptions options = index_options(folder.path(), store.path());
    options.guess_time = time;
    options.open_files = [&] {
      std::vector<std::string> paths;
      for (const std::string& file : open) paths.push_back((folder.path() / file).string());
      return paths;
    };
    auto report = workspace.update(std::move(options));
    INFO((report ? "" : report.error().message));
    REQUIRE(report);
    return *std::move(report);
  }

  std::vector<SemanticUnit> units() const {
    const auto reader = SemanticReader::open(store.path());
    REQUIRE(reader);
    return (*reader)->units().operator*();
  }

  TemporaryDirectory folder, store;
  WorkspaceFiles files;
};

}  // namespace

TEST_CASE("guessed index: all is inferred, and a database takes its place", "[clang]") {
  Guessed w;
  SemanticIndexReport report = w.update();
  CHECK(report.parsed == 5);
  CHECK(report.units.guessed);
  CHECK(report.units.inferred == 5);
  CHECK(report.units.without_errors == 5);
  CHECK(semantic_share(report.units) ==
        "no compile database: commands of 5 units were guessed, 5 have no errors");
  {
    const auto reader = SemanticReader::open(w.store.path());
    REQUIRE(reader);
    const auto shared = (*reader)->named("shared");
    REQUIRE(shared);
    REQUIRE(shared->size() == 1);
    std::size_t uses = 0;
    const auto found = (*reader)->uses_of(shared->front());
    for (const SourceUses& source : *found) {
      for (const SemanticUse& use : source.uses) CHECK(use.certainty == Certainty::kInferred);
      uses += source.uses.size();
    }
    CHECK(uses == 6);  // one declaration, one definition, four calls
  }
  CHECK(w.update().parsed == 0);
  const std::string root = w.folder.path().string();
  w.folder.write("compile_commands.json",
                 R"([{"directory":")" + root +
                     R"(","file":"app/a.cpp","command":"c++ -Ilib/include app/a.cpp"}])");
  report = w.update();
  CHECK(report.parsed == 1);
  CHECK(report.dropped == 5);
  CHECK_FALSE(report.units.guessed);
  CHECK(report.units.semantic == 1);
  REQUIRE(w.units().size() == 1);
  CHECK(w.units().front().state == UnitState::kSemantic);
}

TEST_CASE("guessed index: a bound, open files on top of it, and what was read stays", "[clang]") {
  Guessed w;
  CHECK(w.update(2).parsed == 2);
  const auto first = w.units();
  CHECK(w.update(2).parsed == 0);
  std::string other;
  for (const std::string& source : w.files.sources) {
    const bool known = std::any_of(first.begin(), first.end(),
                                   [&](const auto& unit) { return unit.file == source; });
    if (!known) other = source;
  }
  CHECK(w.update(2, {other}).parsed == 1);
  CHECK(w.update(2).parsed == 0);  // closed again
  CHECK(w.units().size() == 3);
  w.write("app/new.cpp", "int fresh;\n");
  CHECK(w.update(2).parsed == 0);
  CHECK(w.update(4).parsed == 1);
}

TEST_CASE("guessed index: when its time is over the rest waits for the next run", "[clang]") {
  Guessed w;
  SemanticIndexReport report = w.update(100, {}, std::chrono::seconds(0));
  CHECK(report.parsed == 1);
  CHECK(report.units.total == 5);
  CHECK(report.units.done == 1);
  CHECK(w.units().size() == 1);
  report = w.update();
  CHECK(report.parsed == 4);
  CHECK(report.unchanged == 1);
}

TEST_CASE("guessed index: a unit with errors keeps its facts, and is counted") {
  Guessed w;
  w.write("app/broken.cpp",
          "#include <nowhere.h>\n#include <lib/shared.h>\nint e() { return shared(2); }\n");
  const SemanticIndexReport report = w.update();
  CHECK(report.units.without_errors == 5);
  CHECK(report.units.inferred == 6);
  CHECK(report.units.without_facts == 0);
}

TEST_CASE("indexed files: sources of others and headers are no units, tests come last") {
  TemporaryDirectory store;
  {
    auto writer = CatalogueWriter::open(store.path());
    REQUIRE(writer);
    const FileFacts facts;
    for (const char* path : {"tests/a.cpp", "src/b.c", "src/b.h", "CMakeLists.txt", "deps/c.cc",
                             "x.py", "k.cu", "inl.inl"}) {
      FileEntry entry;
      entry.path = path;
      const std::string name = path;
      if (name.starts_with("tests/")) entry.flags = static_cast<std::uint32_t>(FileFlag::kTest);
      if (name.starts_with("deps/")) entry.flags = static_cast<std::uint32_t>(FileFlag::kVendored);
      REQUIRE((*writer)->put_file(entry, sha256(name), &facts, name));
    }
    REQUIRE((*writer)->commit());
  }
  const WorkspaceFiles files = indexed_files(store.path());
  CHECK(files.all.size() == 7);
  REQUIRE(files.sources.size() == 3);
  CHECK(files.sources.back() == "tests/a.cpp");
  CHECK(indexed_files(store.path() / "none").all.empty());
}

TEST_CASE(
    "indexed files: as scanned until a whole run has ended, then as each commit leaves them") {
  TemporaryDirectory folder, store;
  folder.write("a.cpp", "");
  folder.write("a.h", "");
  folder.write("notes.txt", "");
  WorkspaceFileList list(folder.path(), store.path(), {});
  const std::vector<std::string> both = {"a.cpp", "a.h"};
  CHECK(list.get().all == both);
  auto writer = CatalogueWriter::open(store.path());
  REQUIRE(writer);
  const FileFacts facts;
  const auto put = [&](const char* path) {
    FileEntry entry;
    entry.path = path;
    REQUIRE((*writer)->put_file(entry, sha256(std::string(path)), &facts, ""));
    REQUIRE((*writer)->commit());
  };
  put("a.cpp");
  CHECK(list.get().all == both);  // the run goes on
  REQUIRE((*writer)->set_meta(kHeadKey, ""));
  REQUIRE((*writer)->commit());
  CHECK(list.get().all == std::vector<std::string>{"a.cpp"});
  CHECK(list.get().all == std::vector<std::string>{"a.cpp"});
  put("a.h");
  CHECK(list.get().all == both);
  writer = Error{Errc::kCancelled, ""};  // closed
  REQUIRE(discard_store(store.path()));
  CHECK(list.get().all == both);
}

}  // namespace engram
