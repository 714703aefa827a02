#include "indexer/commands/inferred_flags.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "indexer/commands/clean_command.h"
#include "indexer/commands/flag_lists.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kBytesRead = 64 * 1024;  // includes stand at the top
constexpr std::size_t kMaxSources = 20'000;
constexpr std::size_t kMaxBuildFiles = 200;
constexpr std::size_t kMaxRoots = 64;

std::string beginning_of(const fs::path& file) {
  std::error_code ec;
  if (!fs::is_regular_file(file, ec)) return {};
  std::string text(kBytesRead, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return text;
}

std::string_view name_of(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);  // npos + 1 is 0
}
std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// Calls `found` with what each #include of `text` names.
template <class Found>
void each_include(std::string_view text, const Found& found) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto skip_blanks = [&] {
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    };
    skip_blanks();
    if (!line.starts_with('#')) continue;
    line.remove_prefix(1);
    skip_blanks();
    if (!line.starts_with("include")) continue;
    line.remove_prefix(7);
    skip_blanks();
    if (line.size() < 3 || (line[0] != '"' && line[0] != '<')) continue;
    const std::size_t close = line.find(line[0] == '"' ? '"' : '>', 1);
    if (close != std::string_view::npos) found(line.substr(1, close - 1), line[0] == '"');
  }
}

class RootVotes {
 public:
  RootVotes(const std::vector<std::string>& files, const std::vector<std::string>& system_folders)
      : system_folders_(system_folders) {
    for (const std::string& file : files) {
      all_.insert(file);
      by_name_[name_of(file)].push_back(file);
    }
  }

  // What `includer` asks for by `text`. False when no file of the workspace fits.
  bool vote(std::string_view includer, std::string_view text, bool quoted) {
    if (text.find("..") != std::string_view::npos || text.starts_with('/')) return true;
    if (!quoted && is_system_header(std::string(text))) return true;
    const std::string_view folder = folder_of(includer);
    const std::string beside =
        folder.empty() ? std::string(text) : std::string(folder) + "/" + std::string(text);
    if (quoted && all_.contains(beside)) return true;
    const auto named = by_name_.find(name_of(text));
    if (named == by_name_.end()) return false;
    std::string_view best;
    std::size_t best_shared = 0;
    bool found = false;
    for (const std::string_view path : named->second) {
      const bool whole = path == text;
      const bool ends = path.size() > text.size() && path.ends_with(text) &&
                        path[path.size() - text.size() - 1] == '/';
      if (!whole && !ends) continue;
      const std::string_view root = whole ? "" : path.substr(0, path.size() - text.size() - 1);
      const auto shared = static_cast<std::size_t>(
          std::mismatch(path.begin(), path.end(), includer.begin(), includer.end()).first -
          path.begin());
      if (!found || shared > best_shared) {
        best = root;
        best_shared = shared;
      }
      found = true;
    }
    if (found) ++votes_[std::string(best)];
    return found;
  }

  // The most asked for first; those that have names of the system's into `late`.
  void roots(std::vector<std::string>& early, std::vector<std::string>& late) {
    std::vector<std::pair<std::string, std::size_t>> sorted(votes_.begin(), votes_.end());
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (sorted.size() > kMaxRoots) sorted.resize(kMaxRoots);
    std::unordered_set<std::string_view> shadowing;
    for (const std::string& file : all_) {
      const std::string_view folder = folder_of(file);
      if (votes_.contains(folder) && is_system_header(std::string(name_of(file)))) {
        shadowing.insert(folder);
      }
    }
    for (auto& [root, n] : sorted) {
      (shadowing.contains(root) ? late : early).push_back(std::move(root));
    }
  }

 private:
  bool is_system_header(const std::string& name) {
    const auto [it, added] = system_.try_emplace(name, false);
    if (!added) return it->second;
    for (const std::string& folder : system_folders_) {
      std::error_code ec;
      it->second = it->second || fs::is_regular_file(fs::path(folder) / name, ec);
    }
    return it->second;
  }

  const std::vector<std::string>& system_folders_;
  std::unordered_map<std::string, bool> system_;
  std::unordered_set<std::string> all_;
  std::unordered_map<std::string_view, std::vector<std::string_view>> by_name_;
  std::map<std::string, std::size_t, std::less<>> votes_;
};

bool is_build_file(std::string_view path) {
  const std::string_view name = name_of(path);
  return name == "CMakeLists.txt" || name == "meson.build" || name == "Makefile" ||
         name == "Makefile.am" || name == "configure.ac" || name == "SConstruct" ||
         name == "BUILD.bazel" || name == "xmake.lua" || name.ends_with(".cmake");
}

// The newest standard that `text` names, as "20"; "" when none. `cxx` says which language's.
std::string newest_standard(std::string_view text, bool cxx, std::string newest) {
  static constexpr std::array<std::string_view, 5> kCxx = {"CMAKE_CXX_STANDARD", "cxx_std_",
                                                           "cpp_std=c++", "-std=c++", "-std=gnu++"};
  static constexpr std::array<std::string_view, 5> kC = {"CMAKE_C_STANDARD", "c_std_", "c_std=c",
                                                         "-std=c", "-std=gnu"};
  for (const std::string_view key : cxx ? kCxx : kC) {
    for (std::size_t at = text.find(key); at != std::string_view::npos;
         at = text.find(key, at + 1)) {
      std::string_view value = text.substr(at + key.size(), 8);
      value.remove_prefix(std::min(value.find_first_not_of(" \t\""), value.size()));
      value = value.substr(0, 2);
      if (standard_for_clang((cxx ? "c++" : "c") + std::string(value)).empty()) continue;
      if (value == "98" || value == "89" || value == "90" || value == "99") {
        if (newest.empty()) newest = value;
      } else if (newest.empty() || newest[0] == '8' || newest[0] == '9' || value > newest) {
        newest = value;
      }
    }
  }
  return newest;
}

}  // namespace

InferredFlags infer_flags(const fs::path& workspace, const std::vector<std::string>& files,
                          const std::vector<std::string>& system_folders, std::stop_token stop) {
  InferredFlags out;
  std::size_t c = 0, cxx = 0, sources = 0, build_files = 0;
  std::string c_standard, cxx_standard;
  RootVotes votes(files, system_folders);
  for (const std::string& file : files) {
    if (stop.stop_requested()) break;
    const std::string_view language = c_family_language(file, false);
    if (language.empty()) {
      if (!is_build_file(file) || ++build_files > kMaxBuildFiles) continue;
      const std::string text = beginning_of(workspace / file);
      cxx_standard = newest_standard(text, true, cxx_standard);
      c_standard = newest_standard(text, false, c_standard);
      continue;
    }
    if (language == "c") ++c;
    if (language.starts_with("c++") || language == "cuda") ++cxx;
    if (++sources > kMaxSources) continue;
    each_include(beginning_of(workspace / file), [&](std::string_view text, bool quoted) {
      ++out.includes;
      if (!votes.vote(file, text, quoted)) ++out.unresolved;
    });
  }
  votes.roots(out.include_roots, out.late_roots);
  out.headers_are_cxx = cxx > c;
  if (!cxx_standard.empty()) out.cxx_standard = "gnu++" + cxx_standard;
  if (!c_standard.empty()) out.c_standard = "gnu" + c_standard;
  return out;
}

}  // namespace engram
