#include "indexer/clang/unit_parser.h"

#include <clang/Basic/DiagnosticLex.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/Utils.h>
#include <clang/Index/IndexingAction.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "indexer/clang/declaration_recorder.h"
#include "indexer/clang/diagnostic_recorder.h"
#include "indexer/clang/guarded_files.h"
#include "indexer/clang/preprocessor_recorder.h"
#include "indexer/clang/unit_recorder.h"

namespace engram {

namespace {

class FactsAction final : public clang::ASTFrontendAction {
 public:
  FactsAction(const UnitRequest& request, DiagnosticRecorder& diagnostics,
              std::optional<UnitFacts>& facts)
      : request_(request), diagnostics_(diagnostics), facts_(facts) {}

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef) override {
    recorder_.emplace(compiler.getSourceManager(), compiler.getLangOpts(), request_);
    diagnostics_.set_places(&recorder_->places());
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<PreprocessorRecorder>(*recorder_));
    clang::index::IndexingOptions options;
    options.SystemSymbolFilter = system_filter();
    options.IndexFunctionLocals = true;
    options.IndexParametersInDeclarations = true;
    options.IndexTemplateParameters = true;
    options.IndexMacros = false;  // PreprocessorRecorder sees more of them
    return clang::index::createIndexingASTConsumer(
        std::make_shared<DeclarationRecorder>(*recorder_), options, compiler.getPreprocessorPtr(),
        [this, &sources = compiler.getSourceManager()](const clang::Decl* function) {
          return request_.skip_bodies || sources.isInSystemHeader(function->getLocation());
        });
  }

  void EndSourceFileAction() override {
    if (!recorder_->is_full()) facts_ = recorder_->finish();
    diagnostics_.set_places(nullptr);
  }

 private:
  clang::index::IndexingOptions::SystemSymbolFilterKind system_filter() const {
    using Filter = clang::index::IndexingOptions::SystemSymbolFilterKind;
    switch (request_.system_headers) {
      case SystemHeaders::kNothing:
        return Filter::None;
      case SystemHeaders::kDeclarations:
        return Filter::DeclarationsOnly;
      case SystemHeaders::kAll:
        break;
    }
    return Filter::All;
  }

  const UnitRequest& request_;
  DiagnosticRecorder& diagnostics_;
  std::optional<UnitFacts>& facts_;
  std::optional<UnitRecorder> recorder_;
};

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> with_unsaved(
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, const UnitRequest& request) {
  if (request.unsaved.empty()) return files;
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const UnsavedFile& file : request.unsaved) {
    memory->addFile(file.path, 0, llvm::MemoryBuffer::getMemBufferCopy(file.contents, file.path));
  }
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(std::move(files));
  overlay->pushOverlay(std::move(memory));
  return overlay;
}

std::vector<const char*> arguments_of(const UnitRequest& request) {
  std::vector<const char*> arguments;
  for (const std::string& argument : request.arguments) arguments.push_back(argument.c_str());
  const bool has_resources = std::any_of(
      request.arguments.begin(), request.arguments.end(),
      [](const std::string& argument) { return argument.starts_with("-resource-dir"); });
  if (!has_resources && !arguments.empty()) {
    arguments.insert(arguments.begin() + 1, "-resource-dir=" ENGRAM_CLANG_RESOURCES);
  }
  return arguments;
}

