#include "indexer/clang/include_check.h"

#include <clang/AST/ASTContext.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Tooling/Inclusions/StandardLibrary.h>
#include <llvm/Support/Path.h>

#include <algorithm>

#include "indexer/clang/header_spelling.h"
#include "indexer/clang/include_uses.h"
#include "indexer/semantic/live_message.h"

namespace engram {

namespace {

namespace stdlib = clang::tooling::stdlib;

constexpr std::size_t kMostMissing = 30;

// Headers that readers take for the others they are made of.
bool brings(llvm::StringRef written, llvm::StringRef wanted) {
  if (written == wanted) return true;
  return written == "<iostream>" && (wanted == "<ostream>" || wanted == "<istream>" ||
                                     wanted == "<ios>" || wanted == "<streambuf>");
}

llvm::StringRef stem(llvm::StringRef path) {
  return llvm::sys::path::filename(path).split('.').first;
}

class Check {
 public:
  Check(const clang::CompilerInstance& compiler, const IncludeRecord& record)
      : sources_(compiler.getSourceManager()),
        record_(record),
        text_(sources_.getBufferData(sources_.getMainFileID())),
        language_(compiler.getLangOpts().CPlusPlus ? stdlib::Lang::CXX : stdlib::Lang::C),
        spelling_(compiler.getPreprocessor(), text_),
        header_names_(compiler, record.headers) {
    main_ = include_path(sources_, sources_.getLocForStartOfFile(sources_.getMainFileID()));
    for (const WrittenInclude& include : record_.includes) direct_.insert(include.path);
    for (const WrittenInclude& include : record_.includes) {
      if (is_own(include)) own_.insert(include.path);
    }
  }

  void use(const clang::NamedDecl& declaration, const DeclarationUse& use);
  void use(const WrittenMacro& macro);
  std::vector<UnitDiagnostic> findings();

 private:
  struct Means {  // by which a name can reach the file
    std::set<std::string> paths;
    std::vector<std::string> standard;  // "<vector>", the usual one first
  };
  bool is_own(const WrittenInclude& include) const {
    const llvm::StringRef own = stem(include.path), open = stem(main_);
    return !own.empty() && open.starts_with(own) && include.path != main_;
  }
  const HeaderNotes* notes(const std::string& path) const {
    const auto found = record_.headers.find(path);
    return found == record_.headers.end() ? nullptr : &found->second;
  }
  void provide(const std::string& path, std::set<std::string>& by) const;
  std::set<std::string> ways_to(const std::set<std::string>& paths) const;
  bool satisfy(const Means& means, bool is_asked_for = true);
  void miss(const Means& means, llvm::StringRef name, std::uint32_t begin);
  bool is_kept(const WrittenInclude& include) const;
  bool may_be_unused(const WrittenInclude& include);
  bool is_unused_system_header(const WrittenInclude& include);
  bool left_out_text_names(const WrittenInclude& include);
  bool has_standard_header(const std::string& name) const;
  const NameSet& text_names();
  const NameSet& left_out_names();
  UnitDiagnostic unused(const WrittenInclude& include) const;
  std::optional<std::string> spelling(const Means& means) const;
  std::optional<LiveEdit> insertion(const Means& means, llvm::StringRef spelled) const;

