// indexer/clang/preprocessor_recorder.h: macros, inclusions and left-out text, told to a
// UnitRecorder as the preprocessor meets them.
//
// clang/Index has macros too, but not where one is only tested (#ifdef, defined()).
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Token.h>

#include "indexer/clang/unit_recorder.h"

namespace engram {

class PreprocessorRecorder final : public clang::PPCallbacks {
 public:
  explicit PreprocessorRecorder(UnitRecorder& recorder) : recorder_(recorder) {}

  void InclusionDirective(clang::SourceLocation hash, const clang::Token& include,
                          llvm::StringRef name, bool angled, clang::CharSourceRange name_range,
                          clang::OptionalFileEntryRef file, llvm::StringRef search_path,
                          llvm::StringRef relative_path, const clang::Module* suggested,
                          bool imported, clang::SrcMgr::CharacteristicKind type) override;
  void MacroDefined(const clang::Token& name, const clang::MacroDirective* directive) override;
  void MacroUndefined(const clang::Token& name, const clang::MacroDefinition& definition,
                      const clang::MacroDirective* directive) override;
  void MacroExpands(const clang::Token& name, const clang::MacroDefinition& definition,
                    clang::SourceRange range, const clang::MacroArgs* arguments) override;
  void Defined(const clang::Token& name, const clang::MacroDefinition& definition,
               clang::SourceRange range) override;
  void Ifdef(clang::SourceLocation location, const clang::Token& name,
             const clang::MacroDefinition& definition) override;
  void Ifndef(clang::SourceLocation location, const clang::Token& name,
              const clang::MacroDefinition& definition) override;
  void Elifdef(clang::SourceLocation location, const clang::Token& name,
               const clang::MacroDefinition& definition) override;
  void Elifndef(clang::SourceLocation location, const clang::Token& name,
                const clang::MacroDefinition& definition) override;
  using clang::PPCallbacks::Elifdef;
  using clang::PPCallbacks::Elifndef;
  void SourceRangeSkipped(clang::SourceRange range, clang::SourceLocation endif) override;

 private:
  void record(const clang::Token& name, const clang::MacroInfo* macro, std::uint16_t roles);

  UnitRecorder& recorder_;
};

}  // namespace engram
