#include "indexer/commands/path_policy.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxRemembered = 1 << 16;

std::string resolved(const fs::path& path) {
  std::error_code ec;
  fs::path real = fs::weakly_canonical(path, ec);
  if (ec) return {};  // a loop of links, or no permission to look
  std::string text = real.lexically_normal().string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

}  // namespace

bool is_within(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

PathPolicy::PathPolicy(const std::vector<fs::path>& roots) {
  for (const fs::path& root : roots) add_root(root);
}

void PathPolicy::add_root(const fs::path& root) {
  std::string real = resolved(root);
  if (real.empty() || real.front() != '/') return;
  roots_.push_back(std::move(real));
  known_.clear();
}

std::optional<std::string> PathPolicy::admit(const std::string& path) const {
  if (path.empty() || path.front() != '/' || path.find('\0') != std::string::npos) return {};
  if (const auto it = known_.find(path); it != known_.end()) return it->second;
  const std::string real = resolved(path);
  std::optional<std::string> answer;
  for (const std::string& root : roots_) {
    if (real.empty() || !is_within(real, root)) continue;
    answer = fs::path(path).lexically_normal().string();
    if (resolved(*answer) != real) answer = path;  // ".." behind a link
    while (answer->size() > 1 && answer->back() == '/') answer->pop_back();
    break;
  }
  if (known_.size() >= kMaxRemembered) known_.clear();
  return known_[path] = answer;
}

}  // namespace engram
