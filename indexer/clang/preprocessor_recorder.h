// indexer/clang/preprocessor_recorder.h: macros, inclusions and left-out text, told to a
// UnitRecorder; and what decides how a header reads, told to its HeaderViews.
//
// Whether a header is told is known after the parse: macros and left-out text wait until flush().
//
// clang/Index has macros too, but not where one is only tested (#ifdef, defined()).
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/Basic/Diagnostic.h>
#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Lex/Token.h>

#include <vector>

#include "indexer/clang/prefix_check.h"
#include "indexer/clang/unit_recorder.h"

namespace engram {

class PreprocessorRecorder final : public clang::PPCallbacks {
 public:
  PreprocessorRecorder(UnitRecorder& recorder, clang::Preprocessor& preprocessor,
                       const clang::DiagnosticConsumer& diagnostics, PrefixCheck* prefix = nullptr)
      : recorder_(recorder),
        preprocessor_(preprocessor),
        diagnostics_(diagnostics),
        prefix_(prefix) {}

  void flush();

  void LexedFileChanged(clang::FileID id, LexedFileChangeReason reason,
                        clang::SrcMgr::CharacteristicKind type, clang::FileID previous,
                        clang::SourceLocation location) override;
  void FileSkipped(const clang::FileEntryRef& file, const clang::Token& name,
                   clang::SrcMgr::CharacteristicKind type) override;
  void HasInclude(clang::SourceLocation location, llvm::StringRef name, bool angled,
                  clang::OptionalFileEntryRef file,
                  clang::SrcMgr::CharacteristicKind type) override;
  void If(clang::SourceLocation location, clang::SourceRange condition,
          ConditionValueKind value) override;
  void Elif(clang::SourceLocation location, clang::SourceRange condition, ConditionValueKind value,
            clang::SourceLocation if_location) override;
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
  struct Macro {
    FilePlace place;
    const clang::IdentifierInfo* name;
    const clang::MacroInfo* macro;
    std::uint16_t roles;
  };
  void see(HeaderViews::Event event, const clang::Token& name, const clang::MacroInfo* macro);
  void record(const clang::Token& name, const clang::MacroInfo* macro, std::uint16_t roles);
  void tested(const clang::Token& name, const clang::MacroDefinition& definition);
  void named_in_body(const clang::IdentifierInfo* name, const clang::MacroInfo& macro);

  UnitRecorder& recorder_;
  clang::Preprocessor& preprocessor_;
  const clang::DiagnosticConsumer& diagnostics_;
  PrefixCheck* const prefix_;  // nullptr: the unit has none
  std::vector<Macro> macros_;
  std::vector<FilePlace> left_out_;
};

}  // namespace engram