  clang::SourceManager& sources_;
  const IncludeRecord& record_;
  const llvm::StringRef text_;
  const stdlib::Lang language_;
  const HeaderSpelling spelling_;
  HeaderNames header_names_;
  stdlib::Recognizer recognize_;
  std::string main_;
  std::set<std::string> direct_, own_;  // paths
  std::optional<NameSet> text_names_, left_out_names_;
  std::set<std::string> used_;           // paths
  std::set<std::string> used_standard_;  // as written
  std::set<std::string>
      touched_;  // paths of inclusions that bring anything of the code, named or not
  std::map<std::string, UnitDiagnostic> missing_;  // by header
};

// The files that stand for `path`: itself, who exports it, who includes it when it cannot stand
// alone.
void Check::provide(const std::string& path, std::set<std::string>& by) const {
  if (!by.insert(path).second) return;
  const HeaderNotes* header = notes(path);
  if (header == nullptr || path == main_) return;
  for (const std::string& exporter : header->exported_by) provide(exporter, by);
  const bool stands_alone = header->system || (header->self_contained && !header->is_private);
  for (const std::string& includer : header->included_by) {
    const HeaderNotes* other = notes(includer);
    const bool gathers = other != nullptr && other->names.empty() && !other->system;
    if (!stands_alone || gathers) provide(includer, by);
  }
}

// Every inclusion through which one of `paths` comes.
std::set<std::string> Check::ways_to(const std::set<std::string>& paths) const {
  std::set<std::string> seen = paths, ways;
  std::vector<std::string> open(paths.begin(), paths.end());
  while (!open.empty()) {
    const std::string path = std::move(open.back());
    open.pop_back();
    if (direct_.contains(path)) ways.insert(path);
    const HeaderNotes* header = notes(path);
    if (header == nullptr || path == main_) continue;
    for (const std::string& includer : header->included_by) {
      if (seen.insert(includer).second) open.push_back(includer);
    }
  }
  return ways;
}

// Whether the file includes one of its means itself, or has it from its own header; marks what is
// used.
bool Check::satisfy(const Means& means, bool is_asked_for) {
  bool satisfied = false;
  for (const WrittenInclude& include : record_.includes) {
    bool provides = means.standard.empty() && means.paths.contains(include.path);
    for (const std::string& standard : means.standard) {
      provides = provides || brings(include.name, standard);
    }
    if (!provides) continue;
    satisfied = true;
    used_.insert(include.path);
    used_standard_.insert(include.name);
  }
  for (const std::string& path : means.paths) {
    const HeaderNotes* header = satisfied ? nullptr : notes(path);
    if (header == nullptr) continue;
    for (const std::string& own : own_) {
      if (!header->included_by.contains(own)) continue;
      used_.insert(own);
      satisfied = true;
    }
  }
  if (!satisfied && is_asked_for) used_.merge(ways_to(means.paths));
  return satisfied || means.paths.contains(main_);
}

void Check::use(const clang::NamedDecl& declaration, const DeclarationUse& use) {
  Means means;
  for (const clang::Decl* other : declaration.redecls()) {
    const std::string path = include_path(sources_, other->getLocation());
    if (!path.empty()) provide(path, means.paths);
  }
  if (means.paths.empty()) return;  // Clang's own
  if (const auto symbol = recognize_(&declaration)) {
    for (const stdlib::Header& header : symbol->headers()) {
      means.standard.push_back(header.name().str());
    }
  }
  const HeaderNotes* header = notes(*means.paths.begin());
  const bool is_asked_for = use.is_named || use.is_needed;
  const bool of_system = header != nullptr && header->system;
  if (of_system && means.standard.empty()) touched_.merge(ways_to(means.paths));
  // What standard types are made of comes with their headers.
  if (of_system && means.standard.empty() && !is_asked_for) return;
  const bool satisfied = satisfy(means, is_asked_for || !of_system);
  if (!satisfied && use.is_named && declaration.getIdentifier() != nullptr) {
    miss(means, declaration.getName(), use.begin);
  }
}

void Check::use(const WrittenMacro& macro) {
  if (macro.path.empty()) return;
  Means means;
  provide(macro.path, means.paths);
  if (const HeaderNotes* header = notes(macro.path); header != nullptr && header->system) {
    if (const auto symbol = stdlib::Symbol::named("", macro.name, language_)) {
      for (const stdlib::Header& header_of : symbol->headers()) {
        means.standard.push_back(header_of.name().str());
      }
    }
  }
  if (!satisfy(means) && macro.is_explicit) miss(means, macro.name, macro.begin);
}

// How the header would be included; nullopt when nobody can be sure.
std::optional<std::string> Check::spelling(const Means& means) const {
  if (!means.standard.empty()) return means.standard.front();
  if (means.paths.size() != 1) return std::nullopt;
  const std::string& path = *means.paths.begin();
  const HeaderNotes* header = notes(path);
  if (header == nullptr || header->system || !header->self_contained || header->is_private) {
    return std::nullopt;
  }
  const std::string spelled = spelling_.of(path);
  return spelled.empty() ? std::nullopt : std::optional(spelled);
}

// Where the rest of the inclusions are sorted, but behind the first that brings the header already:
// there it changes nothing, while headers that lean on others mind what comes before them.
std::optional<LiveEdit> Check::insertion(const Means& means, llvm::StringRef spelled) const {
  const std::set<std::string> ways = ways_to(means.paths);
  const auto first = std::find_if(record_.includes.begin(), record_.includes.end(),
                                  [&](const auto& include) { return ways.contains(include.path); });
  if (first == record_.includes.end() || first->conditional) return std::nullopt;
  auto edit = spelling_.insertion(spelled);
  if (!edit || edit->begin > first->begin) return edit;
  if (first->end >= text_.size()) return std::nullopt;
  return LiveEdit{first->end + 1, first->end + 1, ("#include " + spelled + "\n").str()};
}

void Check::miss(const Means& means, llvm::StringRef name, std::uint32_t begin) {
  if (name.empty() || missing_.size() >= kMostMissing) return;
  const auto spelled = spelling(means);
  if (!spelled) return;
  const auto found = missing_.find(*spelled);
  if (found != missing_.end() && found->second.begin <= begin) return;
  const auto edit = insertion(means, *spelled);
  if (!edit) return;
  UnitDiagnostic finding;
  finding.level = DiagnosticLevel::kRemark;
  finding.file = 0;
  finding.begin = begin;
  finding.end = begin + static_cast<std::uint32_t>(name.size());
  finding.message =
      ("'" + name + "' is of " + *spelled + ", which is not included here itself").str();
  finding.option = kMissingInclude;
  finding.fixes = {FixIt{0, edit->begin, edit->end, edit->text}};
  if (finding.end <= text_.size()) missing_[*spelled] = std::move(finding);
}

// What a person asked to be kept.
bool Check::is_kept(const WrittenInclude& include) const {
  const llvm::StringRef line = text_.slice(include.begin, include.end);
  if (line.contains("IWYU pragma:") || line.contains("NOLINT")) return true;
  const llvm::StringRef above = text_.substr(0, include.begin);
  const auto last = [&](const char* what) {
    const std::size_t at = above.rfind(what);
    return at == llvm::StringRef::npos ? 0 : at + 1;
  };
  return last("IWYU pragma: begin_keep") > last("IWYU pragma: end_keep") ||
         last("IWYU pragma: begin_exports") > last("IWYU pragma: end_exports");
}

// Whether a standard header that stays is there for a name.
bool Check::has_standard_header(const std::string& name) const {
  for (const char* scope : {"", "std::"}) {
    const auto symbol = stdlib::Symbol::named(scope, name, language_);
    if (!symbol) continue;
    for (const stdlib::Header& header : symbol->headers()) {
      if (used_standard_.contains(header.name().str())) return true;
    }
  }
  return false;
}

// The names of the file's text, or of what conditions left out of it, that may be of any header.
const NameSet& Check::text_names() {
  if (!text_names_) {
    text_names_ = header_names_.names_in(text_);
    std::erase_if(*text_names_, [&](const std::string& name) { return has_standard_header(name); });
  }
  return *text_names_;
}
const NameSet& Check::left_out_names() {
  if (!left_out_names_) {
    left_out_names_.emplace();
    for (const auto& [begin, end] : record_.left_out) {
      left_out_names_->merge(header_names_.names_in(text_.slice(begin, end)));
    }
    std::erase_if(*left_out_names_,
                  [&](const std::string& name) { return has_standard_header(name); });
  }
  return *left_out_names_;
}

// Of a header that is not the standard library's nobody knows which names are for its users to have
// from it. So none that it brings, beyond the standard library's headers here, may occur in the
// file at all. What C++ headers do may show in no name.
bool Check::is_unused_system_header(const WrittenInclude& include) {
  if (language_ != stdlib::Lang::C || touched_.contains(include.path)) return false;
  NameSet known;
  for (const WrittenInclude& other : record_.includes) {
    if (!used_standard_.contains(other.name)) continue;
    const NameSet& more = header_names_.includes_of(other.path);
    known.insert(other.path);
    known.insert(more.begin(), more.end());
  }
  const auto brought = header_names_.names_brought(include.path, known);
  return brought && !have_common(text_names(), *brought);
}

// Whether text that conditions left out has a name of the header.
bool Check::left_out_text_names(const WrittenInclude& include) {
  if (record_.left_out.empty()) return false;
  const HeaderNotes* header = notes(include.path);
  const auto names = header != nullptr && header->system
                         ? header_names_.names_brought(include.path, {})
                         : header_names_.names_of(include.path);
  return !names || have_common(left_out_names(), *names);
}

bool Check::may_be_unused(const WrittenInclude& include) {
  if (include.conditional || include.needed_later || include.path.empty()) return false;
  if (is_kept(include) || is_own(include) || used_.contains(include.path)) return false;
  const HeaderNotes* header = notes(include.path);
  if (header == nullptr) return false;
  if (stdlib::Header::named(include.name, language_)) {
    return header->system && !used_standard_.contains(include.name) &&
           !left_out_text_names(include);
  }
  if (header->system) return is_unused_system_header(include);
  return header->self_contained && !header->names.empty() && !header->works_unnamed &&
         !left_out_text_names(include);
}

UnitDiagnostic Check::unused(const WrittenInclude& include) const {
  UnitDiagnostic finding;
  finding.level = DiagnosticLevel::kRemark;
  finding.file = 0;
  finding.begin = include.begin;
  finding.end = include.end;
  finding.message = "nothing of " + include.name + " is used here";
  finding.option = kUnusedInclude;
  const std::size_t line = text_.substr(0, include.begin).rfind('\n') + 1;
  const std::size_t next = std::min<std::size_t>(include.end + 1, text_.size());
  finding.fixes = {
      FixIt{0, static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(next), ""}};
  return finding;
}

std::vector<UnitDiagnostic> Check::findings() {
  std::vector<UnitDiagnostic> out;
  for (const WrittenInclude& include : record_.includes) {
    if (may_be_unused(include)) out.push_back(unused(include));
  }
  const auto is_used = [&](const WrittenInclude& include) { return used_.contains(include.path); };
  const auto used = std::count_if(record_.includes.begin(), record_.includes.end(), is_used);
  // More missing than there: the file means to have them from others.
  if (missing_.size() > static_cast<std::size_t>(used)) return out;
  for (auto& [header, finding] : missing_) out.push_back(std::move(finding));
  return out;
}

}  // namespace

std::vector<UnitDiagnostic> check_includes(const clang::CompilerInstance& compiler,
                                           const IncludeRecord& record,
                                           const std::vector<clang::Decl*>& declarations) {
  Check check(compiler, record);
  for (const WrittenMacro& macro : record.macros) check.use(macro);
  for (const auto& [declaration, use] : declarations_used(compiler.getASTContext(), declarations)) {
    check.use(*declaration, use);
  }
  return check.findings();
}

}  // namespace engram
