#include "indexer/scan/git_workspace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace engram {

namespace fs = std::filesystem;

namespace {

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { Free(object); }
};
using Repository = std::unique_ptr<git_repository, Deleter<git_repository, git_repository_free>>;
using Index = std::unique_ptr<git_index, Deleter<git_index, git_index_free>>;
using Config = std::unique_ptr<git_config, Deleter<git_config, git_config_free>>;
using Buffer = std::unique_ptr<git_buf, Deleter<git_buf, git_buf_dispose>>;

class LibGit2 {
 public:
  LibGit2() {
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  }
  ~LibGit2() { git_libgit2_shutdown(); }
  LibGit2(const LibGit2&) = delete;
  LibGit2& operator=(const LibGit2&) = delete;
};

void start_libgit2() { static const LibGit2 once; }

std::string last_error() {
  const git_error* error = git_error_last();
  std::string text = error != nullptr && error->message != nullptr ? error->message : "no reason";
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// libgit2 opens these without looking; a FIFO in their place would hang it for ever.
bool has_strange_files(const fs::path& git_directory) {
  constexpr std::array kNames = {"HEAD",   "config",      "index",           "commondir",
                                 "gitdir", "packed-refs", "config.worktree", "info/exclude"};
  return std::ranges::any_of(kNames, [&](const char* name) {
    struct stat status{};
    return ::stat((git_directory / name).c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  });
}

// The nearest directory upwards with a .git entry, as git looks for it.
fs::path find_git_entry(const fs::path& root) {
  for (fs::path at = root;; at = at.parent_path()) {
    struct stat status{};
    if (::stat((at / ".git").c_str(), &status) == 0) return at / ".git";
    if (!at.has_relative_path()) return {};
  }
}

bool looks_bare(const fs::path& root) {
  std::error_code ec;
  return fs::is_regular_file(root / "HEAD", ec) && fs::is_directory(root / "objects", ec) &&
         fs::is_directory(root / "refs", ec);
}

void append_file(IgnoreScope& scope, const fs::path& path, std::string_view outer,
                 bool ignore_case) {
  if (auto file = IgnoreFile::load(AT_FDCWD, path.c_str(),
                                   {.base = "",
                                    .outer = std::string(outer),
                                    .source = path.string(),
                                    .ignore_case = ignore_case})) {
    scope.files.push_back(std::move(*file));
  }
}

// core.excludesFile counts only from the user's and the system's settings: a repository must not
// be able to make us read a file of its choice.
fs::path user_excludes_file(git_repository* repository) {
  git_config* raw = nullptr;
  if (git_repository_config_snapshot(&raw, repository) != 0) return {};
  const Config all(raw);
  for (const git_config_level_t level :
       {GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_SYSTEM}) {
    git_config* at_level = nullptr;
    if (git_config_open_level(&at_level, all.get(), level) != 0) continue;
    const Config config(at_level);
    git_buf value = GIT_BUF_INIT;
    const Buffer owner(&value);
    if (git_config_get_path(&value, config.get(), "core.excludesfile") == 0) return value.ptr;
  }
  if (const char* xdg = std::getenv("XDG_CONFIG_HOME"); xdg != nullptr && xdg[0] == '/') {
    return fs::path(xdg) / "git" / "ignore";
  }
  const char* home = std::getenv("HOME");
  return home != nullptr ? fs::path(home) / ".config" / "git" / "ignore" : fs::path();
}

bool ignores_case(git_repository* repository) {
  git_config* raw = nullptr;
  if (git_repository_config_snapshot(&raw, repository) != 0) return false;
  const Config config(raw);
  int value = 0;
  return git_config_get_bool(&value, config.get(), "core.ignorecase") == 0 && value != 0;
}

void read_index(git_repository* repository, GitWorkspace& out) {
  git_index* raw = nullptr;
  if (git_repository_index(&raw, repository) != 0) {
    out.index_readable = false;
    out.index_problem = last_error();
    return;
  }
  const Index index(raw);
  const std::size_t count = git_index_entrycount(index.get());
  out.tracked.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const git_index_entry* entry = git_index_get_byindex(index.get(), i);
    std::string_view path = entry->path;
    if (!path.starts_with(out.prefix)) continue;
    path.remove_prefix(out.prefix.size());
    auto& list = entry->mode == GIT_FILEMODE_COMMIT ? out.submodules : out.tracked;
    if (list.empty() || list.back() != path) list.emplace_back(path);  // conflict stages repeat
  }
  std::ranges::sort(out.tracked);
  std::ranges::sort(out.submodules);
}

std::string read_head(git_repository* repository) {
  git_oid id;
  if (git_reference_name_to_id(&id, repository, "HEAD") != 0) return {};
  char text[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(text, sizeof text, &id);
}

std::shared_ptr<const IgnoreScope> read_outer_rules(git_repository* repository,
                                                    const GitWorkspace& workspace) {
  auto scope = std::make_shared<IgnoreScope>();
  const bool fold = workspace.ignore_case;
  if (const fs::path user = user_excludes_file(repository); !user.empty()) {
    append_file(*scope, user, workspace.prefix, fold);
  }
  append_file(*scope, fs::path(git_repository_commondir(repository)) / "info" / "exclude",
              workspace.prefix, fold);
  fs::path directory = workspace.work_tree;
  for (std::string_view rest = workspace.prefix; !rest.empty();) {
    append_file(*scope, directory / ".gitignore", rest, fold);
    const std::size_t slash = rest.find('/');
    directory /= rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
  }
  return scope;
}

}  // namespace

GitProbe probe_git(const fs::path& root) {
  start_libgit2();
  GitProbe probe;
  const fs::path entry = find_git_entry(root);
  if (entry.empty()) {
    if (looks_bare(root)) probe.state = GitState::kBare;
    return probe;
  }
  const auto broken = [&](std::string why) {
    probe.state = GitState::kBroken;
    probe.problem = std::move(why);
    return probe;
  };
  struct stat status{};
  if (::stat(entry.c_str(), &status) != 0 ||
      !(S_ISDIR(status.st_mode) || S_ISREG(status.st_mode))) {
    return broken("'.git' is neither a directory nor a file");
  }
  if (S_ISDIR(status.st_mode) && has_strange_files(entry)) {
    return broken("a file inside '.git' is not a regular file");
  }
  git_repository* raw = nullptr;
  if (git_repository_open_ext(&raw, entry.parent_path().c_str(), GIT_REPOSITORY_OPEN_NO_SEARCH,
                              nullptr) != 0) {
    return broken(last_error());
  }
  const Repository repository(raw);
  if (has_strange_files(git_repository_path(raw)) ||
      has_strange_files(git_repository_commondir(raw))) {
    return broken("a file inside '.git' is not a regular file");
  }
  const char* work_tree = git_repository_workdir(raw);
  std::error_code ec;
  if (work_tree == nullptr) return broken("its settings say that it has no work tree");
  GitWorkspace& workspace = probe.workspace;
  workspace.work_tree = fs::canonical(work_tree, ec);
  const fs::path expected = fs::canonical(entry.parent_path(), ec);
  if (ec || workspace.work_tree != expected) {
    return broken(fmt::format("its settings place the work tree at '{}'", work_tree));
  }
  const std::string prefix = fs::canonical(root, ec).lexically_relative(expected).generic_string();
  workspace.prefix = prefix == "." || prefix.empty() ? "" : prefix + "/";
  workspace.ignore_case = ignores_case(raw);
  read_index(raw, workspace);
  workspace.head = read_head(raw);
  workspace.outer_scope = read_outer_rules(raw, workspace);
  probe.state = GitState::kOpened;
  return probe;
}

}  // namespace engram
