// indexer/clang/facts_action.h: one parse, and what is gathered from it.
//
// The declarations are gone through after the parse: only then is it known which headers another
// unit has told.
//
// With a PrefixHost the parse begins without a unit: it reads what the host says and, in a copy of
// the process for each, goes on with more headers or with a unit's text.
//
// Threads: confined to the parse.  Errors: no facts, when there are more than the limit.
#pragma once

#include <clang/AST/DeclGroup.h>
#include <clang/Frontend/FrontendAction.h>

#include <optional>
#include <vector>

#include "indexer/clang/diagnostic_recorder.h"
#include "indexer/clang/guarded_files.h"
#include "indexer/clang/prefix_check.h"
#include "indexer/clang/preprocessor_recorder.h"
#include "indexer/clang/unit_recorder.h"

namespace engram {

// Decides with what a parse goes on that has read its prefix so far.
class PrefixHost {
 public:
  virtual ~PrefixHost() = default;
  struct Next {
    std::optional<UnitRequest> unit;
    std::vector<std::string> names;  // of headers, when it is no unit
  };
  // Returns in copies of this process alone. `unfit`: names of the last part that may not be in it.
  virtual Next next(const std::vector<std::string>& unfit) = 0;
  // The unit has to be parsed without a prefix; these it never asked for.
  [[noreturn]] virtual void give_up(const std::vector<std::string>& names) = 0;
  // A file that the unit alone would read otherwise; `how` is equal in all units where it is.
  struct Difference {
    std::string path, how;
  };
  // The views that other units have told of them. Does not return when one is told by none.
  virtual std::vector<ViewKey> differs(const std::vector<Difference>& differences) = 0;
};

// The text of a part of a prefix.
std::string prefix_text(const std::vector<std::string>& names);

class FactsAction final : public clang::ASTFrontendAction {
 public:
  FactsAction(const UnitRequest& request, const HeldViews& held, GuardedFiles& files,
              DiagnosticRecorder& diagnostics, PrefixHost* host = nullptr)
      : request_(request), held_(held), files_(files), diagnostics_(diagnostics), host_(host) {}

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef file) override;
  void EndSourceFileAction() override;

  // It imports modules, of which this is a hash: what it makes of headers may hang on them.
  void rely_on(const Sha256& modules) { modules_ = modules; }

  std::optional<UnitFacts> take() { return std::move(facts_); }

 private:
  class Consumer;
  class PrefixPragma;
  bool leave_out_body(const clang::FunctionDecl& function) const;
  void compare_later_declarations();
  void compare_surroundings();
  void gather(clang::ASTContext& context);
  bool is_told_elsewhere(const clang::Decl& declaration);
  void go_on_after(clang::SourceLocation prefix);
  void begin_part(const std::vector<std::string>& names, clang::SourceLocation after);
  void begin_unit(const UnitRequest& request, clang::SourceLocation after);
  void rely_on_others(const std::vector<PrefixReplay::Difference>& differences, bool last);

  UnitRequest request_;
  const HeldViews& held_;
  GuardedFiles& files_;
  DiagnosticRecorder& diagnostics_;
  PrefixHost* const host_;
  Sha256 modules_;  // zero: it imports none
  const clang::SourceManager* sources_ = nullptr;
  PreprocessorRecorder* preprocessor_ = nullptr;  // Clang's
  std::vector<clang::Decl*> declarations_;        // of the top level
  std::size_t compared_ = 0;                      // of them
  std::optional<UnitRecorder> recorder_;
  std::optional<PrefixCheck> prefix_;
  std::optional<UnitFacts> facts_;
};

}  // namespace engram
