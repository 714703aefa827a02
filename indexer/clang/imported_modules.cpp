#include "indexer/clang/imported_modules.h"

#include <clang/AST/ASTContext.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Serialization/ASTReader.h>
#include <clang/Serialization/ASTWriter.h>
#include <clang/Serialization/ModuleFile.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <optional>
#include <set>

#include "indexer/clang/diagnostic_recorder.h"
#include "indexer/clang/file_places.h"
#include "indexer/clang/unit_invocation.h"

namespace engram {

namespace {

constexpr std::size_t kMostKeptBytes = std::size_t{512} << 20;

// No such folder exists, nor could a root of Clang's files lie in it.
std::string path_of(const std::string& name) { return "/engram modules/" + name + ".pcm"; }

std::string command_of(const ModuleSource& source) {
  std::string text = source.name + '\0' + source.directory;
  for (const std::string& argument : source.arguments) text += '\0' + argument;
  return text;
}

// Writes the module that the unit declares, if it declares one, into memory.
class ModuleWriter final : public clang::PCHGenerator {
 public:
  ModuleWriter(clang::CompilerInstance& compiler, std::shared_ptr<clang::PCHBuffer> buffer)
      : PCHGenerator(compiler.getPreprocessor(), compiler.getModuleCache(), /*OutputFile=*/"",
                     /*isysroot=*/"", std::move(buffer), {}, /*AllowASTWithErrors=*/true) {}

  void HandleTranslationUnit(clang::ASTContext& context) override {
    if (context.getCurrentNamedModule() == nullptr) return;
    // As Clang does for modules of C++20: they say nothing about an importer.
    auto& options = getPreprocessor().getHeaderSearchInfo().getHeaderSearchOpts();
    options.ModulesSkipDiagnosticOptions = true;
    options.ModulesSkipHeaderSearchPaths = true;
    PCHGenerator::HandleTranslationUnit(context);
  }

 protected:
  clang::Module* getEmittingModule(clang::ASTContext& context) override {
    return context.getCurrentNamedModule();
  }
};

std::string first_error(const DiagnosticRecorder& diagnostics) {
  if (diagnostics.errors() == 0) return {};
  for (const UnitDiagnostic& d : diagnostics.diagnostics()) {
    if (d.level >= DiagnosticLevel::kError) return d.message;
  }
  return "an error";
}

// Clang reads lazily, for as long as what it made of the bytes is kept.
class SharedBytes final : public llvm::MemoryBuffer {
 public:
  SharedBytes(std::shared_ptr<const std::string> bytes, std::string name)
      : bytes_(std::move(bytes)), name_(std::move(name)) {
    init(bytes_->data(), bytes_->data() + bytes_->size(), /*RequiresNullTerminator=*/false);
  }
  llvm::StringRef getBufferIdentifier() const override { return name_; }
  BufferKind getBufferKind() const override { return MemoryBuffer_Malloc; }

 private:
  const std::shared_ptr<const std::string> bytes_;
  const std::string name_;
};

class ReadFiles final : public clang::PPCallbacks {
 public:
  explicit ReadFiles(FilePlaces& places) : places_(places) {}
  void LexedFileChanged(clang::FileID id, LexedFileChangeReason reason,
                        clang::SrcMgr::CharacteristicKind, clang::FileID,
                        clang::SourceLocation) override {
    if (reason == LexedFileChangeReason::EnterFile) places_.number(id);
  }

 private:
  FilePlaces& places_;
};

}  // namespace

class ImportedModules::Action final : public clang::ASTFrontendAction {
 public:
  bool BeginSourceFileAction(clang::CompilerInstance& compiler) override {
    compiler.getLangOpts().setCompilingModule(clang::LangOptions::CMK_ModuleInterface);
    return true;
  }
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance& compiler,
                                                        llvm::StringRef) override {
    places_.emplace(compiler.getSourceManager(), compiler.getLangOpts());
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<ReadFiles>(*places_));
    return std::make_unique<ModuleWriter>(compiler, buffer_);
  }
  void EndSourceFileAction() override {
    files_ = places_->take_files();
    const auto reader = getCompilerInstance().getASTReader();
    if (reader == nullptr) return;
    for (const clang::serialization::ModuleFile& file : reader->getModuleManager()) {
      imports_.push_back(file.ModuleName);
    }
  }

  std::string bytes() const {
    return buffer_->IsComplete ? std::string(buffer_->Data.data(), buffer_->Data.size()) : "";
  }
  std::vector<UnitFile> take_files() { return std::move(files_); }
  const std::vector<std::string>& imports() const { return imports_; }

 private:
  const std::shared_ptr<clang::PCHBuffer> buffer_ = std::make_shared<clang::PCHBuffer>();
  std::optional<FilePlaces> places_;
  std::vector<UnitFile> files_;
  std::vector<std::string> imports_;
};

