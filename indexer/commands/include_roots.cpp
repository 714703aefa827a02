#include "indexer/commands/include_roots.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "indexer/commands/file_beginning.h"
#include "indexer/commands/include_names.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostIncluded = 5'000;  // files of one unit
constexpr std::size_t kMaxRoots = 64;

std::string_view name_of(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);  // npos + 1 is 0
}
std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::size_t depth_of(std::string_view folder) {
  return folder.empty()
             ? 0
             : 1 + static_cast<std::size_t>(std::count(folder.begin(), folder.end(), '/'));
}

bool is_at_or_above(std::string_view folder, std::string_view other) {
  return folder.empty() || (other.starts_with(folder) &&
                            (other.size() == folder.size() || other[folder.size()] == '/'));
}

std::size_t shared_depth(std::string_view a, std::string_view b) {
  std::size_t shared = 0;
  while (!a.empty() && !b.empty()) {
    const std::string_view x = a.substr(0, a.find('/')), y = b.substr(0, b.find('/'));
    if (x != y) break;
    ++shared;
    a.remove_prefix(std::min(x.size() + 1, a.size()));
    b.remove_prefix(std::min(y.size() + 1, b.size()));
  }
  return shared;
}

// "lib/include" serves what lies in "lib".
std::string_view served_by(std::string_view root) {
  const std::string_view name = name_of(root);
  return name == "include" || name == "inc" || name == "includes" ? folder_of(root) : root;
}

// Of folders that differ by machine or system, ours.
bool names_this_machine(std::string_view path) {
  static constexpr std::array<std::string_view, 5> kOurs = {"x86", "x86_64", "linux", "posix",
                                                            "unix"};
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    if (std::find(kOurs.begin(), kOurs.end(), part) != kOurs.end()) return true;
    path.remove_prefix(std::min(part.size() + 1, path.size()));
  }
  return false;
}

}  // namespace

IncludeRoots::IncludeRoots(fs::path workspace, const std::vector<std::string>& files,
                           std::vector<std::string> system_folders)
    : workspace_(std::move(workspace)), system_folders_(std::move(system_folders)) {
  files_.reserve(files.size());  // views into them stay
  for (const std::string& file : files) {
    const auto node = static_cast<Node>(files_.size());
    const std::string_view path = files_.emplace_back(File{file}).path;
    by_path_[path] = node;
    by_name_[name_of(path)].push_back(node);
    by_folder_[folder_of(path)].push_back(node);
  }
  seen_.resize(files_.size());
}

bool IncludeRoots::is_system_header(const std::string& name) {
  const auto [it, added] = system_.try_emplace(name, false);
  if (!added) return it->second;
  for (const std::string& folder : system_folders_) {
    std::error_code ec;
    it->second = it->second || fs::is_regular_file(fs::path(folder) / name, ec);
  }
  return it->second;
}

std::uint32_t IncludeRoots::number_of_root(std::string_view root) {
  const auto [it, added] =
      root_numbers_.try_emplace(std::string(root), static_cast<std::uint32_t>(roots_.size()));
  if (added) {
    roots_.emplace_back(root);
    shadowing_.push_back(-1);
  }
  return it->second;
}

bool IncludeRoots::shadows_system(std::uint32_t root) {
  signed char& known = shadowing_[root];
  if (known >= 0) return known != 0;
  known = 0;
  const auto folder = by_folder_.find(roots_[root]);
  if (folder == by_folder_.end()) return false;
  known = std::any_of(folder->second.begin(), folder->second.end(), [&](Node node) {
    return is_system_header(std::string(name_of(files_[node].path)));
  });
  return known != 0;
}

// False when no file of the workspace fits.
bool IncludeRoots::resolve(Node includer, std::string_view text, bool quoted, Inclusion& out) {
  const std::string_view folder = folder_of(files_[includer].path);
  if (text.starts_with('/')) return false;
  if (quoted) {
    const std::string beside = (fs::path(folder) / text).lexically_normal().string();
    if (const auto it = by_path_.find(beside); it != by_path_.end()) {
      out = {it->second, kNone};
      return true;
    }
  } else if (is_system_header(std::string(text))) {
    return false;
  }
  if (text.find("..") != std::string_view::npos) return false;
  const auto named = by_name_.find(name_of(text));
  if (named == by_name_.end()) return false;
  using Rank = std::tuple<bool, std::ptrdiff_t, bool, std::size_t, std::string_view>;
  std::optional<Rank> best;
  for (const Node node : named->second) {
    const std::string_view path = files_[node].path;
    const bool whole = path == text;
    const bool ends = path.size() > text.size() && path.ends_with(text) &&
                      path[path.size() - text.size() - 1] == '/';
    if (!whole && !ends) continue;
    const std::string_view root = whole ? "" : path.substr(0, path.size() - text.size() - 1);
    const Rank rank{!is_at_or_above(served_by(root), folder),
                    -static_cast<std::ptrdiff_t>(shared_depth(root, folder)),
                    !names_this_machine(root), depth_of(root), root};
    if (best && *best <= rank) continue;
    best = rank;
    out = {node, number_of_root(root)};
  }
  return best.has_value();
}

void IncludeRoots::read(Node node) {
  if (std::exchange(files_[node].read, true)) return;
  std::vector<Inclusion> inclusions;
  for (const auto& [text, angled] : include_names(beginning_of(workspace_ / files_[node].path))) {
    Inclusion inclusion;
    if (resolve(node, text, !angled, inclusion)) inclusions.push_back(inclusion);
  }
  files_[node].inclusions = std::move(inclusions);
}

IncludeRoots::Roots IncludeRoots::of(const std::string& file) {
  Roots out;
  const auto start = by_path_.find(file);
  if (start == by_path_.end()) return out;
  ++question_;
  std::vector<Node> waiting{start->second};
  seen_[start->second] = question_;
  std::map<std::uint32_t, std::size_t> needed;
  for (std::size_t read_now = 0; !waiting.empty() && read_now < kMostIncluded; ++read_now) {
    const Node node = waiting.back();
    waiting.pop_back();
    read(node);
    for (const Inclusion& inclusion : files_[node].inclusions) {
      if (inclusion.root != kNone) ++needed[inclusion.root];
      if (std::exchange(seen_[inclusion.target], question_) != question_) {
        waiting.push_back(inclusion.target);
      }
    }
  }
  std::vector<std::pair<std::uint32_t, std::size_t>> sorted(needed.begin(), needed.end());
  std::sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : roots_[a.first] < roots_[b.first];
  });
  if (sorted.size() > kMaxRoots) sorted.resize(kMaxRoots);
  for (const auto& [root, n] : sorted) {
    (shadows_system(root) ? out.late : out.early).push_back(roots_[root]);
  }
  return out;
}

}  // namespace engram
