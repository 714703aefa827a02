// The scanner against git on random trees with random ignore files: libgit2 1.5 where it is right
// (it mistakes "*/" for everything and forgets some "!rules"), the git program for all rules.
#include <stdio.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <random>
#include <set>

#include "indexer/scan/scanner.h"
#include "tests/scan/git_repository.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

using Random = std::mt19937;

template <class List>
std::string pick(Random& random, const List& list) {
  const auto n = static_cast<unsigned>(std::size(list));
  return std::string(*(std::begin(list) + static_cast<std::ptrdiff_t>(random() % n)));
}

std::string random_rule(Random& random, bool tame) {
  static const std::vector<const char*> words = {
      "a", "b", "c", "*", "a*", "*.q", "?", "**", "[ab]", "[!a]", "b.q", "c.txt", "d", "*c*"};
  std::string rule;
  const auto parts = 1 + random() % 3;
  for (std::size_t i = 0; i < parts; ++i) rule += (i > 0 ? "/" : "") + pick(random, words);
  if (random() % 4 == 0) rule = "/" + rule;
  if (random() % 4 == 0 && !(tame && rule.ends_with('*'))) rule += "/";
  if (random() % 3 == 0 && !tame) rule = "!" + rule;
  if (random() % 8 == 0) rule += "  ";
  if (random() % 16 == 0) rule += "\r";
  return rule;
}

std::string random_rules(Random& random, bool tame) {
  std::string text = random() % 4 == 0 ? "# comment\n\n" : "";
  const auto rules = 1 + random() % 5;
  for (std::size_t i = 0; i < rules; ++i) text += random_rule(random, tame) + "\n";
  return text;
}

std::string random_path(Random& random) {
  static const std::vector<const char*> directories = {"a", "b", "c", "d", "ab", "bc"};
  static const std::vector<const char*> files = {"a", "b", "a.q", "b.q", "c.txt", "acb", "x.c"};
  std::string path;
  const auto depth = random() % 4;
  for (std::size_t i = 0; i < depth; ++i) path += pick(random, directories) + "_/";
  // Directories and files never share a name: "_" marks directories half of the time.
  if (random() % 2 == 0) std::erase(path, '_');
  return path + pick(random, files);
}

struct Round {
  std::set<std::string> ours, git, libgit2;
  std::string rules;
};

bool has_git_program() { return ::system("git --version >/dev/null 2>&1") == 0; }

std::set<std::string> untracked_by_program(const std::filesystem::path& directory) {
  const std::string command =
      "git -C '" + directory.string() + "' ls-files --others --exclude-standard -z";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  std::set<std::string> paths;
  std::string path;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    if (c != 0) {
      path += static_cast<char>(c);
    } else {
      paths.insert(std::move(path));
      path.clear();
    }
  }
  return paths;
}

Round run_round(Random& random, bool tame, bool ask_program) {
  const TemporaryDirectory directory;
  const GitRepository repository(directory.path());
  for (int i = 0; i < 25; ++i) {
    const std::string path = random_path(random);
    std::error_code ec;
    std::filesystem::create_directories((directory.path() / path).parent_path(), ec);
    if (!ec && !std::filesystem::is_directory(directory.path() / path)) {
      directory.write(path, "x");
    }
  }
  Round round;
  for (const char* where : {"", "a/", "a_/", "b/", "a_/b_/"}) {
    if (!std::filesystem::is_directory(directory.path() / where)) continue;
    const std::string text = random_rules(random, tame);
    directory.write(std::string(where) + ".gitignore", text);
    round.rules += std::string(where) + ".gitignore:\n" + text;
  }
  const auto scan = scan_workspace(directory.path(), {});
  REQUIRE(scan);
  for (const FileEntry& file : scan->files) round.ours.insert(file.path);
  if (ask_program) {
    round.git = untracked_by_program(directory.path());
  } else {
    round.libgit2 = repository.untracked();
  }
  return round;
}

}  // namespace

TEST_CASE("scan: untracked files are those libgit2 finds, on random trees", "[scan]") {
  const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
  Random random(seed);
  for (int i = 0; i < 8; ++i) {
    const Round round = run_round(random, true, false);
    INFO("seed " << seed << " round " << i << "\n" << round.rules);
    CHECK(round.ours == round.libgit2);
  }
}

TEST_CASE("scan: untracked files are those git finds, on random trees", "[scan]") {
  if (!has_git_program()) SKIP("there is no git program to compare with");
  const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
  Random random(seed);
  for (int i = 0; i < 8; ++i) {
    const Round round = run_round(random, false, true);
    INFO("seed " << seed << " round " << i << "\n" << round.rules);
    CHECK(round.ours == round.git);
  }
}

}  // namespace engram
