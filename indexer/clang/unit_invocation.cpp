#include "indexer/clang/unit_invocation.h"

#include <clang/Basic/DiagnosticFrontend.h>
#include <clang/Basic/DiagnosticLex.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/Utils.h>
#include <clang/Lex/PreprocessorOptions.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/xxhash.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace engram {

namespace {

std::vector<const char*> with_resources(const std::vector<std::string>& given) {
  std::vector<const char*> arguments;
  for (const std::string& argument : given) arguments.push_back(argument.c_str());
  const bool has_resources = std::any_of(
      given.begin(), given.end(),
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
  frontend.SkipFunctionBodies = true;  // where the consumer says so
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
  language.Modules = false;  // but see allow_named_module
  language.ImplicitModules = false;
  language.ModulesLocalVisibility = false;
  language.CommentOpts.ParseAllComments = true;
}

// "module" as the first word of a line, or after "export".
bool may_declare_module(llvm::StringRef text) {
  while (!text.empty()) {
    llvm::StringRef line;
    std::tie(line, text) = text.split('\n');
    line = line.ltrim();
    if (line.consume_front("export")) line = line.ltrim();
    if (line.consume_front("module") && !line.starts_with("_")) return true;
  }
  return false;
}

bool is_saved(llvm::vfs::FileSystem& files, const UnsavedFile& file) {
  const auto status = files.status(file.path);
  if (!status || status->getSize() != file.contents.size()) return false;
  const auto saved = files.getBufferForFile(file.path);
  return saved && (*saved)->getBuffer() == file.contents;
}

}  // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> with_unsaved(
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
    const std::vector<UnsavedFile>& unsaved) {
  if (unsaved.empty()) return files;
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const UnsavedFile& file : unsaved) {
    if (is_saved(*files, file)) continue;
    const auto time = static_cast<std::time_t>(llvm::xxh3_64bits(file.contents) >> 2);
    memory->addFile(file.path, time,
                    llvm::MemoryBuffer::getMemBufferCopy(file.contents, file.path));
  }
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(std::move(files));
  overlay->pushOverlay(std::move(memory));
  return overlay;
}

std::shared_ptr<clang::CompilerInvocation> unit_invocation(
    const std::vector<std::string>& arguments,
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, clang::DiagnosticConsumer& diagnostics) {
  clang::CreateInvocationOptions driver;
  driver.VFS = std::move(files);
  driver.RecoverOnError = true;
  driver.Diags = clang::CompilerInstance::createDiagnostics(new clang::DiagnosticOptions,
                                                            &diagnostics, /*OwnsClient=*/false);
  auto invocation = clang::createInvocation(with_resources(arguments), driver);
  if (invocation == nullptr || invocation->getFrontendOpts().Inputs.size() != 1) return nullptr;
  disarm(*invocation);
  return invocation;
}

void allow_named_module(clang::CompilerInvocation& invocation, llvm::vfs::FileSystem& files) {
  clang::LangOptions& language = invocation.getLangOpts();
  if (!language.CPlusPlusModules) return;
  const auto text = files.getBufferForFile(invocation.getFrontendOpts().Inputs[0].getFile());
  if (text && may_declare_module((*text)->getBuffer())) allow_modules(invocation);
}

void allow_modules(clang::CompilerInvocation& invocation) {
  clang::LangOptions& language = invocation.getLangOpts();
  if (!language.CPlusPlusModules) return;
  language.Modules = true;
  language.ModulesLocalVisibility = true;
}

std::vector<std::string> form_of(clang::CompilerInvocation invocation) {
  invocation.getFrontendOpts() = clang::FrontendOptions();  // the file, and what disarm() decided
  invocation.getCodeGenOpts() = clang::CodeGenOptions();    // no code is made
  return invocation.getCC1CommandLine();
}

void go_on_without_headers(clang::DiagnosticsEngine& diagnostics) {
  diagnostics.setSeverity(clang::diag::err_pp_file_not_found, clang::diag::Severity::Error, {});
  diagnostics.setSeverity(clang::diag::err_module_not_found, clang::diag::Severity::Error, {});
}

}  // namespace engram
