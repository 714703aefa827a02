// indexer/clang/imported_modules.h: the modules that a unit imports, compiled in memory.
//
// Clang reads an import from a compiled interface alone. Whatever build folders hold is not read:
// it is another compiler's, or hostile. Each interface is compiled here, from its source and its
// own clean command, with what it imports itself, into bytes that never leave this process; bodies
// of functions are left out but where a constant or a type needs them. They are kept for the units
// that come after, as long as what they were read from is as it was.
//
// Threads: confined to the parse.  Errors: none; an interface with faults is compiled as far as it
// goes, one that is no module is not there for the import, which says so.
#pragma once

#include <clang/Frontend/CompilerInvocation.h>
#include <llvm/Support/Chrono.h>
#include <llvm/Support/VirtualFileSystem.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "indexer/commands/compile_command.h"
#include "memory/semantic/unit_facts.h"

namespace engram {

class ImportedModules {
 public:
  using Files = llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem>;

  // `sources`: each behind those that it imports. Changes the working folder of `files`.
  // Returns them with what was compiled in front, which stays as long as they do.
  Files compile(const std::vector<ModuleSource>& sources, Files files);

  // Of the last compile(): lets an importer find them.
  void offer_to(clang::CompilerInvocation& invocation) const;
  // What they were read from, each file once.
  std::vector<UnitFile> files_read() const;
  // Equal for equal interfaces, of the same text and commands.
  Sha256 fingerprint() const;
  // What is wrong with them, of each that has errors.
  struct Fault {
    std::string module, message;
  };
  std::vector<Fault> faults() const;

 private:
  struct Input {
    UnitFile file;
    llvm::sys::TimePoint<> time;
  };
  struct Compiled {
    std::uint64_t number = 0;  // each compilation has another one
    std::string command;
    std::shared_ptr<const std::string> bytes;  // empty: it is no module
    std::vector<Input> inputs;
    std::map<std::string, std::uint64_t> imports;  // by name: the compilation that was read
    std::string fault;                             // the first error; empty: it has none
  };
  class Action;
  bool is_current(const Compiled& kept, llvm::vfs::FileSystem& files) const;
  Compiled compile_one(const ModuleSource& source, Files files) const;
  Files in_front_of(Files files) const;

  std::map<std::string, Compiled> kept_;            // by name and command
  std::map<std::string, const Compiled*> offered_;  // by name
  std::uint64_t compilations_ = 0;
};

}  // namespace engram
