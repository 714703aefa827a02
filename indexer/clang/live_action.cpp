#include "indexer/clang/live_action.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/Decl.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>

#include <utility>

#include "indexer/clang/include_check.h"

namespace engram {

namespace {

// After the brace that closes one of `C::C() : a{1}, b{2} try { } catch (...) { }`.
bool goes_on(const clang::Token& next) {
  return next.isOneOf(clang::tok::comma, clang::tok::l_brace, clang::tok::r_paren) ||
         (next.is(clang::tok::raw_identifier) && next.getRawIdentifier() == "catch");
}

// The end of the function whose declarator begins at `begin` of `text`.
std::uint32_t end_of_function(llvm::StringRef text, std::uint32_t begin,
                              const clang::LangOptions& language) {
  clang::Lexer lexer(clang::SourceLocation(), language, text.begin(), text.begin() + begin,
                     text.end());
  const auto place = [&] { return static_cast<std::uint32_t>(lexer.getCurrentBufferOffset()); };
  std::uint32_t end = begin;
  int depth = 0;
  clang::Token token;
  while (!lexer.LexFromRawLexer(token)) {
    if (depth == 0 && end > begin) {
      if (!goes_on(token)) return end;
      end = begin;
    }
    if (depth == 0 && token.is(clang::tok::semi)) return place();
    depth += token.is(clang::tok::l_brace) ? 1 : token.is(clang::tok::r_brace) ? -1 : 0;
    if (depth < 0) return place();
    if (depth == 0 && token.is(clang::tok::r_brace)) end = place();
  }
  return static_cast<std::uint32_t>(text.size());
}

}  // namespace

class LiveAction::Consumer final : public clang::ASTConsumer {
 public:
  explicit Consumer(LiveAction& action) : action_(action) {}

  bool HandleTopLevelDecl(clang::DeclGroupRef group) override { return action_.go_on(group); }
  bool shouldSkipFunctionBody(clang::Decl* declaration) override {
    const clang::FunctionDecl* function = declaration->getAsFunction();
    return function != nullptr && action_.leave_out_body(*function);
  }

 private:
  LiveAction& action_;
};

// Where the file's own text uses macros.
class LiveAction::MacroUses final : public clang::PPCallbacks {
 public:
  explicit MacroUses(LiveAction& action) : action_(action) {}
  void MacroExpands(const clang::Token& name, const clang::MacroDefinition&, clang::SourceRange,
                    const clang::MacroArgs*) override {
    const clang::SourceLocation at = action_.sources_->getSpellingLoc(name.getLocation());
    if (!action_.sources_->isInMainFile(at)) return;
    action_.macro_uses_.insert(action_.sources_->getFileOffset(at));
  }

 private:
  LiveAction& action_;
};

std::unique_ptr<clang::ASTConsumer> LiveAction::CreateASTConsumer(clang::CompilerInstance& compiler,
                                                                  llvm::StringRef) {
  sources_ = &compiler.getSourceManager();
  language_ = &compiler.getLangOpts();
  if (describer_ != nullptr) describer_->begin(compiler, wanted_.begin);
  if (included_) {
    includes_ = std::make_unique<IncludeRecorder>(compiler, *std::move(included_));
    compiler.getPreprocessor().addPPCallbacks(includes_->callbacks());
  }
  if (diagnostics_ != nullptr && wanted_.empty()) {
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<MacroUses>(*this));
  }
  if (diagnostics_ != nullptr) {
    places_.emplace(*sources_, *language_);
    diagnostics_->set_places(&*places_);
  }
  return std::make_unique<Consumer>(*this);
}

void LiveAction::finish() {
  if (std::exchange(finished_, true)) return;
  if (describer_ != nullptr && !given_up_) describer_->end(getCompilerInstance());
  const clang::CompilerInstance& compiler = getCompilerInstance();
  if (includes_ && !given_up_ && !compiler.getDiagnostics().hasUncompilableErrorOccurred()) {
    include_findings_ = check_includes(compiler, includes_->finish(), declarations_);
  }
  if (diagnostics_ == nullptr) return;
  files_ = places_->take_files();
  diagnostics_->set_places(nullptr);
}

bool LiveAction::go_on(clang::DeclGroupRef group) {
  if (unwanted_ && unwanted_()) given_up_ = true;
  if (describer_ != nullptr) describer_->declared(group);
  for (const clang::Decl* one : group) {
    if (const auto* import = llvm::dyn_cast<clang::ImportDecl>(one)) add_import(*import);
  }
  if (includes_) includes_->declared(group);
  if (wanted_.empty() && diagnostics_ != nullptr) {
    for (clang::Decl* one : group) {
      if (sources_->isInMainFile(sources_->getExpansionLoc(one->getLocation()))) {
        declarations_.push_back(one);
      }
    }
  }
  const clang::Decl* last = group.isNull() ? nullptr : *(group.end() - 1);
  if (given_up_ || last == nullptr || wanted_.empty()) return !given_up_;
  const auto end = sources_->getDecomposedExpansionLoc(last->getEndLoc());
  return end.first != sources_->getMainFileID() || end.second < wanted_.end;
}

void LiveAction::add_import(const clang::ImportDecl& import) {
  const auto names = import.getIdentifierLocs();
  if (!places_ || names.empty() || import.getImportedModule() == nullptr) return;
  const auto place = places_->token(names.back());
  if (!place || place->file != 0) return;
  imports_.push_back({import.getImportedModule()->Name, place->begin, place->end});
}

bool LiveAction::leave_out_body(const clang::FunctionDecl& function) {
  if (wanted_.empty()) return diagnostics_ == nullptr;  // Clang keeps the one that is completed
  const auto begin = sources_->getDecomposedExpansionLoc(function.getBeginLoc());
  if (begin.first != sources_->getMainFileID() || begin.second > wanted_.begin) return true;
  const ParsedSpan whole{begin.second, end_of_function(sources_->getBufferData(begin.first),
                                                       begin.second, *language_)};
  if (!whole.holds(wanted_)) return true;
  if (function_.empty()) function_ = whole;
  return false;
}

}  // namespace engram
