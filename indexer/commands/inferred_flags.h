// indexer/commands/inferred_flags.h: flags for a workspace that says nothing about how it is
// compiled.
//
// Include roots: each `#include "a/b.h"` is looked for among the workspace's files by its end;
// where one stands at DIR/a/b.h, DIR gets a vote. What the system has in <> is the system's, and a
// folder with a stdint.h of its own comes after the system's. Standards: from CMAKE_CXX_STANDARD,
// cxx_std_N, cpp_std= and -std= in the build files. What follows is a guess and labelled so
// (kInferred).
//
// Threads: pure function; reads files of the workspace.  Errors: none; what cannot be read is not
// asked.
#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace engram {

struct InferredFlags {
  // Relative, "" is the workspace; the most asked for first.
  std::vector<std::string> include_roots;
  std::vector<std::string> late_roots;  // the same, but with names the system has too
  std::string cxx_standard = "gnu++20";
  std::string c_standard = "gnu17";
  bool headers_are_cxx = false;  // .h: more C++ than C here
  std::size_t includes = 0;      // seen
  std::size_t unresolved = 0;    // of them, found nowhere in the workspace: the system's or others'
};

// `files`: relative to the workspace, as the scan has them. `system_folders`: absolute, of headers.
InferredFlags infer_flags(const std::filesystem::path& workspace,
                          const std::vector<std::string>& files,
                          const std::vector<std::string>& system_folders,
                          std::stop_token stop = {});

}  // namespace engram
