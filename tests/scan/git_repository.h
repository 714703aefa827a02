// tests/scan/git_repository.h: a git repository made through libgit2, for tests of the scanner.
#pragma once

#include <git2.h>

#include <filesystem>
#include <set>
#include <string>

#include "tests/support/catch.h"

namespace engram {

class GitRepository {
 public:
  explicit GitRepository(const std::filesystem::path& path, bool bare = false) {
    git_libgit2_init();
    REQUIRE(git_repository_init(&repository_, path.c_str(), bare ? 1U : 0U) == 0);
  }
  ~GitRepository() {
    git_repository_free(repository_);
    git_libgit2_shutdown();
  }
  GitRepository(const GitRepository&) = delete;
  GitRepository& operator=(const GitRepository&) = delete;

  git_repository* get() const { return repository_; }

  void add(const std::string& path) const {  // even when ignored, as `git add -f`
    git_index* index = nullptr;
    REQUIRE(git_repository_index(&index, repository_) == 0);
    REQUIRE(git_index_add_bypath(index, path.c_str()) == 0);
    REQUIRE(git_index_write(index) == 0);
    git_index_free(index);
  }

  void add_gitlink(const std::string& path) const {
    git_index* index = nullptr;
    REQUIRE(git_repository_index(&index, repository_) == 0);
    git_index_entry entry{};
    entry.mode = GIT_FILEMODE_COMMIT;
    entry.path = path.c_str();
    REQUIRE(git_oid_fromstr(&entry.id, "0123456789012345678901234567890123456789") == 0);
    REQUIRE(git_index_add(index, &entry) == 0);
    REQUIRE(git_index_write(index) == 0);
    git_index_free(index);
  }

  std::string commit() const {
    git_index* index = nullptr;
    REQUIRE(git_repository_index(&index, repository_) == 0);
    git_oid tree_id, commit_id;
    REQUIRE(git_index_write_tree(&tree_id, index) == 0);
    git_tree* tree = nullptr;
    REQUIRE(git_tree_lookup(&tree, repository_, &tree_id) == 0);
    git_signature* who = nullptr;
    REQUIRE(git_signature_new(&who, "Test", "test@example.org", 1700000000, 0) == 0);
    REQUIRE(git_commit_create(&commit_id, repository_, "HEAD", who, who, nullptr, "one", tree, 0,
                              nullptr) == 0);
    git_signature_free(who);
    git_tree_free(tree);
    git_index_free(index);
    char text[GIT_OID_HEXSZ + 1];
    return git_oid_tostr(text, sizeof text, &commit_id);
  }

  // Untracked files that git does not ignore, as libgit2 sees them.
  std::set<std::string> untracked() const {
    git_status_options options;
    REQUIRE(git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION) == 0);
    options.show = GIT_STATUS_SHOW_WORKDIR_ONLY;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS;
    git_status_list* list = nullptr;
    REQUIRE(git_status_list_new(&list, repository_, &options) == 0);
    std::set<std::string> paths;
    for (std::size_t i = 0; i < git_status_list_entrycount(list); ++i) {
      paths.insert(git_status_byindex(list, i)->index_to_workdir->new_file.path);
    }
    git_status_list_free(list);
    return paths;
  }

 private:
  git_repository* repository_ = nullptr;
};

}  // namespace engram
