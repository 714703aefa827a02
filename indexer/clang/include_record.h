// indexer/clang/include_record.h: who includes whom, as one parse met it, and what an include
// cleaner has to know of each header.
//
// Kept from the preamble to the parses that use it, so files are paths, absolute and clean.
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/AST/DeclGroup.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Tooling/Inclusions/StandardLibrary.h>
#include <llvm/ADT/DenseMap.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "indexer/clang/header_names.h"

namespace engram {

struct HeaderNotes {
  bool system = false;
  bool self_contained = false;  // has a guard, and does not refuse to be included by itself
  std::set<std::string> names;  // of its own declarations and macros; not of system headers
  std::string guard;            // the macro of the `#ifndef` that came first
  // Something that is used without being named: specialisations, operators, registrations, macros
  // that system headers look at.
  bool works_unnamed = false;
  bool is_private = false;  // "IWYU pragma: private"
  std::set<std::string> included_by, exported_by;
};

struct WrittenInclude {              // in the open file
  std::uint32_t begin = 0, end = 0;  // the directive, without its line's end
  std::string name;                  // "<vector>", "\"a.h\""
  std::string path;                  // empty: not found
  bool conditional = false;
  bool needed_later = false;  // a later header has names of it and does not include it
};

struct WrittenMacro {  // in the open file
  std::uint32_t begin = 0;
  bool is_explicit = false;  // its name is written there, in code that was read
  std::string name;
  std::string path;  // where it is defined
};

struct IncludeRecord {
  std::map<std::string, HeaderNotes> headers;
  std::vector<WrittenInclude> includes;
  std::vector<WrittenMacro> macros;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> left_out;  // text, by conditions
  // Conditions that are open: none of them is the guard of the file.
  int open_conditions = 0;
  bool met_a_directive = false;
  std::string guard;  // the macro of an `#ifndef` that came first
  bool in_guard = false;
};

class IncludeRecorder {
 public:
  // Goes on with what an earlier part of the parse recorded.
  IncludeRecorder(const clang::CompilerInstance& compiler, IncludeRecord record);
  ~IncludeRecorder();

  std::unique_ptr<clang::PPCallbacks> callbacks();
  void declared(clang::DeclGroupRef group);
  // While the parse is there.
  IncludeRecord finish();

 private:
  class Callbacks;
  HeaderNotes* notes_of(clang::SourceLocation location);
  void note(const clang::Decl& declaration);
  void find_needed_later();
  bool leans_on(const std::string& path, const WrittenInclude& include,
                clang::tooling::stdlib::Lang language);

  const clang::CompilerInstance& compiler_;
  IncludeRecord record_;
  llvm::DenseMap<clang::FileID, HeaderNotes*> by_id_;
  std::map<std::string, clang::FileEntryRef> entries_;
  std::vector<std::string> order_;             // of first inclusion
  std::unique_ptr<HeaderNames> header_names_;  // of record_.headers
};

// Absolute and clean; empty for text that is in no file.
std::string include_path(const clang::SourceManager& sources, clang::SourceLocation location);

}  // namespace engram
