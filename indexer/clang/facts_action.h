// indexer/clang/facts_action.h: one parse, and what is gathered from it.
//
// The declarations are gone through after the parse: only then is it known which headers another
// unit has told. `with_bodies` false: in headers of which a view is held, bodies of functions that
// are no templates are left out; when such a view turns out to be new, must_repeat() holds and
// nothing is gathered.
//
// Threads: confined to the parse.  Errors: no facts, when there are more than the limit.
#pragma once

#include <clang/AST/DeclGroup.h>
#include <clang/Frontend/FrontendAction.h>

#include <optional>
#include <vector>

#include "indexer/clang/diagnostic_recorder.h"
#include "indexer/clang/preprocessor_recorder.h"
#include "indexer/clang/unit_recorder.h"

namespace engram {

class FactsAction final : public clang::ASTFrontendAction {
 public:
  FactsAction(const UnitRequest& request, const HeldViews& held, bool with_bodies,
              DiagnosticRecorder& diagnostics)
      : request_(request), held_(held), with_bodies_(with_bodies), diagnostics_(diagnostics) {}

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef file) override;
  void EndSourceFileAction() override;

  bool must_repeat() const { return must_repeat_; }
  std::optional<UnitFacts> take() { return std::move(facts_); }

 private:
  class Consumer;
  bool leave_out_body(const clang::FunctionDecl& function);
  void gather(clang::ASTContext& context, std::vector<clang::Decl*>& declarations);
  bool is_told_elsewhere(const clang::Decl& declaration) const;

  const UnitRequest& request_;
  const HeldViews& held_;
  const bool with_bodies_;
  DiagnosticRecorder& diagnostics_;
  const clang::SourceManager* sources_ = nullptr;
  PreprocessorRecorder* preprocessor_ = nullptr;  // Clang's
  std::optional<UnitRecorder> recorder_;
  std::optional<UnitFacts> facts_;
  bool must_repeat_ = false;
};

}  // namespace engram
