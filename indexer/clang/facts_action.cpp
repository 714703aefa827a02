#include "indexer/clang/facts_action.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/Basic/TargetOptions.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Index/IndexingAction.h>
#include <clang/Lex/Preprocessor.h>

#include <algorithm>

#include "core/hash.h"
#include "indexer/clang/declaration_recorder.h"
#include "indexer/clang/unit_invocation.h"
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
    action_.declarations_.insert(action_.declarations_.end(), group.begin(), group.end());
    return true;
  }
  // What an import brought is its interface's to tell.
  void HandleInterestingDecl(clang::DeclGroupRef) override {}
  void HandleTranslationUnit(clang::ASTContext& context) override { action_.gather(context); }
  bool shouldSkipFunctionBody(clang::Decl* declaration) override {
    const clang::FunctionDecl* function = declaration->getAsFunction();
    return function != nullptr && action_.leave_out_body(*function);
  }

 private:
  FactsAction& action_;
};

// Ends each part of a prefix: what follows is read as if it stood here.
class FactsAction::PrefixPragma final : public clang::PragmaHandler {
 public:
  static constexpr llvm::StringRef kName = "engram_prefix";
  explicit PrefixPragma(FactsAction& action) : PragmaHandler(kName), action_(action) {}

  void HandlePragma(clang::Preprocessor& preprocessor, clang::PragmaIntroducer introducer,
                    clang::Token&) override {
    if (!action_.prefix_->is_part(action_.sources_->getFileID(introducer.Loc))) return;
    preprocessor.DiscardUntilEndOfDirective();
    action_.go_on_after(introducer.Loc);
  }

 private:
  FactsAction& action_;
};

std::unique_ptr<clang::ASTConsumer> FactsAction::CreateASTConsumer(
    clang::CompilerInstance& compiler, llvm::StringRef) {
  sources_ = &compiler.getSourceManager();
  recorder_.emplace(*sources_, compiler.getLangOpts(), request_,
                    request_.each_header_once ? &held_ : nullptr,
                    reading_context(compiler, request_) + modules_.hex());
  diagnostics_.set_places(&recorder_->places());
  clang::Preprocessor& preprocessor = compiler.getPreprocessor();
  if (host_ != nullptr) {
    prefix_.emplace(preprocessor, request_.root, request_.system_headers == SystemHeaders::kAll);
    prefix_->begin_part(sources_->getMainFileID(), {});
    preprocessor.AddPragmaHandler(new PrefixPragma(*this));  // Clang's from now on
  }
  auto listener = std::make_unique<PreprocessorRecorder>(*recorder_, preprocessor, diagnostics_,
                                                         prefix_ ? &*prefix_ : nullptr);
  preprocessor_ = listener.get();
  preprocessor.addPPCallbacks(std::move(listener));
  return std::make_unique<Consumer>(*this);
}

std::string prefix_text(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += "#include <" + name + ">\n";
  return text + "#pragma engram_prefix\n";
}

void FactsAction::go_on_after(clang::SourceLocation prefix) {
  compare_later_declarations();
  const PrefixHost::Next next = host_->next(prefix_->end_part(diagnostics_.getNumErrors()));
  next.unit ? begin_unit(*next.unit, prefix) : begin_part(next.names, prefix);
}

void FactsAction::begin_part(const std::vector<std::string>& names, clang::SourceLocation after) {
  clang::SourceManager& sources = getCompilerInstance().getSourceManager();
  const clang::FileID text = sources.createFileID(
      llvm::MemoryBuffer::getMemBufferCopy(prefix_text(names), "<engram prefix>"),
      clang::SrcMgr::C_User, 0, 0, after);
  prefix_->begin_part(text, names);
  getCompilerInstance().getPreprocessor().EnterSourceFile(text, nullptr, after);
}

void FactsAction::begin_unit(const UnitRequest& request, clang::SourceLocation after) {
  clang::CompilerInstance& compiler = getCompilerInstance();
  clang::IgnoringDiagConsumer said_before;  // about the command
  files_.note_refused(false);               // as for the first
  const auto invoked = unit_invocation(
      request.arguments, compiler.getFileManager().getVirtualFileSystemPtr(), said_before);
  if (invoked != nullptr) {
    allow_named_module(*invoked, compiler.getFileManager().getVirtualFileSystem());
  }
  files_.note_refused(true);
  if (invoked == nullptr || form_of(*invoked) != form_of(compiler.getInvocation())) {
    host_->give_up({});
  }
  auto file = compiler.getFileManager().getFileRef(invoked->getFrontendOpts().Inputs[0].getFile());
  if (!file) {
    llvm::consumeError(file.takeError());
    host_->give_up({});
  }
  clang::SourceManager& sources = compiler.getSourceManager();
  // Included from nowhere, as a main file is.
  const clang::FileID text =
      sources.createFileID(*file, clang::SourceLocation(), clang::SrcMgr::C_User);
  sources.setMainFileID(text);
  request_ = request;
  if (!recorder_->begin_unit(request, text)) host_->give_up({});
  prefix_->begin_unit(
      [this](const auto& names) { host_->give_up(names); },
      [this](const auto& differences, bool last) { rely_on_others(differences, last); });
  compiler.getPreprocessor().markIncluded(*file);
  compiler.getPreprocessor().EnterSourceFile(text, nullptr, after);
}

