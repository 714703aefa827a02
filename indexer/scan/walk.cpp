#include "indexer/scan/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "indexer/scan/path_class.h"

namespace engram {

namespace {

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::int64_t mtime_of(const struct stat& status) {
  return static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
}

// Kernel interfaces that look like files: endless, or with side effects.
bool is_kernel_file_system(int fd) {
  struct statfs info{};
  if (::fstatfs(fd, &info) != 0) return false;
  switch (static_cast<unsigned long>(info.f_type)) {
    case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
    case DEBUGFS_MAGIC:
    case TRACEFS_MAGIC:
    case CGROUP_SUPER_MAGIC:
    case CGROUP2_SUPER_MAGIC:
    case DEVPTS_SUPER_MAGIC:
    case SECURITYFS_MAGIC:
    case BPF_FS_MAGIC:
      return true;
    default:
      return false;
  }
}

// Does a rule match the path or a directory above it?
bool covers(const IgnoreFile& rules, std::string_view path) {
  for (std::size_t end = path.find('/'); end != std::string_view::npos;
       end = path.find('/', end + 1)) {
    const IgnoreRule* rule = rules.find_rule(path.substr(0, end), true);
    if (rule != nullptr && !rule->negated) return true;
  }
  const IgnoreRule* rule = rules.find_rule(path, false);
  return rule != nullptr && !rule->negated;
}

// False with errno when the directory could not be read to its end.
template <class Entry>
bool read_entries(int fd, std::vector<Entry>& entries) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  DIR* stream = copy < 0 ? nullptr : ::fdopendir(copy);
  if (stream == nullptr) {
    if (copy >= 0) ::close(copy);
    return false;
  }
  ::rewinddir(stream);  // the copy shares the position in the directory
  errno = 0;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") entries.push_back({std::string(name), entry->d_type});
  }
  const int code = errno;
  ::closedir(stream);
  errno = code;
  return code == 0;
}

}  // namespace

WorkspaceWalk::WorkspaceWalk(const WorkspaceRoot& root, const ScanOptions& options,
                             ScanResult& result)
    : root_(root),
      options_(options),
      result_(result),
      include_(IgnoreFile::parse(join(options.include), {.base = "", .outer = "", .source = ""})),
      exclude_(IgnoreFile::parse(join(options.exclude), {.base = "", .outer = "", .source = ""})) {}

void WorkspaceWalk::skip(std::string path, std::string_view reason, std::string detail) {
  if (++skipped_by_reason_[std::string(reason)] > options_.max_listed) return;
  result_.skipped.push_back({std::move(path), std::string(reason), std::move(detail)});
}

std::shared_ptr<WorkspaceWalk::Tree> WorkspaceWalk::open_tree(std::string prefix,
                                                              std::uint32_t flags) {
  auto tree = std::make_shared<Tree>();
  tree->prefix = std::move(prefix);
  tree->flags = flags;
  GitProbe probe = probe_git(root_.path() / tree->prefix);
  const std::string where = tree->prefix.empty() ? root_.path().string() : tree->prefix;
  if (probe.state == GitState::kBroken) {
    result_.notes.push_back(
        fmt::format("cannot read the git repository of '{}' ({}): treated as a plain directory",
                    where, probe.problem));
  }
  if (probe.state == GitState::kOpened) {
    tree->is_git = true;
    tree->git = std::move(probe.workspace);
    tree->seen.resize(tree->git.tracked.size());
    if (!tree->git.index_readable) {
      result_.notes.push_back(
          fmt::format("cannot read the git index of '{}' ({}): all its files count as untracked",
                      where, tree->git.index_problem));
    }
  }
  trees_.push_back(tree);
  return tree;
}

WorkspaceWalk::Directory WorkspaceWalk::top_of(const std::shared_ptr<Tree>& tree) const {
  return {tree, tree->prefix, tree->is_git ? tree->git.outer_scope : nullptr, 0};
}

Result<void> WorkspaceWalk::run(std::stop_token stop) {
  if (probe_git(root_.path()).state == GitState::kBare) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot scan '{}': it is a bare git repository without a work tree; "
                             "name a clone or a work tree of it",
                             root_.path().string())};
  }
  const auto tree = open_tree("", 0);
  result_.is_git = tree->is_git;
  result_.head = tree->git.head;
  queue_.push_back(top_of(tree));
  ENGRAM_TRY_VOID(drain(stop));
  for (const auto& t : trees_) {
    for (std::size_t i = 0; i < t->seen.size(); ++i) {
      if (!t->seen[i]) visit_tracked(t, t->git.tracked[i]);
    }
  }
  std::string uncounted;
  for (const auto& [reason, count] : skipped_by_reason_) {
    if (count <= options_.max_listed) continue;
    uncounted += fmt::format("{}{} more left out as \"{}\"", uncounted.empty() ? "" : ", ",
                             count - options_.max_listed, reason);
  }
  if (!uncounted.empty()) result_.skipped.push_back({"", "ignored_cap", uncounted});
  return {};
}

