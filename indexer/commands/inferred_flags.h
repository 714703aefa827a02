// indexer/commands/inferred_flags.h: language, standards and macros of a workspace that says
// nothing about how it is compiled.
//
// Standards: the newest of CMAKE_CXX_STANDARD, cxx_std_N, cpp_std= and -std= in the build files.
// Macros: those that a CMakeLists.txt certainly defines (cmake_definitions.h) for its folder and
// those below. Of the build files those nearest to the top are read, 200 at most. What follows is a
// guess and labelled so (kInferred).
//
// Threads: pure function; reads build files of the workspace.  Errors: none; what cannot be read is
// not asked.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

struct InferredFlags {
  std::string cxx_standard = "gnu++20";
  std::string c_standard = "gnu17";
  bool headers_are_cxx = false;  // .h: more C++ than C here
  // "NAME[=VALUE]" by folder, relative, "" is the workspace.
  std::map<std::string, std::vector<std::string>> definitions;

  // Of all folders around a file (relative), the outermost first.
  std::vector<std::string> definitions_for(std::string_view file) const;
};

// CMakeLists.txt, Makefile, meson.build, ...
bool is_build_file(std::string_view path);

// `files`: relative to the workspace, as the scan has them.
InferredFlags infer_flags(const std::filesystem::path& workspace,
                          const std::vector<std::string>& files);

}  // namespace engram
