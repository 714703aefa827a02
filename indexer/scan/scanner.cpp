#include "indexer/scan/scanner.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "indexer/scan/walk.h"
#include "indexer/scan/workspace_file.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

void sort_by_path(ScanResult& result) {
  std::ranges::sort(result.files, {}, &FileEntry::path);
  std::ranges::sort(result.skipped, {}, &SkippedFile::path);
}

}  // namespace

Result<ScanResult> scan_workspace(const fs::path& root, const ScanOptions& options,
                                  std::stop_token stop) {
  ENGRAM_TRY(directory, WorkspaceRoot::open(root));
  ScanResult result;
  WorkspaceWalk walk(directory, options, result);
  ENGRAM_TRY_VOID(walk.run(std::move(stop)));
  sort_by_path(result);
  return result;
}

Result<ScanResult> scan_paths(const fs::path& root, const std::vector<std::string>& paths,
                              const ScanOptions& options, std::stop_token stop) {
  ENGRAM_TRY(directory, WorkspaceRoot::open(root));
  ScanResult result;
  WorkspaceWalk walk(directory, options, result);
  ENGRAM_TRY_VOID(walk.run(paths, std::move(stop)));
  sort_by_path(result);
  return result;
}

namespace {

// The directory at `path`, or the one a file lies in.
fs::path own_directory(const fs::path& path) {
  std::error_code ec;
  fs::path absolute = fs::weakly_canonical(path, ec);
  if (ec) absolute = fs::absolute(path, ec).lexically_normal();
  return fs::is_directory(absolute, ec) ? absolute : absolute.parent_path();
}

}  // namespace

std::optional<fs::path> find_marked_workspace(const fs::path& path) {
  std::error_code ec;
  for (fs::path at = own_directory(path);; at = at.parent_path()) {
    if (fs::exists(at / ".git", ec) || fs::exists(at / ".engram.toml", ec)) return at;
    if (!at.has_relative_path()) return std::nullopt;
  }
}

fs::path find_workspace(const fs::path& path) {
  return find_marked_workspace(path).value_or(own_directory(path));
}

}  // namespace engram
