#include "indexer/commands/inferred_flags.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "indexer/commands/clean_command.h"
#include "indexer/commands/cmake_definitions.h"
#include "indexer/commands/file_beginning.h"
#include "indexer/commands/flag_lists.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxBuildFiles = 200;

std::string_view name_of(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);  // npos + 1 is 0
}

// The newest standard that `text` names, as "20"; "" when none. `cxx` says which language's.
std::string newest_standard(std::string_view text, bool cxx, std::string newest) {
  static constexpr std::array<std::string_view, 5> kCxx = {"CXX_STANDARD", "cxx_std_",
                                                           "cpp_std=c++", "-std=c++", "-std=gnu++"};
  static constexpr std::array<std::string_view, 5> kC = {"C_STANDARD", "c_std_", "c_std=c",
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

bool is_build_file(std::string_view path) {
  const std::string_view name = name_of(path);
  return name == "CMakeLists.txt" || name == "meson.build" || name == "Makefile" ||
         name == "Makefile.am" || name == "configure.ac" || name == "SConstruct" ||
         name == "BUILD.bazel" || name == "xmake.lua" || name.ends_with(".cmake");
}

std::vector<std::string> InferredFlags::definitions_for(std::string_view file) const {
  std::vector<std::string> out;
  for (const auto& [folder, made] : definitions) {  // parents come before what they hold
    if (!folder.empty() && !file.starts_with(folder + "/")) continue;
    out.insert(out.end(), made.begin(), made.end());
  }
  return out;
}

InferredFlags infer_flags(const fs::path& workspace, const std::vector<std::string>& files) {
  InferredFlags out;
  std::size_t c = 0, cxx = 0;
  std::vector<std::pair<std::ptrdiff_t, std::string_view>> build_files;  // by depth
  for (const std::string& file : files) {
    const std::string_view language = c_family_language(file, false);
    if (language == "c") ++c;
    if (language.starts_with("c++") || language == "cuda") ++cxx;
    if (is_build_file(file))
      build_files.emplace_back(std::count(file.begin(), file.end(), '/'), file);
  }
  std::sort(build_files.begin(), build_files.end());
  if (build_files.size() > kMaxBuildFiles) build_files.resize(kMaxBuildFiles);
  std::string c_standard, cxx_standard;
  for (const auto& [depth, file] : build_files) {
    const std::string text = beginning_of(workspace / file);
    cxx_standard = newest_standard(text, true, cxx_standard);
    c_standard = newest_standard(text, false, c_standard);
    if (name_of(file) != "CMakeLists.txt") continue;
    std::vector<std::string> made = cmake_definitions(text);
    const std::size_t folder = file.size() - std::min(file.size(), name_of(file).size() + 1);
    if (!made.empty()) out.definitions[std::string(file.substr(0, folder))] = std::move(made);
  }
  out.headers_are_cxx = cxx > c;
  if (!cxx_standard.empty()) out.cxx_standard = "gnu++" + cxx_standard;
  if (!c_standard.empty()) out.c_standard = "gnu" + c_standard;
  return out;
}

}  // namespace engram
