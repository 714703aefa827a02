// indexer/clang/prefix_check.h: whether a unit that was given headers before it asked for them
// reads as it would have without.
//
// Units of one command share a prefix: system headers that each of them includes somewhere, read
// once, in one order, before the text of any (forked_parses.h). Such a unit sees names earlier
// than it should. That changes nothing as long as it does not meet them too early, a macro of a
// header it has not asked for yet or a declaration there. Else it is parsed once more, without a
// prefix; and so it is when there is a header that it never asks for. No file of the workspace is
// in a prefix.
//
// What system headers do to each other by their order (SEEK_SET is stdio.h's or unistd.h's) is
// followed (prefix_replay.h): text of the workspace never sees another macro than it would, and of
// the units in which some system header reads otherwise than in the prefix, in the same way, the
// first is parsed without one and tells it; the others rely on that.
//
// Overloads that an unresolved call of a template cannot mean yet are simply left out.
//
// Threads: confined to the parse.  Errors: by `give_up`, which does not return.
#pragma once

#include <clang/AST/Decl.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/ADT/DenseMap.h>

#include <functional>
#include <string>
#include <vector>

#include "indexer/clang/prefix_replay.h"

namespace engram {

class PrefixCheck {
 public:
  // `root`: the workspace.
  // `tests_tell`: as PrefixReplay's.
  PrefixCheck(clang::Preprocessor& preprocessor, std::string root, bool tests_tell)
      : sources_(preprocessor.getSourceManager()),
        root_(std::move(root)),
        replay_(preprocessor, tests_tell) {}

  // A part of the prefix: `text` holds its #include lines.
  void begin_part(clang::FileID text, const std::vector<std::string>& names);
  bool is_part(clang::FileID text) const { return part_ == text; }
  // What was read up to here. The names that cannot be in a prefix: not found, no system headers,
  // of the workspace, or read with errors. `errors`: so far, as in included().
  std::vector<std::string> end_part(std::size_t errors);

  using GiveUp = std::function<void(const std::vector<std::string>& never_asked)>;
  // `differs` is told PrefixReplay::differences once all headers were asked for and again at the
  // end, and need not return.
  using Differs =
      std::function<void(const std::vector<PrefixReplay::Difference>& differences, bool last)>;
  void begin_unit(GiveUp give_up, Differs differs);
  // At its end: the names it never asked for, if any, are given up on, unless it has errors or they
  // are most: what it did not come to then says nothing about others.
  void end_unit(bool errors);

  // As the preprocessor goes.
  void entered(clang::FileID id, clang::SrcMgr::CharacteristicKind kind);
  void left();
  void included(clang::SourceLocation hash, llvm::StringRef name, clang::OptionalFileEntryRef file,
                std::size_t errors);
  void skipped(clang::FileEntryRef file);  // included, and not read again
  void met(const clang::Token& name, const clang::MacroInfo* macro, bool expanded);
  void redefined(const clang::Token& name, const clang::MacroInfo* before,
                 const clang::MacroInfo* now);
  void condition(clang::SourceRange text);
  void left_out(clang::SourceRange text);

  // Whether the unit may know the declaration, or the macro, used at `at` (in a file).
  bool is_visible(const clang::Decl& declaration, clang::SourceLocation at) const;
  bool is_visible(const clang::MacroInfo& macro, clang::SourceLocation at) const;
  void require(const clang::Decl& declaration, clang::SourceLocation at) const;
  // The same of the first declaration of all.
  void require_first(const clang::Decl& declaration, clang::SourceLocation at) const;

 private:
  using Entry = const clang::FileEntry*;
  enum class Phase { kBefore, kPrefix, kUnit };
  Entry entry_of(clang::SourceLocation location) const;
  bool is_known(clang::SourceLocation definition, clang::SourceLocation at) const;
  void asked_for(Entry entry);
  bool is_in_system(const clang::Token& name) const;
  void differs(const clang::Token& name);

  bool is_in_workspace(clang::FileID id) const;
  void blame_current(std::size_t errors);

  const clang::SourceManager& sources_;
  const std::string root_;
  Phase phase_ = Phase::kBefore;
  GiveUp give_up_;
  Differs differs_;
  clang::FileID part_;
  std::string current_;             // of the names of this part
  std::size_t errors_ = 0;          // before it
  std::vector<std::string> unfit_;  // of this part
  std::vector<std::pair<std::string, Entry>> names_;
  // Files of the prefix, and where the unit asked for them first.
  llvm::DenseMap<Entry, clang::SourceLocation> asked_;
  clang::SourceLocation inclusion_;  // the last one
  std::size_t unasked_ = 0;
  clang::SourceLocation all_asked_;
  PrefixReplay replay_;
  std::vector<clang::FileID> texts_;  // of the unit
};

}  // namespace engram
