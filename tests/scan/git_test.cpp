// Git work trees of every condition, made through libgit2.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "indexer/scan/scanner.h"
#include "tests/scan/git_repository.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

bool has_file(const ScanResult& scan, std::string_view path) {
  return std::ranges::find(scan.files, path, &FileEntry::path) != scan.files.end();
}

std::string reason_of(const ScanResult& scan, std::string_view path) {
  const auto at = std::ranges::find(scan.skipped, path, &SkippedFile::path);
  return at == scan.skipped.end() ? "" : at->reason;
}

std::uint32_t flags_of(const ScanResult& scan, std::string_view path) {
  const auto at = std::ranges::find(scan.files, path, &FileEntry::path);
  return at == scan.files.end() ? ~0U : at->flags;
}

constexpr auto kUntracked = static_cast<std::uint32_t>(FileFlag::kUntracked);
constexpr auto kVendored = static_cast<std::uint32_t>(FileFlag::kVendored);

}  // namespace

TEST_CASE("scan: tracked files count though ignored, untracked ones are marked", "[scan]") {
  const TemporaryDirectory directory;
  const GitRepository repository(directory.path());
  directory.write(".gitignore", "build/\n*.log\n");
  directory.write("src/a.cpp", "int a;");
  directory.write("build/kept.h", "int k;");
  directory.write("build/lost.h", "int l;");
  directory.write("keep.log", "x");
  directory.write("lose.log", "x");
  repository.add("src/a.cpp");
  repository.add("build/kept.h");
  repository.add("keep.log");
  const std::string head = repository.commit();
  directory.write("new.cpp", "int n;");

  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK(scan->is_git);
  CHECK(scan->head == head);
  CHECK(has_file(*scan, "build/kept.h"));
  CHECK(has_file(*scan, "keep.log"));
  CHECK_FALSE(has_file(*scan, "build/lost.h"));
  CHECK(reason_of(*scan, "build/") == "ignored");
  CHECK(reason_of(*scan, "lose.log") == "ignored");
  CHECK(flags_of(*scan, "src/a.cpp") == 0);
  CHECK(flags_of(*scan, "new.cpp") == kUntracked);
  CHECK(reason_of(*scan, ".git/") == "version_control");
}

TEST_CASE("scan: a sub-directory of a work tree obeys the rules above it", "[scan]") {
  const TemporaryDirectory directory;
  const GitRepository repository(directory.path());
  directory.write(".gitignore", "/sub/deep/*.o\n*.tmp\n");
  directory.write("sub/deep/a.o", "x");
  directory.write("sub/deep/a.c", "int a;");
  directory.write("sub/b.tmp", "x");
  directory.write("other.c", "int o;");
  repository.add("sub/deep/a.c");
  const auto scan = scan_workspace(directory.path() / "sub", {});
  REQUIRE(scan);
  CHECK(scan->files.size() == 1);
  CHECK(flags_of(*scan, "deep/a.c") == 0);
  CHECK(reason_of(*scan, "deep/a.o") == "ignored");
  CHECK(reason_of(*scan, "b.tmp") == "ignored");
}

TEST_CASE("scan: submodules are read by their own rules, strangers are not", "[scan]") {
  const TemporaryDirectory directory;
  const GitRepository repository(directory.path());
  directory.write("a.c", "int a;");
  const GitRepository inner(directory.path() / "lib" / "inner");
  directory.write("lib/inner/.gitignore", "*.o\n");
  directory.write("lib/inner/i.c", "int i;");
  directory.write("lib/inner/i.o", "x");
  inner.add("i.c");
  repository.add_gitlink("lib/inner");
  std::filesystem::create_directories(directory.path() / "lib" / "absent");
  repository.add_gitlink("lib/absent");
  const GitRepository stranger(directory.path() / "stranger");
  directory.write("stranger/s.c", "int s;");

  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK(flags_of(*scan, "lib/inner/i.c") == kVendored);
  CHECK(reason_of(*scan, "lib/inner/i.o") == "ignored");
  CHECK(reason_of(*scan, "lib/absent/") == "submodule");
  CHECK(reason_of(*scan, "stranger/") == "nested_repository");
  CHECK_FALSE(has_file(*scan, "stranger/s.c"));
}

TEST_CASE("scan: a linked work tree is a work tree", "[scan]") {
  const TemporaryDirectory directory;
  const GitRepository repository(directory.path() / "main");
  directory.write("main/a.c", "int a;");
  directory.write("main/.gitignore", "*.o\n");
  repository.add("a.c");
  repository.add(".gitignore");
  const std::string head = repository.commit();
  git_worktree* linked = nullptr;
  REQUIRE(git_worktree_add(&linked, repository.get(), "linked",
                           (directory.path() / "linked").c_str(), nullptr) == 0);
  git_worktree_free(linked);
  directory.write("linked/b.o", "x");
  const auto scan = scan_workspace(directory.path() / "linked", {});
  REQUIRE(scan);
  CHECK(scan->is_git);
  CHECK(scan->head == head);
  CHECK(flags_of(*scan, "a.c") == 0);
  CHECK(reason_of(*scan, "b.o") == "ignored");
}

