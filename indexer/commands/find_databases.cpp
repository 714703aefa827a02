#include "indexer/commands/find_databases.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/atomic_file.h"
#include "indexer/commands/path_policy.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "compile_commands.json";
constexpr std::size_t kMaxSubfolders = 200;
constexpr std::size_t kMaxCacheBytes = std::size_t{16} << 20;

bool is_build_folder_name(std::string_view name) {
  static constexpr std::array<std::string_view, 6> kBeginnings = {
      "build", "cmake-build", "out", "_build", ".build", "target"};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); }) ||
         name == "Debug" || name == "Release" || name == "bin";
}

std::vector<fs::path> subfolders(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
    std::error_code not_one;
    if (it->is_directory(not_one)) out.push_back(it->path());
    if (out.size() == kMaxSubfolders) break;
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool belongs_to_us(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && (status.st_uid == ::geteuid() || status.st_uid == 0);
}

// CMake's own word for which source folder a build folder was made from.
bool was_made_from(const fs::path& folder, const fs::path& workspace) {
  const auto cache = read_file(folder / "CMakeCache.txt", kMaxCacheBytes);
  if (!cache) return false;
  static constexpr std::string_view kKey = "\nCMAKE_HOME_DIRECTORY:INTERNAL=";
  const std::size_t at = cache->find(kKey);
  if (at == std::string::npos) return false;
  const std::size_t begin = at + kKey.size();
  std::error_code ec;
  const fs::path home =
      fs::weakly_canonical(cache->substr(begin, cache->find('\n', begin) - begin), ec);
  return !ec && is_within(home.string(), workspace.string());
}

class Search {
 public:
  Search(const fs::path& workspace, const fs::path& home) {
    std::error_code ec;
    workspace_ = fs::weakly_canonical(workspace, ec);
    home_ = fs::weakly_canonical(home, ec);
  }

  DatabaseSearch run(const std::vector<std::string>& named_by_clangd) {
    for (const std::string& folder : named_by_clangd) look_in(folder, ".clangd");
    look_in(workspace_, "workspace");
    build_folders();
    above();
    return std::move(out_);
  }

 private:
  // Adds the database in `folder`, if there is one that may be taken.
  bool look_in(const fs::path& folder, const std::string& reason, bool users_own = false) {
    std::error_code ec;
    const fs::path file = folder / kName;
    if (!fs::exists(file, ec)) return false;
    const fs::path real = fs::weakly_canonical(file, ec);
    if (ec || !seen_.insert(real.string()).second) return false;
    const fs::path real_folder = real.parent_path();
    const bool inside = is_within(real.string(), workspace_.string());
    if (!inside && !users_own && !was_made_from(real_folder, workspace_)) {
      out_.messages.push_back(
          fmt::format("'{}' lies outside the workspace and is no build folder of it: pass "
                      "--compile-commands to use it",
                      real.string()));
      return false;
    }
    out_.found.push_back({file, real_folder, reason});
    return true;
  }

  void build_folders() {
    const std::size_t begin = out_.found.size();
    for (const auto& [name, folder] : preset_build_folders(workspace_, out_.messages)) {
      look_in(folder, fmt::format("preset '{}'", name));
    }
    for (const fs::path& folder : subfolders(workspace_)) {
      if (!is_build_folder_name(folder.filename().string())) continue;
      look_in(folder, "build folder");
      for (const fs::path& below : subfolders(folder)) look_in(below, "build folder");
    }
    const auto written = [](const FoundDatabase& database) {
      std::error_code ec;
      return fs::last_write_time(database.file, ec);
    };
    std::sort(out_.found.begin() + static_cast<std::ptrdiff_t>(begin), out_.found.end(),
              [&](const FoundDatabase& a, const FoundDatabase& b) {
                return std::pair(written(b), a.file) < std::pair(written(a), b.file);
              });
  }

  void above() {
    for (fs::path folder = workspace_.parent_path(); folder != folder.root_path();
         folder = folder.parent_path()) {
      if (is_within(home_.string(), folder.string()) || !belongs_to_us(folder)) return;
      for (const fs::path& place : {folder, folder / "build"}) {
        if (belongs_to_us(place / kName)) look_in(place, "above the workspace", true);
      }
    }
  }

  fs::path workspace_, home_;
  std::set<std::string> seen_;
  DatabaseSearch out_;
};

}  // namespace

DatabaseSearch find_compile_databases(const fs::path& workspace,
                                      const std::vector<std::string>& named_by_clangd,
                                      const fs::path& home) {
  return Search(workspace, home).run(named_by_clangd);
}

}  // namespace engram
