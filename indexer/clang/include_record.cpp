#include "indexer/clang/include_record.h"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/CharInfo.h>
#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Inclusions/HeaderAnalysis.h>

#include <algorithm>

#include "indexer/clang/file_places.h"

namespace engram {

namespace stdlib = clang::tooling::stdlib;

namespace {

constexpr llvm::StringLiteral kPragma = "IWYU pragma: ";

llvm::StringRef line_at(llvm::StringRef text, std::size_t at) {
  const std::size_t begin = text.substr(0, at).rfind('\n') + 1;  // npos + 1 is 0
  return text.slice(begin, text.find('\n', at));
}

// Whether the last pragma `begin` above is still open: no pragma `end` follows it.
bool is_open(llvm::StringRef above, llvm::StringRef begin, llvm::StringRef end) {
  const std::size_t from = above.rfind((kPragma + begin).str());
  return from != llvm::StringRef::npos &&
         above.substr(from).find((kPragma + end).str()) == llvm::StringRef::npos;
}

bool is_exported(llvm::StringRef text, std::size_t at) {
  return line_at(text, at).contains((kPragma + "export").str()) ||
         is_open(text.substr(0, at), "begin_exports", "end_exports");
}

// Functions that templates find by the types of their arguments.
bool is_found_by_arguments(const clang::FunctionDecl& function) {
  if (function.isOverloadedOperator() ||
      function.getDeclName().getNameKind() == clang::DeclarationName::CXXLiteralOperatorName) {
    return true;
  }
  const clang::IdentifierInfo* name = function.getIdentifier();
  static const std::set<llvm::StringRef> known = {
      "AbslHashValue", "PrintTo",    "begin", "end",  "format_as",  "from_json",
      "get",           "hash_value", "size",  "swap", "tag_invoke", "to_json"};
  return name != nullptr && known.contains(name->getName());
}

// Constructed when the program starts, wherever the header is included.
bool registers_something(const clang::VarDecl& variable) {
  return variable.hasGlobalStorage() && variable.getType()->isRecordType() &&
         variable.getFormalLinkage() == clang::Linkage::Internal;
}

bool works_unnamed(const clang::Decl& declaration) {
  if (llvm::isa<clang::ClassTemplateSpecializationDecl, clang::VarTemplateSpecializationDecl,
                clang::CXXDeductionGuideDecl, clang::FileScopeAsmDecl>(declaration)) {
    return true;
  }
  const clang::Decl* inner = &declaration;
  if (const auto* pattern = llvm::dyn_cast<clang::TemplateDecl>(inner)) {
    inner = pattern->getTemplatedDecl();
  }
  if (inner == nullptr) return false;
  if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(inner)) {
    return is_found_by_arguments(*function) || function->isFunctionTemplateSpecialization() ||
           llvm::isa<clang::CXXDeductionGuideDecl>(inner);
  }
  const auto* variable = llvm::dyn_cast<clang::VarDecl>(inner);
  return variable != nullptr && registers_something(*variable);
}

}  // namespace

std::string include_path(const clang::SourceManager& sources, clang::SourceLocation location) {
  if (location.isInvalid()) return {};
  const auto entry = sources.getFileEntryRefForID(sources.getFileID(sources.getFileLoc(location)));
  return entry ? clean_path(sources, entry->getName()) : std::string();
}

class IncludeRecorder::Callbacks final : public clang::PPCallbacks {
 public:
  explicit Callbacks(IncludeRecorder& recorder)
      : record_(recorder.record_),
        recorder_(recorder),
        sources_(recorder.compiler_.getSourceManager()) {}