Result<void> WorkspaceWalk::drain(std::stop_token stop) {
  while (!queue_.empty()) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the scan was stopped"};
    Directory directory = std::move(queue_.front());
    queue_.pop_front();
    visit(std::move(directory));
  }
  return {};
}

int WorkspaceWalk::enter(Directory& directory, std::vector<Entry>& entries) {
  const char* name = directory.path.empty() ? "." : directory.path.c_str();
  const int fd = open_beneath(root_.fd(), name, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  if (fd < 0) {
    const bool gone = errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
    if (!gone) skip(directory.path, "unreadable", std::strerror(errno));
    return -1;
  }
  struct stat own{};
  ::fstat(fd, &own);
  const bool kernel = own.st_dev != directory.device && is_kernel_file_system(fd);
  if (kernel) skip(directory.path, "not_regular", "a kernel file system");
  directory.device = own.st_dev;
  if (!kernel && !read_entries(fd, entries)) {
    skip(directory.path, "unreadable", std::strerror(errno));
  }
  const bool nested = is_nested_repository(directory, entries);
  if (nested) {
    skip(directory.path, "nested_repository",
         "a git repository of its own that this one does not track");
  }
  if (kernel || nested || skip_by_marker(directory, entries)) {
    ::close(fd);
    return -1;
  }
  add_own_rules(directory, fd, entries);
  return fd;
}

void WorkspaceWalk::visit(Directory directory) {
  std::vector<Entry> entries;
  const int fd = enter(directory, entries);
  if (fd < 0) return;
  if (on_directory) {
    on_directory(directory.path);
    // A watch set just now says nothing of what came before it: look again.
    std::vector<Entry> again;
    if (read_entries(fd, again)) entries = std::move(again);
  }
  for (const Entry& entry : entries) visit_entry(directory, fd, entry);
  ::close(fd);
}

bool WorkspaceWalk::is_nested_repository(const Directory& directory,
                                         const std::vector<Entry>& entries) const {
  if (!directory.tree->is_git || directory.path == directory.tree->prefix) return false;
  return std::ranges::find(entries, ".git", &Entry::name) != entries.end();
}

bool WorkspaceWalk::skip_by_marker(const Directory& directory, const std::vector<Entry>& entries) {
  if (directory.path == directory.tree->prefix) return false;
  DirectoryVerdict verdict;
  for (const Entry& entry : entries) {
    // Built in the source directory itself: the sources are worth more than what lies among them.
    if (entry.name == "CMakeLists.txt" || entry.name == "meson.build" ||
        entry.name == "Cargo.toml") {
      return false;
    }
    if (verdict.reason.empty()) verdict = judge_directory_marker(entry.name);
  }
  if (verdict.reason.empty()) return false;
  skip(directory.path, verdict.reason, std::string(verdict.detail));
  return true;
}

void WorkspaceWalk::add_own_rules(Directory& directory, int fd,
                                  const std::vector<Entry>& entries) const {
  const std::string& base = directory.path;
  const std::string_view in_tree = std::string_view(base).substr(directory.tree->prefix.size());
  IgnoreScope scope;
  for (const char* name : {".gitignore", ".ignore"}) {  // .ignore is stronger
    if (directory.tree->is_git && std::string_view(name) == ".ignore") continue;
    if (std::ranges::find(entries, name, &Entry::name) == entries.end()) continue;
    if (auto file = IgnoreFile::load(fd, name,
                                     {.base = std::string(in_tree),
                                      .outer = "",
                                      .source = base + name,
                                      .ignore_case = directory.tree->git.ignore_case})) {
      scope.files.push_back(std::move(*file));
    }
  }
  if (scope.files.empty()) return;
  scope.parent = directory.scope;
  directory.scope = std::make_shared<const IgnoreScope>(std::move(scope));
}

void WorkspaceWalk::visit_entry(const Directory& directory, int fd, const Entry& entry) {
  const std::string path = directory.path + entry.name;
  struct stat status{};
  unsigned char type = entry.type;
  if (type != DT_DIR && type != DT_LNK) {
    if (::fstatat(fd, entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) skip(path, "unreadable", std::strerror(errno));
      return;
    }
    type = S_ISDIR(status.st_mode)   ? DT_DIR
           : S_ISLNK(status.st_mode) ? DT_LNK
           : S_ISREG(status.st_mode) ? DT_REG
                                     : DT_UNKNOWN;
  }
  if (type == DT_DIR) {
    visit_subdirectory(directory, path);
  } else if (type == DT_LNK) {
    skip(path, "symlink", "a symbolic link; its target is read where it lies in the workspace");
  } else if (type == DT_REG) {
    visit_file(directory, path, status);
  } else {
    skip(path, "not_regular", "a pipe, socket or device");
  }
}

void WorkspaceWalk::visit_subdirectory(const Directory& directory, const std::string& path) {
  Tree& tree = *directory.tree;
  const std::string below = path + "/";
  const std::string_view in_tree = std::string_view(path).substr(tree.prefix.size());
  const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  if (const IgnoreRule* rule = exclude_.find_rule(path, true); rule != nullptr && !rule->negated) {
    return skip(below, "excluded", rule->text);
  }
  if (name != ".git" && std::ranges::binary_search(tree.git.submodules, in_tree)) {
    struct stat status{};
    if (::fstatat(root_.fd(), (below + ".git").c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      return skip(below, "submodule", "a submodule that is not checked out");
    }
    const auto vendored = static_cast<std::uint32_t>(FileFlag::kVendored);
    queue_.push_back(top_of(open_tree(below, tree.flags | vendored)));
    return;
  }
  if (const DirectoryVerdict verdict = judge_directory_name(name); !verdict.reason.empty()) {
    return skip(below, verdict.reason, std::string(verdict.detail));
  }
  if (IgnoreVerdict verdict = is_ignored(directory.scope.get(), in_tree, true); verdict.ignored) {
    return skip(below, "ignored", std::move(verdict.why));
  }
  queue_.push_back({directory.tree, below, directory.scope, directory.device});
}

void WorkspaceWalk::visit_file(const Directory& directory, const std::string& path,
                               const struct stat& status) {
  Tree& tree = *directory.tree;
  const std::string_view in_tree = std::string_view(path).substr(tree.prefix.size());
  std::uint32_t flags = tree.flags;
  const auto tracked = std::ranges::lower_bound(tree.git.tracked, in_tree);
  if (tracked != tree.git.tracked.end() && *tracked == in_tree) {
    tree.seen[static_cast<std::size_t>(tracked - tree.git.tracked.begin())] = true;
  } else {
    IgnoreVerdict verdict = is_ignored(directory.scope.get(), in_tree, false);
    if (verdict.ignored) return skip(path, "ignored", std::move(verdict.why));
    if (tree.is_git) flags |= static_cast<std::uint32_t>(FileFlag::kUntracked);
  }
  if (const IgnoreRule* rule = exclude_.find_rule(path, false); rule != nullptr && !rule->negated) {
    return skip(path, "excluded", rule->text);
  }
  if (!include_.empty() && !covers(include_, path))
    return skip(path, "not_included", "matches no include glob");
  if (const auto why = secret_by_name(path); !why.empty()) {
    return skip(path, "secret", std::string(why));
  }
  if (binary_by_name(path)) return skip(path, "binary", "a binary format, by its name");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > options_.max_file_bytes) {
    return skip(path, "too_large",
                fmt::format("{} bytes, the cap is {}", size, options_.max_file_bytes));
  }
  result_.files.push_back({path, mtime_of(status), size, "", flags | flags_of_path(path), ""});
}

// A tracked file below a directory the walk did not enter (ignored, node_modules, a build tree).
void WorkspaceWalk::visit_tracked(const std::shared_ptr<Tree>& tree, const std::string& in_tree) {
  const std::string path = tree->prefix + in_tree;
  if (covers(exclude_, path)) return;  // its directory is listed
  const int fd = open_beneath(root_.fd(), path.c_str(), O_PATH | O_NOFOLLOW);
  if (fd < 0) return;  // deleted in the work tree, sparse checkout, or behind a link
  struct stat status{};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
    visit_file(top_of(tree), path, status);
  }
  ::close(fd);
}

