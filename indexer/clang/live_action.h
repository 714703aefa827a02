// indexer/clang/live_action.h: one parse of an open file, whole or of one function.
//
// Of one function: the bodies of all others are left out, and the parse ends with the declaration
// that holds it. Where a body ends is found by counting braces; conditions of the preprocessor
// inside it may mislead that, until the whole file is parsed.
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/AST/DeclGroup.h>
#include <clang/Frontend/FrontendAction.h>

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "indexer/clang/include_record.h"
#include "indexer/clang/live_describer.h"
#include "indexer/clang/live_diagnostics.h"

namespace engram {

struct ParsedSpan {
  std::uint32_t begin = 0, end = 0;
  bool empty() const { return begin >= end; }
  bool holds(const ParsedSpan& other) const { return begin <= other.begin && other.end <= end; }
};

// A name that the file imports, and where.
struct LiveImport {
  std::string module;  // "shapes", "shapes:part"
  std::uint32_t begin = 0, end = 0;
};

class LiveAction final : public clang::ASTFrontendAction {
 public:
  // `wanted` empty: all of the file.
  LiveAction(ParsedSpan wanted, LiveDiagnostics* diagnostics, std::function<bool()> unwanted)
      : wanted_(wanted), diagnostics_(diagnostics), unwanted_(std::move(unwanted)) {}

  // Also describes what stands at the start of what is wanted.
  void describe_with(LiveDescriber* describer) { describer_ = describer; }
  // Also checks the inclusions, when all of the file is wanted and has no errors. `preamble`: what
  // was recorded of them before.
  void check_includes_after(IncludeRecord preamble) { included_ = std::move(preamble); }
  std::vector<UnitDiagnostic> take_include_findings() { return std::move(include_findings_); }

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef file) override;
  void EndSourceFileAction() override { finish(); }
  // Before the end, while all that was parsed is there; once.
  void finish();
  bool hasCodeCompletionSupport() const override { return true; }

  bool given_up() const { return given_up_; }
  ParsedSpan function() const { return function_; }  // that holds what is wanted; empty: none does
  std::vector<UnitFile> take_files() { return std::move(files_); }
  const std::vector<LiveImport>& imports() const { return imports_; }
  // Of the whole file: what was declared at its top, and whether a macro's use begins at an offset.
  const std::vector<clang::Decl*>& declarations() const { return declarations_; }
  bool uses_macro_at(std::uint32_t offset) const { return macro_uses_.contains(offset); }

 private:
  class Consumer;
  class MacroUses;
  bool go_on(clang::DeclGroupRef group);
  bool leave_out_body(const clang::FunctionDecl& function);
  void add_import(const clang::ImportDecl& import);

  const ParsedSpan wanted_;
  LiveDiagnostics* const diagnostics_;  // nullptr: completions are wanted, no diagnostics
  const std::function<bool()> unwanted_;
  LiveDescriber* describer_ = nullptr;
  std::optional<IncludeRecord> included_;
  std::unique_ptr<IncludeRecorder> includes_;
  std::vector<clang::Decl*> declarations_;
  std::set<std::uint32_t> macro_uses_;
  std::vector<UnitDiagnostic> include_findings_;
  const clang::SourceManager* sources_ = nullptr;
  const clang::LangOptions* language_ = nullptr;
  std::optional<FilePlaces> places_;
  std::vector<UnitFile> files_;
  std::vector<LiveImport> imports_;
  ParsedSpan function_;
  bool given_up_ = false, finished_ = false;
};

}  // namespace engram