TEST_CASE("scan: a bare repository is refused in one line", "[scan]") {
  const TemporaryDirectory directory;
  const GitRepository repository(directory.path() / "bare.git", true);
  const auto scan = scan_workspace(directory.path() / "bare.git", {});
  REQUIRE_FALSE(scan);
  CHECK(scan.error().code == Errc::kInvalidArgument);
  CHECK(scan.error().message.find("bare git repository") != std::string::npos);
  CHECK(scan.error().message.find('\n') == std::string::npos);
}

TEST_CASE("scan: a broken repository is a plain directory, with a note", "[scan]") {
  const TemporaryDirectory directory;
  directory.write("a.c", "int a;");
  directory.write("b.o", "x");
  directory.write(".gitignore", "*.o\n");
  SECTION("an empty .git directory") {
    std::filesystem::create_directories(directory.path() / ".git");
  }
  SECTION("a .git file that points nowhere") {
    directory.write(".git", "gitdir: /nowhere/at/all\n");
  }
  SECTION("a garbled HEAD and settings") {
    {
      const GitRepository repository(directory.path());
    }
    directory.write(".git/HEAD", std::string("\x01\x02garbage"));
    directory.write(".git/config", "[core\nbroken");
  }
  SECTION("a FIFO where git expects a file") {
    {
      const GitRepository repository(directory.path());
    }
    std::filesystem::remove(directory.path() / ".git" / "HEAD");
    REQUIRE(::mkfifo((directory.path() / ".git" / "HEAD").c_str(), 0600) == 0);
  }
  SECTION("settings that place the work tree outside") {
    {
      const GitRepository repository(directory.path());
    }
    directory.write(".git/config", "[core]\n\tworktree = /usr\n");
  }
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK_FALSE(scan->is_git);
  REQUIRE(scan->notes.size() == 1);
  CHECK(scan->notes[0].find("plain directory") != std::string::npos);
  CHECK(has_file(*scan, "a.c"));
  CHECK(reason_of(*scan, "b.o") == "ignored");
}

TEST_CASE("scan: an unreadable index leaves the files untracked, with a note", "[scan]") {
  const TemporaryDirectory directory;
  const GitRepository repository(directory.path());
  directory.write("a.c", "int a;");
  directory.write(".git/index", "DIRCgarbage");
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK(scan->is_git);
  CHECK(scan->notes.size() == 1);
  CHECK(flags_of(*scan, "a.c") == kUntracked);
}

TEST_CASE("scan: a repository of another owner is read all the same", "[scan]") {
  if (::geteuid() != 0) SKIP("needs root to give a directory away");
  const TemporaryDirectory directory;
  {
    const GitRepository repository(directory.path());
    directory.write("a.c", "int a;");
    repository.add("a.c");
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.path())) {
    REQUIRE(::chown(entry.path().c_str(), 65534, 65534) == 0);
  }
  REQUIRE(::chown(directory.path().c_str(), 65534, 65534) == 0);
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK(scan->is_git);
  CHECK(scan->notes.empty());
  CHECK(flags_of(*scan, "a.c") == 0);
}

TEST_CASE("scan: a tracked path behind a link that leads outside is not read", "[scan]") {
  const TemporaryDirectory outside, directory;
  outside.write("secret.c", "int s;");
  const GitRepository repository(directory.path());
  directory.write("d/secret.c", "int d;");
  repository.add("d/secret.c");
  std::filesystem::remove_all(directory.path() / "d");
  std::filesystem::create_directory_symlink(outside.path(), directory.path() / "d");
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  CHECK(scan->files.empty());
  CHECK(reason_of(*scan, "d") == "symlink");
}

TEST_CASE("scan_paths: single files get the verdict of the full scan", "[scan]") {
  const TemporaryDirectory directory;
  const GitRepository repository(directory.path());
  directory.write(".gitignore", "build/\n");
  directory.write("build/kept.h", "int k;");
  directory.write("build/lost.h", "int l;");
  directory.write("src/.gitignore", "gen_*\n");
  directory.write("src/gen_a.c", "int g;");
  directory.write("src/a.c", "int a;");
  directory.write("src/deep/b.c", "int b;");
  repository.add("build/kept.h");
  const auto scan = scan_paths(
      directory.path(), {"build/kept.h", "build/lost.h", "src/gen_a.c", "src/a.c", "gone.c"}, {});
  REQUIRE(scan);
  CHECK(scan->files.size() == 2);
  CHECK(has_file(*scan, "build/kept.h"));
  CHECK(has_file(*scan, "src/a.c"));
  CHECK(reason_of(*scan, "src/gen_a.c") == "ignored");
  const auto below = scan_paths(directory.path(), {"src"}, {});
  REQUIRE(below);
  CHECK(has_file(*below, "src/deep/b.c"));
  CHECK(below->files.size() == 3);  // and src/.gitignore
}

}  // namespace engram
