// indexer/commands/borrow_command.h: whose command fits a file that has none.
//
// Best is a translation unit that really includes the file; else the most similar one, by stem,
// folder and language, as clangd's interpolation has it.
//
// Threads: immutable, thread-safe.  Errors: none.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "indexer/commands/compile_command.h"
#include "indexer/commands/toolchain.h"

namespace engram {

class CommandLenders {
 public:
  explicit CommandLenders(std::vector<std::string> files);  // absolute

  // The most similar of them; empty when there is none.
  std::string nearest(const std::string& file) const;
  // The most similar of `candidates`; empty when there are none.
  static std::string nearest_of(const std::string& file,
                                const std::vector<std::string>& candidates);

 private:
  std::vector<std::string> files_;  // sorted
  std::unordered_map<std::string, std::vector<std::size_t>> by_stem_, by_folder_;
};

// `command` as it would be for `file`: language by the file's name, in the family of the command
// for a .h; a language of another family loses -std and finds the headers of its own.
// `cuda_headers`: as in CleaningContext.
CompileCommand borrow_command(const CompileCommand& command, const std::string& file,
                              const Toolchain& toolchain, const std::string& cuda_headers = {});

}  // namespace engram
