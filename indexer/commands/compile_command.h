// indexer/commands/compile_command.h: how one file is compiled, as Clang may safely be told.
//
// `arguments` is a clean invocation: every argument was recognised and written anew from a closed
// set (indexer/commands/clean_command.h). It names no output, plugin, overlay, module cache or
// response file, paths in it are absolute, and it is in the style of the clang driver (never cl's),
// so that whoever parses the file needs nothing but these fields. A file compiled in several
// configurations has several commands.
//
// Threads: a plain value.  Errors: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/certainty.h"

namespace engram {

enum class CommandOrigin : unsigned char {
  kExact,     // the file's own entry in a compile database
  kBorrowed,  // the command of another file: one that includes it, or the most similar one
  kInferred,  // no entry to take: flags files, or include roots guessed from the tree
};

// Where a C++20 module, or a partition of one, is declared: a unit that others import.
struct ModuleSource {
  std::string name;                    // "shapes", "shapes:details"
  std::string directory;               // absolute
  std::vector<std::string> arguments;  // as a CompileCommand's: the file comes last
  friend bool operator==(const ModuleSource&, const ModuleSource&) = default;
};

struct CompileCommand {
  std::string directory;               // absolute; where Clang is to believe it runs
  std::string file;                    // absolute; also the last of `arguments`
  std::vector<std::string> arguments;  // "clang" or "clang++" first; without -c and -o
  CommandOrigin origin = CommandOrigin::kExact;
  // For people: the database, the file the command was borrowed from, or what it was inferred from.
  std::string source;
  // Clang knows part of what the file needs through declarations of ours (CUDA): facts are
  // inferred.
  bool stand_in_headers = false;
  // What the file imports, and what that imports: each behind those that it needs itself.
  std::vector<ModuleSource> modules = {};

  friend bool operator==(const CompileCommand&, const CompileCommand&) = default;
};

constexpr std::string_view to_string(CommandOrigin origin) {
  switch (origin) {
    case CommandOrigin::kExact:
      return "exact";
    case CommandOrigin::kBorrowed:
      return "borrowed";
    case CommandOrigin::kInferred:
      return "inferred";
  }
  return "inferred";
}

// What facts found with this command may claim at best.
inline Certainty best_certainty(const CompileCommand& command) {
  return command.origin == CommandOrigin::kExact && !command.stand_in_headers
             ? Certainty::kSemantic
             : Certainty::kInferred;
}

}  // namespace engram