  void InclusionDirective(clang::SourceLocation hash, const clang::Token&, llvm::StringRef name,
                          bool angled, clang::CharSourceRange range,
                          clang::OptionalFileEntryRef file, llvm::StringRef, llvm::StringRef,
                          const clang::Module*, bool,
                          clang::SrcMgr::CharacteristicKind kind) override {
    const std::string path = file ? clean_path(sources_, file->getName()) : std::string();
    const std::string includer = include_path(sources_, hash);
    const auto [id, at] = sources_.getDecomposedLoc(sources_.getFileLoc(hash));
    const bool in_main = id == sources_.getMainFileID();
    if (in_main) write(name, angled, at, path);
    static_cast<void>(range);
    if (!file || includer.empty()) return;
    HeaderNotes& notes = record_.headers[path];
    notes.system = clang::SrcMgr::isSystem(kind);
    notes.included_by.insert(includer);
    if (recorder_.entries_.emplace(path, *file).second) recorder_.order_.push_back(path);
    if (!in_main && is_exported(sources_.getBufferData(id), at)) notes.exported_by.insert(includer);
  }
  void MacroDefined(const clang::Token& name, const clang::MacroDirective* directive) override {
    const clang::MacroInfo& macro = *directive->getMacroInfo();
    if (is_main(name.getLocation())) {
      if (record_.guard == name.getIdentifierInfo()->getName()) record_.in_guard = true;
      record_.met_a_directive = true;
      return;
    }
    const llvm::StringRef text = name.getIdentifierInfo()->getName();
    HeaderNotes* notes = recorder_.notes_of(name.getLocation());
    if (notes == nullptr || notes->system) return;
    const bool is_reserved =
        text.size() > 1 && text[0] == '_' &&
        (text[1] == '_' || clang::isUppercase(static_cast<unsigned char>(text[1])));
    const bool is_guard = text == notes->guard && macro.getNumTokens() == 0;
    if (is_guard && (!is_reserved || text.contains("_H"))) return;
    notes->names.insert(text.str());
    notes->works_unnamed = notes->works_unnamed || is_reserved;  // _GNU_SOURCE
  }
  void MacroExpands(const clang::Token& name, const clang::MacroDefinition& macro,
                    clang::SourceRange, const clang::MacroArgs*) override {
    use(name, macro, name.getLocation().isFileID());
  }
  void MacroUndefined(const clang::Token& name, const clang::MacroDefinition& macro,
                      const clang::MacroDirective*) override {
    use(name, macro, false);
  }
  void Defined(const clang::Token& name, const clang::MacroDefinition& macro,
               clang::SourceRange) override {
    use(name, macro, false);
  }
  void If(clang::SourceLocation at, clang::SourceRange, ConditionValueKind) override { open(at); }
  void Ifdef(clang::SourceLocation at, const clang::Token& name,
             const clang::MacroDefinition& macro) override {
    open(at);
    use(name, macro, false);
  }
  void Ifndef(clang::SourceLocation at, const clang::Token& name,
              const clang::MacroDefinition& macro) override {
    if (is_main(at)) {
      if (!record_.met_a_directive) record_.guard = name.getIdentifierInfo()->getName().str();
    } else if (HeaderNotes* notes = recorder_.notes_of(at);
               notes != nullptr && notes->guard.empty() && notes->names.empty()) {
      notes->guard = name.getIdentifierInfo()->getName().str();
    }
    open(at);
    use(name, macro, false);
  }
  void Elifdef(clang::SourceLocation, const clang::Token& name,
               const clang::MacroDefinition& macro) override {
    use(name, macro, false);
  }
  void Elifndef(clang::SourceLocation, const clang::Token& name,
                const clang::MacroDefinition& macro) override {
    use(name, macro, false);
  }
  void Endif(clang::SourceLocation at, clang::SourceLocation) override {
    if (is_main(at)) --record_.open_conditions;
  }
  void SourceRangeSkipped(clang::SourceRange range, clang::SourceLocation) override {
    // It may begin in the preamble, which counts as another reading of the file.
    if (!is_main(range.getEnd())) return;
    record_.left_out.emplace_back(sources_.getFileOffset(range.getBegin()),
                                  sources_.getFileOffset(range.getEnd()));
  }

 private:
  using Where = clang::SourceLocation;
  bool is_main(Where at) const { return sources_.isWrittenInMainFile(sources_.getFileLoc(at)); }
  void open(Where at) {
    if (!is_main(at)) return;
    ++record_.open_conditions;
    record_.met_a_directive = true;
  }
  void write(llvm::StringRef name, bool angled, std::uint32_t at, std::string path) {
    record_.met_a_directive = true;
    const llvm::StringRef text = sources_.getBufferData(sources_.getMainFileID());
    const auto end = std::min<std::size_t>(text.find('\n', at), text.size());
    WrittenInclude written{at, static_cast<std::uint32_t>(end), "", std::move(path), false};
    written.name = ((angled ? "<" : "\"") + name + (angled ? ">" : "\"")).str();
    written.conditional = record_.open_conditions > (record_.in_guard ? 1 : 0);
    record_.includes.push_back(std::move(written));
  }
  void use(const clang::Token& name, const clang::MacroDefinition& macro, bool is_explicit) {
    if (!is_main(name.getLocation()) || !macro || macro.getMacroInfo()->isBuiltinMacro()) return;
    record_.macros.push_back({sources_.getFileOffset(sources_.getFileLoc(name.getLocation())),
                              is_explicit, name.getIdentifierInfo()->getName().str(),
                              include_path(sources_, macro.getMacroInfo()->getDefinitionLoc())});
  }