// Judges every parent of `path` on the way down, then the path itself.
void WorkspaceWalk::visit_path(const std::shared_ptr<Tree>& top, const std::string& path) {
  Directory directory = top_of(top);
  for (std::size_t begin = 0;;) {
    const std::shared_ptr<Tree> tree = directory.tree;
    std::vector<Entry> entries;
    const int fd = enter(directory, entries);
    const std::size_t slash = path.find('/', begin);
    if (fd >= 0 && slash == std::string::npos) {
      visit_entry(directory, fd, {path.substr(begin), DT_UNKNOWN});
    } else if (fd >= 0) {
      visit_subdirectory(directory, path.substr(0, slash));
    }
    if (fd >= 0) ::close(fd);
    if (slash == std::string::npos) return;
    if (queue_.empty()) {  // hidden by a rule; a tracked file counts all the same
      const std::string in_tree = path.substr(tree->prefix.size());
      if (std::ranges::binary_search(tree->git.tracked, in_tree)) visit_tracked(tree, in_tree);
      return;
    }
    directory = std::move(queue_.back());
    queue_.clear();
    begin = slash + 1;
  }
}

Result<void> WorkspaceWalk::run(const std::vector<std::string>& paths, std::stop_token stop) {
  const auto tree = open_tree("", 0);
  result_.is_git = tree->is_git;
  result_.head = tree->git.head;
  for (const std::string& path : paths) {
    visit_path(tree, path);
    ENGRAM_TRY_VOID(drain(stop));
  }
  return {};
}

}  // namespace engram