// Before the end, of files that are not read again.
void FactsAction::rely_on_others(const std::vector<PrefixReplay::Difference>& differences,
                                 bool last) {
  HeaderViews& views = recorder_->views();
  std::vector<const clang::FileEntry*> files;
  std::vector<PrefixHost::Difference> asked;
  for (const auto& [file, how, only_in_prefix] : differences) {
    if (!last && !only_in_prefix) continue;
    const FileView view = views.so_far(*file);
    const auto key = view.key.bytes;
    const std::string read(key.begin(), key.end());
    files.push_back(file);
    asked.push_back({recorder_->places().read_file(view.file).path,
                     std::to_string(how) + (only_in_prefix ? "" : read)});
  }
  const std::vector<ViewKey> told = host_->differs(asked);
  for (std::size_t i = 0; i < told.size(); ++i) views.rely_on(*files[i], told[i]);
}

bool FactsAction::leave_out_body(const clang::FunctionDecl& function) const {
  if (request_.skip_bodies) return true;
  return request_.system_headers != SystemHeaders::kAll &&
         sources_->isInSystemHeader(sources_->getExpansionLoc(function.getLocation()));
}

// All of it lies in one header that was told.
bool FactsAction::is_told_elsewhere(const clang::Decl& declaration) {
  const HeaderViews& views = recorder_->views();
  const auto [file, begin] =
      sources_->getDecomposedLoc(sources_->getExpansionLoc(declaration.getBeginLoc()));
  const auto [last, end] =
      sources_->getDecomposedLoc(sources_->getExpansionLoc(declaration.getEndLoc()));
  return file == last && views.told_elsewhere(file) && !views.includes_within(file, begin, end);
}

// Of the declarations that were not gone through yet.
void FactsAction::compare_later_declarations() {
  if (!request_.each_header_once || !getCompilerInstance().getLangOpts().CPlusPlus) return;
  const bool all_system = request_.system_headers == SystemHeaders::kAll;
  for (; compared_ < declarations_.size(); ++compared_) {
    const clang::Decl& declaration = *declarations_[compared_];
    const clang::SourceLocation location = sources_->getExpansionLoc(declaration.getLocation());
    if (sources_->isInMainFile(location)) continue;
    if (!all_system && sources_->isInSystemHeader(location)) continue;
    find_later_declarations(declaration, *sources_, recorder_->views());
  }
}

// What is included in the middle of a declaration (members of a class, an enumerator each) is of
// that one: where, and in which text, is part of its view; and so of what it includes.
void FactsAction::compare_surroundings() {
  HeaderViews& views = recorder_->views();
  llvm::DenseMap<clang::FileID, std::vector<std::pair<unsigned, unsigned>>> around;
  for (const clang::Decl* declaration : declarations_) {
    const auto [file, begin] =
        sources_->getDecomposedLoc(sources_->getExpansionLoc(declaration->getBeginLoc()));
    const auto [last, end] =
        sources_->getDecomposedLoc(sources_->getExpansionLoc(declaration->getEndLoc()));
    if (file == last && views.includes_within(file, begin, end)) {
      around[file].emplace_back(begin, end);
    }
  }
  if (around.empty()) return;
  llvm::DenseMap<clang::FileID, std::uint64_t> within;
  for (unsigned i = 0; i < sources_->local_sloc_entry_size(); ++i) {
    const clang::SrcMgr::SLocEntry& entry = sources_->getLocalSLocEntry(i);
    if (!entry.isFile() || entry.getFile().getIncludeLoc().isInvalid()) continue;
    const clang::SourceLocation at = entry.getFile().getIncludeLoc();
    const auto [parent, offset] = sources_->getDecomposedLoc(at);
    const auto ranges = around.find(parent);
    const bool inside =
        ranges != around.end() &&
        std::any_of(ranges->second.begin(), ranges->second.end(), [&, at_offset = offset](auto r) {
          return r.first <= at_offset && at_offset <= r.second;
        });
    const std::uint64_t outer = within.lookup(parent);
    if (!inside && outer == 0) continue;
    const clang::FileID id =
        sources_->getFileID(clang::SourceLocation::getFromRawEncoding(entry.getOffset()));
    const llvm::StringRef text = sources_->getBufferData(parent);
    within[id] = outer + views.place_hash(at) + xxh3({text.data(), text.size()});
    views.guess(id, 0, within[id]);
  }
}

void FactsAction::gather(clang::ASTContext& context) {
  if (prefix_) prefix_->end_unit(diagnostics_.errors() > 0);
  compare_later_declarations();
  if (request_.each_header_once && context.getLangOpts().CPlusPlus) {
    const bool all_system = request_.system_headers == SystemHeaders::kAll;
    for (clang::Decl* declaration : declarations_) {
      const clang::SourceLocation location = sources_->getExpansionLoc(declaration->getLocation());
      if (sources_->isInMainFile(location)) continue;
      if (!all_system && sources_->isInSystemHeader(location)) continue;
      find_unresolved_names(*declaration, *sources_, recorder_->views(),
                            prefix_ ? &*prefix_ : nullptr);
    }
  }
  compare_surroundings();
  recorder_->views().settle();
  preprocessor_->flush();
  std::vector<const clang::Decl*> told;
  for (const clang::Decl* declaration : declarations_) {
    if (!is_told_elsewhere(*declaration)) told.push_back(declaration);
  }
  DeclarationRecorder recorder(*recorder_, prefix_ ? &*prefix_ : nullptr);
  clang::index::indexTopLevelDecls(context, getCompilerInstance().getPreprocessor(), told, recorder,
                                   indexing_options(request_.system_headers));
  const clang::Module* const module = context.getCurrentNamedModule();
  if (module != nullptr && !module->isModuleImplementation()) {
    recorder.record_declared_module(*module);
  }
}

void FactsAction::EndSourceFileAction() {
  if (!recorder_->is_full()) facts_ = recorder_->finish();
  diagnostics_.set_places(nullptr);
}

}  // namespace engram