  IncludeRecord& record_;
  IncludeRecorder& recorder_;
  const clang::SourceManager& sources_;
};

IncludeRecorder::IncludeRecorder(const clang::CompilerInstance& compiler, IncludeRecord record)
    : compiler_(compiler), record_(std::move(record)) {}

IncludeRecorder::~IncludeRecorder() = default;

std::unique_ptr<clang::PPCallbacks> IncludeRecorder::callbacks() {
  return std::make_unique<Callbacks>(*this);
}

HeaderNotes* IncludeRecorder::notes_of(clang::SourceLocation location) {
  const clang::SourceManager& sources = compiler_.getSourceManager();
  const clang::FileID id = sources.getFileID(sources.getFileLoc(location));
  if (id.isInvalid() || id == sources.getMainFileID()) return nullptr;
  const auto [at, added] = by_id_.try_emplace(id, nullptr);
  if (added) {
    const auto found = record_.headers.find(include_path(sources, location));
    if (found != record_.headers.end()) at->second = &found->second;
  }
  return at->second;
}

void IncludeRecorder::note(const clang::Decl& declaration) {
  if (declaration.isImplicit() || declaration.getLocation().isInvalid()) return;
  if (const auto* scope = llvm::dyn_cast<clang::DeclContext>(&declaration);
      scope != nullptr && llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(declaration)) {
    for (const clang::Decl* inner : scope->decls()) note(*inner);
    return;
  }
  HeaderNotes* notes = notes_of(declaration.getLocation());
  if (notes == nullptr || notes->system) return;
  notes->works_unnamed = notes->works_unnamed || works_unnamed(declaration);
  const auto* named = llvm::dyn_cast<clang::NamedDecl>(&declaration);
  if (named == nullptr) return;
  if (const auto* name = named->getIdentifier()) notes->names.insert(name->getName().str());
  if (const auto* enumeration = llvm::dyn_cast<clang::EnumDecl>(named)) {
    for (const clang::EnumConstantDecl* one : enumeration->enumerators()) {
      notes->names.insert(one->getName().str());
    }
  }
}

void IncludeRecorder::declared(clang::DeclGroupRef group) {
  for (const clang::Decl* declaration : group) note(*declaration);
}

// Headers that lean on what was included before them, and would miss it.
void IncludeRecorder::find_needed_later() {
  const auto language = compiler_.getLangOpts().CPlusPlus ? stdlib::Lang::CXX : stdlib::Lang::C;
  std::set<std::string> before;  // entered before the header that is looked at
  for (const std::string& path : order_) {
    before.insert(path);
    if (record_.headers[path].system || !header_names_->names_of(path)) continue;
    const std::set<std::string>& own = header_names_->includes_of(path);
    for (WrittenInclude& include : record_.includes) {
      if (include.needed_later || include.path == path || !before.contains(include.path) ||
          own.contains(include.path)) {
        continue;
      }
      if (header_names_->includes_of(include.path).contains(path)) continue;  // a part of it
      include.needed_later = leans_on(path, include, language);
    }
  }
}

bool IncludeRecorder::leans_on(const std::string& path, const WrittenInclude& include,
                               stdlib::Lang language) {
  const NameSet& names = *header_names_->names_of(path);
  if (const auto standard = stdlib::Header::named(include.name, language)) {
    for (const std::string& name : names) {
      for (const char* scope : {"", "std::"}) {
        const auto symbol = stdlib::Symbol::named(scope, name, language);
        if (symbol && llvm::is_contained(symbol->headers(), *standard)) return true;
      }
    }
    return false;
  }
  const HeaderNotes& notes = record_.headers[include.path];
  if (!notes.system) return have_common(names, notes.names);
  const auto brought = header_names_->names_brought(include.path, header_names_->includes_of(path));
  return !brought || have_common(names, *brought);
}

IncludeRecord IncludeRecorder::finish() {
  clang::SourceManager& sources = compiler_.getSourceManager();
  const clang::HeaderSearch& search = compiler_.getPreprocessor().getHeaderSearchInfo();
  for (const auto& [path, entry] : entries_) {
    HeaderNotes& notes = record_.headers[path];
    if (notes.system) continue;
    notes.self_contained = clang::tooling::isSelfContainedHeader(entry, sources, search);
    const auto text = sources.getMemoryBufferForFileOrNone(entry);
    notes.is_private = text && text->getBuffer().contains((kPragma + "private").str());
  }
  header_names_ = std::make_unique<HeaderNames>(compiler_, record_.headers);
  find_needed_later();
  header_names_.reset();
  return std::move(record_);
}

}  // namespace engram
