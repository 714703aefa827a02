// Plain directories and hostile file systems.
#include "indexer/scan/scanner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "indexer/scan/nothing_left.h"
#include "indexer/scan/workspace_file.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

bool has_file(const ScanResult& scan, std::string_view path) {
  return std::ranges::find(scan.files, path, &FileEntry::path) != scan.files.end();
}

std::string reason_of(const ScanResult& scan, std::string_view path) {
  const auto at = std::ranges::find(scan.skipped, path, &SkippedFile::path);
  return at == scan.skipped.end() ? "" : at->reason;
}

}  // namespace

TEST_CASE("scan: an empty directory is an empty workspace", "[scan]") {
  const TemporaryDirectory directory;
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK(scan->files.empty());
  CHECK(scan->skipped.empty());
  CHECK_FALSE(scan->is_git);
}

TEST_CASE("scan: a root that is no directory is one clear line", "[scan]") {
  const TemporaryDirectory directory;
  directory.write("file", "x");
  const auto missing = scan_workspace(directory.path() / "none", {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::kNotFound);
  const auto file = scan_workspace(directory.path() / "file", {});
  REQUIRE_FALSE(file);
  CHECK(file.error().code == Errc::kInvalidArgument);
  CHECK(file.error().message.find("file") != std::string::npos);
}

TEST_CASE("scan: a plain directory honours .gitignore and the stronger .ignore", "[scan]") {
  const TemporaryDirectory directory;
  directory.write(".gitignore", "*.gen.c\nout/\n");
  directory.write(".ignore", "!keep.gen.c\nnotes/\n");
  directory.write("a.c", "x");
  directory.write("b.gen.c", "x");
  directory.write("keep.gen.c", "x");
  directory.write("out/o.c", "x");
  directory.write("notes/n.md", "x");
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK(has_file(*scan, "a.c"));
  CHECK(has_file(*scan, "keep.gen.c"));
  CHECK(reason_of(*scan, "b.gen.c") == "ignored");
  CHECK(reason_of(*scan, "out/") == "ignored");
  CHECK(reason_of(*scan, "notes/") == "ignored");
}

TEST_CASE("scan: directories that a program wrote are left out with their reason", "[scan]") {
  const TemporaryDirectory directory;
  directory.write("node_modules/x/index.js", "x");
  directory.write("build/CMakeCache.txt", "x");
  directory.write("build/generated.c", "x");
  directory.write("insource/CMakeCache.txt", "x");
  directory.write("insource/CMakeLists.txt", "x");
  directory.write("insource/a.c", "x");
  directory.write("env/pyvenv.cfg", "x");
  directory.write("cache/CACHEDIR.TAG", "x");
  directory.write("p/__pycache__/a.pyc", "x");
  directory.write("third_party/z/z.c", "x");
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK(reason_of(*scan, "node_modules/") == "dependencies");
  CHECK(reason_of(*scan, "build/") == "build_directory");
  CHECK(reason_of(*scan, "env/") == "dependencies");
  CHECK(reason_of(*scan, "cache/") == "cache");
  CHECK(reason_of(*scan, "p/__pycache__/") == "cache");
  CHECK(has_file(*scan, "insource/a.c"));
  CHECK(has_file(*scan, "third_party/z/z.c"));
}

TEST_CASE("scan: globs of the settings include and exclude", "[scan]") {
  const TemporaryDirectory directory;
  directory.write("src/a.cpp", "x");
  directory.write("src/skip/b.cpp", "x");
  directory.write("src/a.txt", "x");
  directory.write("doc/d.md", "x");
  const auto scan =
      scan_workspace(directory.path(), {.include = {"*.cpp", "/doc/"}, .exclude = {"skip/"}});
  REQUIRE(scan);
  CHECK(scan->files.size() == 2);
  CHECK(has_file(*scan, "src/a.cpp"));
  CHECK(has_file(*scan, "doc/d.md"));
  CHECK(reason_of(*scan, "src/skip/") == "excluded");
  CHECK(reason_of(*scan, "src/a.txt") == "not_included");
}

TEST_CASE("scan: links, pipes, odd names and big files do no harm", "[scan]") {
  const TemporaryDirectory outside, directory;
  outside.write("o.c", "x");
  directory.write("d/a.c", "x");
  fs::create_directory_symlink("..", directory.path() / "d" / "cycle");
  fs::create_directory_symlink(outside.path(), directory.path() / "out");
  fs::create_symlink("nowhere", directory.path() / "dangling");
  REQUIRE(::mkfifo((directory.path() / "pipe.c").c_str(), 0600) == 0);
  REQUIRE(::mkfifo((directory.path() / ".gitignore").c_str(), 0600) == 0);
  directory.write("new\nline.c", "x");
  directory.write("bad\xFF\xFEname.c", "x");
  directory.write("big.c", std::string(1000, 'x'));
  const auto scan = scan_workspace(directory.path(), {.max_file_bytes = 999});
  REQUIRE(scan);
  CHECK(scan->files.size() == 3);
  CHECK(has_file(*scan, "new\nline.c"));
  CHECK(has_file(*scan, "bad\xFF\xFEname.c"));
  CHECK(reason_of(*scan, "d/cycle") == "symlink");
  CHECK(reason_of(*scan, "out") == "symlink");
  CHECK(reason_of(*scan, "dangling") == "symlink");
  CHECK(reason_of(*scan, "pipe.c") == "not_regular");
  CHECK(reason_of(*scan, "big.c") == "too_large");
}

TEST_CASE("scan: an unreadable directory is listed, not fatal", "[scan]") {
  const TemporaryDirectory directory;
  directory.write("closed/a.c", "x");
  directory.write("b.c", "x");
  fs::permissions(directory.path() / "closed", fs::perms::none);
  const bool root = ::geteuid() == 0;  // root reads everything: become nobody for a moment
  if (root) {
    REQUIRE(::chown(directory.path().c_str(), 65534, 65534) == 0);
    REQUIRE(::seteuid(65534) == 0);
  }
  const auto scan = scan_workspace(directory.path(), {});
  if (root) REQUIRE(::seteuid(0) == 0);
  fs::permissions(directory.path() / "closed", fs::perms::owner_all);
  REQUIRE(scan);
  CHECK(has_file(*scan, "b.c"));
  CHECK(reason_of(*scan, "closed/") == "unreadable");
}

TEST_CASE("scan: paths too deep for the system are listed", "[scan]") {
  const TemporaryDirectory directory;
  const std::string name(200, 'd');
  const int here = ::open(".", O_RDONLY | O_DIRECTORY);
  REQUIRE(::chdir(directory.path().c_str()) == 0);
  for (int i = 0; i < 25; ++i) {
    REQUIRE(::mkdir(name.c_str(), 0700) == 0);
    REQUIRE(::chdir(name.c_str()) == 0);
  }
  REQUIRE(::fchdir(here) == 0);
  ::close(here);
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  REQUIRE(scan->skipped.size() == 1);
  CHECK(scan->skipped[0].reason == "unreadable");
}

TEST_CASE("scan: a workspace in which everything is ignored says by which rule", "[scan]") {
  const TemporaryDirectory directory;
  directory.write(".gitignore", "# Packaging\n*.o\n/*\n!/debian/\n");
  directory.write("a.c", "int a;\n");
  directory.write("b.o", "");
  directory.write("kernel/b.c", "int b;\n");
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK(why_nothing_is_left(scan->files.size(), scan->skipped) ==
        "nothing is left to index: .gitignore:3: /* ignores 4 of 4 entries; remove that line, or, "
        "outside git, write '!/*' into a file .ignore beside it");
  CHECK_FALSE(why_nothing_is_left(1, scan->skipped));
  CHECK_FALSE(why_nothing_is_left(0, {{"a", "binary", ""}}));
  directory.write(".ignore", "!/*\n");  // as it says
  const auto again = scan_workspace(directory.path(), {});
  REQUIRE(again);
  CHECK(has_file(*again, "kernel/b.c"));
}

TEST_CASE("scan: so many ignored files are listed, the rest counted", "[scan]") {
  const TemporaryDirectory directory;
  directory.write(".gitignore", "*.log\n");
  for (int i = 0; i < 37; ++i) directory.write("f" + std::to_string(i) + ".log", "");
  const auto scan = scan_workspace(directory.path(), {.max_listed = 30});
  REQUIRE(scan);
  CHECK(scan->skipped.size() == 31);
  CHECK(scan->skipped[0].reason == "ignored_cap");
  CHECK(scan->skipped[0].detail.starts_with("7 more"));
}

TEST_CASE("scan: a stop request ends it", "[scan]") {
  const TemporaryDirectory directory;
  std::stop_source stop;
  stop.request_stop();
  const auto scan = scan_workspace(directory.path(), {}, stop.get_token());
  REQUIRE_FALSE(scan);
  CHECK(scan.error().code == Errc::kCancelled);
}

TEST_CASE("find_workspace: the nearest .git or .engram.toml, else the own directory", "[scan]") {
  const TemporaryDirectory directory;
  const fs::path root = fs::canonical(directory.path());
  directory.write("w/.engram.toml", "");
  directory.write("w/a/b/c.cpp", "x");
  directory.write("g/.git/HEAD", "x");
  directory.write("g/x/y.cpp", "x");
  CHECK(find_workspace(root / "w/a/b/c.cpp") == root / "w");
  CHECK(find_workspace(root / "w/a/b") == root / "w");
  CHECK(find_workspace(root / "g/x/y.cpp") == root / "g");
  CHECK(find_workspace(root / "g/x/not_yet.cpp") == root / "g");
}

TEST_CASE("workspace_file: no link leads outside, no pipe blocks", "[scan]") {
  const TemporaryDirectory outside, directory;
  outside.write("o.c", "secret");
  directory.write("a/b.c", "inside");
  fs::create_directory_symlink(outside.path(), directory.path() / "out");
  fs::create_symlink(outside.path() / "o.c", directory.path() / "link.c");
  REQUIRE(::mkfifo((directory.path() / "pipe").c_str(), 0600) == 0);
  const auto root = WorkspaceRoot::open(directory.path());
  REQUIRE(root);
  CHECK(root->read("a/b.c", 100)->text == "inside");
  CHECK(root->read("a/b.c", 6)->text == "inside");
  CHECK(root->read("a/b.c", 5).error().code == Errc::kInvalidArgument);
  CHECK(root->read("gone", 100).error().code == Errc::kNotFound);
  for (const char* bad : {"out/o.c", "link.c", "../x", "pipe", "a"}) {
    INFO(bad);
    CHECK_FALSE(root->read(bad, 100));
  }
}

}  // namespace engram
