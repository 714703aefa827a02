#include "indexer/clang/unit_parser.h"

#include <clang/Basic/DiagnosticLex.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "indexer/clang/facts_action.h"
#include "indexer/clang/guarded_files.h"

namespace engram {

namespace {

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
void disarm(clang::CompilerInvocation& invocation) {
  clang::FrontendOptions& frontend = invocation.getFrontendOpts();
  const auto inputs = frontend.Inputs;
  const auto dialect = frontend.DashX;
  frontend = clang::FrontendOptions();
  frontend.Inputs = inputs;
  frontend.DashX = dialect;
  frontend.ProgramAction = clang::frontend::ParseSyntaxOnly;
  frontend.DisableFree = false;
  frontend.SkipFunctionBodies = true;  // where FactsAction says so
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

// What a second parse of the unit shares with the first.
class Unit {
 public:
  Unit(const UnitRequest& request, llvm::IntrusiveRefCntPtr<GuardedFiles> guarded)
      : request_(request), guarded_(std::move(guarded)), files_(with_unsaved(guarded_, request)) {}

  // nullopt: bodies were left out that are needed.
  std::optional<UnitReply> parse(const HeldViews& held, bool with_bodies);

 private:
  std::shared_ptr<clang::CompilerInvocation> invocation(DiagnosticRecorder& diagnostics) const;

  const UnitRequest& request_;
  llvm::IntrusiveRefCntPtr<GuardedFiles> guarded_;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files_;
};

std::shared_ptr<clang::CompilerInvocation> Unit::invocation(DiagnosticRecorder& diagnostics) const {
  clang::CreateInvocationOptions driver;
  driver.VFS = files_;
  driver.RecoverOnError = true;
  driver.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions,
                                                            &diagnostics, /*OwnsClient=*/false);
  return clang::createInvocation(arguments_of(request_), driver);
}

std::optional<UnitReply> Unit::parse(const HeldViews& held, bool with_bodies) {
  if (files_->setCurrentWorkingDirectory(request_.directory)) {
    return failed("there is no folder " + request_.directory);
  }
  DiagnosticRecorder diagnostics;
  const auto invoked = invocation(diagnostics);
  if (invoked == nullptr || invoked->getFrontendOpts().Inputs.size() != 1) {
    return failed(first_error(diagnostics, "its arguments do not name one file to compile"));
  }
  disarm(*invoked);
  guarded_->forget_refused();  // the driver looked for the name of the system, not for headers

  clang::CompilerInstance compiler;
  compiler.setInvocation(invoked);
  compiler.createDiagnostics(&diagnostics, /*ShouldOwnClient=*/false);
  // A missing header is no reason to stop: Clang skips all templates after a fatal error.
  compiler.getDiagnostics().setSeverity(clang::diag::err_pp_file_not_found,
                                        clang::diag::Severity::Error, {});
  compiler.createFileManager(files_);
  FactsAction action(request_, held, with_bodies, diagnostics);
  compiler.ExecuteAction(action);
  if (action.must_repeat()) return std::nullopt;
  std::optional<UnitFacts> facts = action.take();
  if (!facts) {
    return failed(first_error(diagnostics, "it yields more facts than the limit"));
  }
  facts->errors = diagnostics.errors();
  facts->diagnostics = diagnostics.take();
  if (facts->errors > 0) facts->certainty = std::min(facts->certainty, Certainty::kInferred);
  add_refusals(*facts, guarded_->refused());
  return UnitReply{.failure = {}, .facts = *std::move(facts)};
}

}  // namespace

UnitReply parse_unit(const UnitRequest& request, const std::vector<std::string>& roots,
                     HeldViews& held) {
  held.add(request.newly_held);
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk = llvm::vfs::createPhysicalFileSystem();
  Unit unit(request, llvm::makeIntrusiveRefCnt<GuardedFiles>(std::move(disk), roots));
  if (auto reply = unit.parse(held, !request.each_header_once)) return *std::move(reply);
  // With all bodies read there is nothing to repeat.
  return unit.parse(held, true).value_or(failed("it was read differently twice"));
}

}  // namespace engram
