// indexer/commands/module_map.h: the sources of the C++20 modules of a workspace, and which of them
// a file needs.
//
// What a source declares and imports is read out of its text (module_names.h) and kept while its
// size and times are the same. Where several declare one module, it is that which shares the most
// folders with the importer, then the first by path. A module that imports itself, over others, is
// given without the import that closes the circle.
//
// Threads: confined to one thread.  Errors: none; a module that nobody declares is left out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "indexer/commands/compile_command.h"
#include "indexer/commands/module_names.h"

namespace engram {

// Whether a command is of a language that has modules.
bool has_modules(const CompileCommand& command);

class ModuleMap {
 public:
  // Of the units: their files, and how one is compiled (the first of its commands).
  using Units = std::function<std::vector<std::string>()>;
  using CommandOf = std::function<std::optional<CompileCommand>(const std::string& file)>;
  ModuleMap(Units units, CommandOf command_of)
      : units_(std::move(units)), command_of_(std::move(command_of)) {}

  // A module that nobody declared may be there now. Until this is said it is not looked for twice:
  // that takes a stat of every unit.
  void look_again() { looked_ = false; }

  // What the file imports, and what that imports: each behind those that it needs itself.
  std::vector<ModuleSource> imports_of(const std::string& file);
  // The same of what the file would say, unsaved.
  std::vector<ModuleSource> imports_of(const std::string& file, const ModuleNames& names);

 private:
  struct Stamp {
    std::int64_t size = -1, seconds = 0, nanoseconds = 0;
    std::uint64_t inode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct Source {
    Stamp stamp;
    ModuleNames names;
  };
  struct Walk;  // of one importer
  static Stamp stamp_of(const std::string& path);
  const ModuleNames& names_in(const std::string& file);
  void add(const std::string& module, Walk& walk);
  std::string source_of(const std::string& module, const std::string& importer);
  void look_at_all();

  const Units units_;
  const CommandOf command_of_;
  bool looked_ = false;                                       // at all units, since look_again()
  std::map<std::string, Source> sources_;                     // by path; all that were looked at
  std::map<std::string, std::vector<std::string>> declared_;  // by module: files, sorted
};

}  // namespace engram