// The arguments were cleaned before (indexer/commands/); what could write, load or run something is
// taken out once more where Clang keeps it.
void disarm(clang::CompilerInvocation& invocation, const UnitRequest& request) {
  clang::FrontendOptions& frontend = invocation.getFrontendOpts();
  const auto inputs = frontend.Inputs;
  const auto dialect = frontend.DashX;
  frontend = clang::FrontendOptions();
  frontend.Inputs = inputs;
  frontend.DashX = dialect;
  frontend.ProgramAction = clang::frontend::ParseSyntaxOnly;
  frontend.DisableFree = false;
  // Of system headers nothing within a body is told, unless all of it is: why parse it.
  frontend.SkipFunctionBodies =
      request.skip_bodies || request.system_headers != SystemHeaders::kAll;
  invocation.getDependencyOutputOpts() = clang::DependencyOutputOptions();
  clang::HeaderSearchOptions& headers = invocation.getHeaderSearchOpts();
  headers.VFSOverlayFiles.clear();
  headers.PrebuiltModuleFiles.clear();
  headers.PrebuiltModulePaths.clear();
  headers.ModuleCachePath.clear();
  clang::PreprocessorOptions& preprocessor = invocation.getPreprocessorOpts();
  preprocessor.ImplicitPCHInclude.clear();
  preprocessor.ChainedIncludes.clear();
  clang::DiagnosticOptions& diagnostics = invocation.getDiagnosticOpts();
  diagnostics.DiagnosticLogFile.clear();
  diagnostics.DiagnosticSerializationFile.clear();
  diagnostics.ErrorLimit = 0;
  diagnostics.ShowColors = false;
  diagnostics.ShowCarets = false;  // else the number of errors goes to stderr
  clang::LangOptions& language = invocation.getLangOpts();
  language.Modules = false;
  language.ImplicitModules = false;
  language.ModulesLocalVisibility = false;
  language.CommentOpts.ParseAllComments = true;
}

std::string first_error(const DiagnosticRecorder& diagnostics, std::string otherwise) {
  for (const UnitDiagnostic& d : diagnostics.diagnostics()) {
    if (d.level >= DiagnosticLevel::kError) return d.message;
  }
  return otherwise;
}

void add_refusals(UnitFacts& facts, const std::set<std::string>& refused) {
  for (const std::string& path : refused) {
    facts.diagnostics.push_back(
        {.level = DiagnosticLevel::kWarning,
         .message = path + " was not read: it lies outside the folders Clang may read",
         .option = {},
         .fixes = {}});
  }
}

UnitReply failed(std::string why) { return {.failure = std::move(why), .facts = {}}; }

}  // namespace

UnitReply parse_unit(const UnitRequest& request, const std::vector<std::string>& roots) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk = llvm::vfs::createPhysicalFileSystem();
  auto guarded = llvm::makeIntrusiveRefCnt<GuardedFiles>(std::move(disk), roots);
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files = with_unsaved(guarded, request);
  if (files->setCurrentWorkingDirectory(request.directory)) {
    return failed("there is no folder " + request.directory);
  }
  DiagnosticRecorder diagnostics;
  clang::CreateInvocationOptions driver;
  driver.VFS = files;
  driver.RecoverOnError = true;
  driver.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions,
                                                            &diagnostics, /*OwnsClient=*/false);
  std::shared_ptr<clang::CompilerInvocation> invocation =
      clang::createInvocation(arguments_of(request), driver);
  if (invocation == nullptr || invocation->getFrontendOpts().Inputs.size() != 1) {
    return failed(first_error(diagnostics, "its arguments do not name one file to compile"));
  }
  disarm(*invocation, request);
  guarded->forget_refused();  // the driver looked for the name of the system, not for headers

  clang::CompilerInstance compiler;
  compiler.setInvocation(invocation);
  compiler.createDiagnostics(&diagnostics, /*ShouldOwnClient=*/false);
  // A missing header is no reason to stop: Clang skips all templates after a fatal error.
  compiler.getDiagnostics().setSeverity(clang::diag::err_pp_file_not_found,
                                        clang::diag::Severity::Error, {});
  compiler.createFileManager(files);
  std::optional<UnitFacts> facts;
  FactsAction action(request, diagnostics, facts);
  compiler.ExecuteAction(action);
  if (!facts) {
    return failed(first_error(diagnostics, "it yields more facts than the limit"));
  }
  facts->errors = diagnostics.errors();
  facts->diagnostics = diagnostics.take();
  if (facts->errors > 0) facts->certainty = std::min(facts->certainty, Certainty::kInferred);
  add_refusals(*facts, guarded->refused());
  return {.failure = {}, .facts = std::move(*facts)};
}

}  // namespace engram
