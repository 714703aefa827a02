#include "indexer/clang/facts_action.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/Basic/TargetOptions.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Index/IndexingAction.h>
#include <clang/Lex/Preprocessor.h>

#include "indexer/clang/declaration_recorder.h"
#include "indexer/clang/unresolved_names.h"

namespace engram {

namespace {

// What decides how a header reads apart from its macros.
std::string reading_context(const clang::CompilerInstance& compiler, const UnitRequest& request) {
  const clang::LangOptions& language = compiler.getLangOpts();
  std::string text = compiler.getTargetOpts().Triple + '\0';
  const auto add = [&](std::uint64_t value) { text += std::to_string(value) + ','; };
  add(static_cast<std::uint64_t>(request.system_headers));
#define LANGOPT(Name, Bits, Default, Description) add(language.Name);
#define ENUM_LANGOPT(Name, Type, Bits, Default, Description) \
  add(static_cast<std::uint64_t>(language.get##Name()));
#define BENIGN_LANGOPT(Name, Bits, Default, Description)
#define BENIGN_ENUM_LANGOPT(Name, Type, Bits, Default, Description)
#define BENIGN_VALUE_LANGOPT(Name, Bits, Default, Description)
#include <clang/Basic/LangOptions.def>
  return text;
}

clang::index::IndexingOptions indexing_options(SystemHeaders system_headers) {
  using Filter = clang::index::IndexingOptions::SystemSymbolFilterKind;
  clang::index::IndexingOptions options;
  options.SystemSymbolFilter = system_headers == SystemHeaders::kNothing ? Filter::None
                               : system_headers == SystemHeaders::kDeclarations
                                   ? Filter::DeclarationsOnly
                                   : Filter::All;
  options.IndexFunctionLocals = true;
  options.IndexParametersInDeclarations = true;
  options.IndexTemplateParameters = true;
  options.IndexMacros = false;  // PreprocessorRecorder sees more of them
  return options;
}

}  // namespace

class FactsAction::Consumer final : public clang::ASTConsumer {
 public:
  explicit Consumer(FactsAction& action) : action_(action) {}

  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    declarations_.insert(declarations_.end(), group.begin(), group.end());
    return true;
  }
  void HandleTranslationUnit(clang::ASTContext& context) override {
    action_.gather(context, declarations_);
  }
  bool shouldSkipFunctionBody(clang::Decl* declaration) override {
    const clang::FunctionDecl* function = declaration->getAsFunction();
    return function != nullptr && action_.leave_out_body(*function);
  }

 private:
  FactsAction& action_;
  std::vector<clang::Decl*> declarations_;
};

std::unique_ptr<clang::ASTConsumer> FactsAction::CreateASTConsumer(
    clang::CompilerInstance& compiler, llvm::StringRef) {
  sources_ = &compiler.getSourceManager();
  recorder_.emplace(*sources_, compiler.getLangOpts(), request_,
                    request_.each_header_once ? &held_ : nullptr,
                    reading_context(compiler, request_));
  diagnostics_.set_places(&recorder_->places());
  auto preprocessor = std::make_unique<PreprocessorRecorder>(*recorder_, diagnostics_);
  preprocessor_ = preprocessor.get();
  compiler.getPreprocessor().addPPCallbacks(std::move(preprocessor));
  return std::make_unique<Consumer>(*this);
}

bool FactsAction::leave_out_body(const clang::FunctionDecl& function) {
  if (request_.skip_bodies) return true;
  const clang::SourceLocation location = sources_->getExpansionLoc(function.getLocation());
  if (request_.system_headers != SystemHeaders::kAll && sources_->isInSystemHeader(location)) {
    return true;
  }
  if (with_bodies_ || function.isTemplated()) return false;
  const clang::FileID file = sources_->getFileID(location);
  if (!recorder_->views().may_skip_bodies(file)) return false;
  recorder_->views().skipped_a_body(file);
  return true;
}

// All of it lies in one header that was told.
bool FactsAction::is_told_elsewhere(const clang::Decl& declaration) const {
  const HeaderViews& views = const_cast<UnitRecorder&>(*recorder_).views();
  const auto [file, begin] =
      sources_->getDecomposedLoc(sources_->getExpansionLoc(declaration.getBeginLoc()));
  const auto [last, end] =
      sources_->getDecomposedLoc(sources_->getExpansionLoc(declaration.getEndLoc()));
  return file == last && views.told_elsewhere(file) && !views.includes_within(file, begin, end);
}

void FactsAction::gather(clang::ASTContext& context, std::vector<clang::Decl*>& declarations) {
  const bool all_system = request_.system_headers == SystemHeaders::kAll;
  if (request_.each_header_once && context.getLangOpts().CPlusPlus) {
    for (clang::Decl* declaration : declarations) {
      const clang::SourceLocation location = sources_->getExpansionLoc(declaration->getLocation());
      if (sources_->isInMainFile(location)) continue;
      find_later_declarations(*declaration, *sources_, recorder_->views());
      if (!all_system && sources_->isInSystemHeader(location)) continue;
      find_unresolved_names(*declaration, *sources_, recorder_->views());
    }
  }
  must_repeat_ = !recorder_->views().settle();
  if (must_repeat_) return;
  preprocessor_->flush();
  std::vector<const clang::Decl*> told;
  for (const clang::Decl* declaration : declarations) {
    if (!is_told_elsewhere(*declaration)) told.push_back(declaration);
  }
  DeclarationRecorder recorder(*recorder_);
  clang::index::indexTopLevelDecls(context, getCompilerInstance().getPreprocessor(), told, recorder,
                                   indexing_options(request_.system_headers));
}

void FactsAction::EndSourceFileAction() {
  if (!must_repeat_ && !recorder_->is_full()) facts_ = recorder_->finish();
  diagnostics_.set_places(nullptr);
}

}  // namespace engram