ImportedModules::Files ImportedModules::compile(const std::vector<ModuleSource>& sources,
                                                Files files) {
  offered_.clear();
  std::size_t bytes = 0;
  for (const auto& [command, kept] : kept_) bytes += kept.bytes == nullptr ? 0 : kept.bytes->size();
  if (bytes > kMostKeptBytes) kept_.clear();
  for (const ModuleSource& source : sources) {
    if (files->setCurrentWorkingDirectory(source.directory)) continue;
    const std::string command = command_of(source);
    Compiled& kept = kept_[command];
    if (kept.number == 0 || !is_current(kept, *files)) {
      kept = compile_one(source, files);
      kept.number = ++compilations_;
      kept.command = command;
    }
    offered_.insert_or_assign(source.name, &kept);
  }
  return in_front_of(std::move(files));
}

bool ImportedModules::is_current(const Compiled& kept, llvm::vfs::FileSystem& files) const {
  if (!kept.fault.empty() && kept.imports.size() != offered_.size())
    return false;  // one may be new
  for (const auto& [name, number] : kept.imports) {
    const auto offered = offered_.find(name);
    if (offered == offered_.end() || offered->second->number != number) return false;
  }
  return std::all_of(kept.inputs.begin(), kept.inputs.end(), [&](const Input& input) {
    const auto now = files.status(input.file.path);
    return now && now->getSize() == input.file.size && now->getLastModificationTime() == input.time;
  });
}

ImportedModules::Compiled ImportedModules::compile_one(const ModuleSource& source,
                                                       Files files) const {
  Compiled compiled;
  compiled.bytes = std::make_shared<const std::string>();
  DiagnosticRecorder diagnostics;
  const Files offered = in_front_of(files);
  const auto invocation = unit_invocation(source.arguments, offered, diagnostics);
  if (invocation == nullptr) return compiled;
  offer_to(*invocation);
  clang::CompilerInstance compiler;
  compiler.setInvocation(invocation);
  compiler.createDiagnostics(&diagnostics, /*ShouldOwnClient=*/false);
  go_on_without_headers(compiler.getDiagnostics());
  compiler.createFileManager(offered);
  Action action;
  compiler.ExecuteAction(action);
  compiled.bytes = std::make_shared<const std::string>(action.bytes());
  compiled.fault = first_error(diagnostics);
  for (UnitFile& file : action.take_files()) {
    const auto status = files->status(file.path);
    if (status) compiled.inputs.push_back({std::move(file), status->getLastModificationTime()});
  }
  const std::vector<std::string>& read = action.imports();
  for (const auto& [name, import] : offered_) {
    const bool was_read = std::find(read.begin(), read.end(), name) != read.end();
    if (was_read || !compiled.fault.empty()) compiled.imports.emplace(name, import->number);
  }
  return compiled;
}

ImportedModules::Files ImportedModules::in_front_of(Files files) const {
  if (offered_.empty()) return files;
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto& [name, compiled] : offered_) {
    const std::string path = path_of(name);
    if (compiled->bytes->empty()) continue;
    memory->addFile(path, 0, std::make_unique<SharedBytes>(compiled->bytes, path));
  }
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(std::move(files));
  overlay->pushOverlay(std::move(memory));
  return overlay;
}

void ImportedModules::offer_to(clang::CompilerInvocation& invocation) const {
  allow_modules(invocation);
  invocation.getFrontendOpts().AllowPCMWithCompilerErrors = true;
  for (const auto& [name, compiled] : offered_) {
    if (compiled->bytes->empty()) continue;
    invocation.getHeaderSearchOpts().PrebuiltModuleFiles.insert_or_assign(name, path_of(name));
  }
}

std::vector<UnitFile> ImportedModules::files_read() const {
  std::vector<UnitFile> files;
  std::set<std::string> known;
  for (const auto& [name, compiled] : offered_) {
    for (const Input& input : compiled->inputs) {
      if (known.insert(input.file.path).second) files.push_back(input.file);
    }
  }
  return files;
}

Sha256 ImportedModules::fingerprint() const {
  std::string text;
  for (const auto& [name, compiled] : offered_) {
    text += compiled->command;
    for (const Input& input : compiled->inputs) text += input.file.content.hex();
  }
  return sha256(text);
}

std::vector<ImportedModules::Fault> ImportedModules::faults() const {
  std::vector<Fault> faults;
  for (const auto& [name, compiled] : offered_) {
    if (compiled->fault.empty()) continue;
    faults.push_back(
        {name, "the interface of module '" + name + "' has errors: " + compiled->fault});
  }
  return faults;
}

}  // namespace engram
