#include "assist/navigation/definition_search.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "assist/navigation/import_statements.h"
#include "assist/navigation/module_files.h"
#include "indexer/syntax/language.h"
#include "memory/symbol_kinds.h"

namespace engram {

namespace {

constexpr std::size_t kMaxCandidates = 400;  // looked at
constexpr std::size_t kMaxAnswers = 30;      // given
constexpr std::size_t kMaxIncluded = 400;    // files followed through #includes
constexpr int kMaxReExports = 6;

// Classes of evidence, far apart: what stands inside a class only orders it.
enum : int { kByImport = 10'000, kByQualifier = 4000, kByOwner = 2000, kByInclude = 1000 };

bool is_type_symbol(SymbolKind kind) {
  return is_type_with_members(kind) || kind == SymbolKind::kTypeAlias;
}

bool is_callable(SymbolKind kind) { return is_function(kind) || kind == SymbolKind::kMacro; }

bool fits(ReferenceKind use, SymbolKind kind) {
  switch (use) {
    case ReferenceKind::kCall:
      return is_callable(kind) || is_type_symbol(kind);
    case ReferenceKind::kType:
    case ReferenceKind::kInherit:
      return is_type_symbol(kind) || kind == SymbolKind::kTypeParameter;
    case ReferenceKind::kMacroUse:
      return kind == SymbolKind::kMacro;
    case ReferenceKind::kWrite:
      return !is_type_symbol(kind) && !is_callable(kind);
    case ReferenceKind::kUse:
    case ReferenceKind::kImport:
      return true;
  }
  return true;
}

std::string_view last_part(std::string_view path) {
  const auto at = path.find_last_of(":.");
  return at == std::string_view::npos ? path : path.substr(at + 1);
}

class DefinitionSearch {
 public:
  DefinitionSearch(SourceTexts& texts, const SoughtName& sought, std::stop_token stop)
      : texts_(texts),
        source_(sought.source),
        names_(sought.names),
        name_(sought.name),
        family_(language_family(sought.source.language)),
        stop_(std::move(stop)) {}

  Result<std::vector<FoundDefinition>> run() {
    imports_ = read_imports(*source_.text, names_);
    follow_own_imports();
    if (!found_.empty()) return best();
    if (name_.kind == ReferenceKind::kImport && family_ == "c") return best();
    ENGRAM_TRY(hits, texts_.symbols(last_name(), kMaxCandidates));
    rank(hits);
    return best();
  }

 private:
  // An import may be written as a path: `import a.b.C`.
  std::string last_name() const {
    return name_.kind == ReferenceKind::kImport ? std::string(last_part(name_.name)) : name_.name;
  }

  void add_file(const std::string& path) {
    found_.push_back({path, std::nullopt, Certainty::kSyntactic, kByImport});
  }

  void follow_own_imports() {
    for (const ImportedName& import : imports_) {
      const bool inside = name_.begin >= import.begin && name_.end <= import.end &&
                          name_.kind == ReferenceKind::kImport;
      if (inside && (import.local.empty() || import.name.empty() || import.name == "*" ||
                     !names_path_end(import))) {  // on the module's own name
        ImportedName module = import;
        if (family_ != "java" && family_ != "kotlin" && family_ != "scala") module.name.clear();
        for (const std::string& path : files_of(module)) add_file(path);
        if (!found_.empty()) return;
      }
      if (name_.qualified) {
        // module.name; of a class that was imported, its member.
        if (import.local.empty() || import.local != name_.qualifier) continue;
        const bool module = import.name.empty() || family_ == "rust" || family_ == "python";
        for (const std::string& path : files_of(import)) {
          if (module) find_exported(path, name_.name, 0);
          if (found_.empty()) find_member(path, import.name, name_.name);
        }
      } else if (!import.local.empty() && import.local == last_name()) {
        follow(import, import.name);
      }
      if (!found_.empty()) return;
    }
    if (name_.qualified) return;
    for (const ImportedName& import : imports_) {
      if (import.name == "*" && family_ != "c") follow(import, name_.name);
      if (!found_.empty()) return;
    }
  }

  // `use a::b::C`: the last word is the item, what is before it the module.
  bool names_path_end(const ImportedName& import) const {
    return last_part(name_.name) == import.name || last_part(name_.name) == import.local;
  }

  std::vector<std::string> files_of(const ImportedName& import) {
    return files_of_import(texts_, source_.path, source_.language, import);
  }

  void follow(const ImportedName& import, const std::string& exported) {
    const std::vector<std::string> files = files_of(import);
    for (const std::string& path : files) {
      if (!exported.empty()) find_exported(path, exported == "*" ? name_.name : exported, 0);
    }
    if (!found_.empty() || files.empty()) return;
    if (exported.empty() || exported == "default" || names_module(files.front(), exported)) {
      add_file(files.front());
    }
  }

  static bool names_module(const std::string& path, const std::string& name) {
    const auto slash = path.rfind('/');
    const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
    return file.substr(0, file.find('.')) == name || folder.ends_with("/" + name) || folder == name;
  }

  static bool is_top_level(const FileNames& names, const Symbol& s) {
    if (s.is_local) return false;
    if (s.parent < 0) return !is_member(s.kind);
    const SymbolKind outer = names.symbols[static_cast<std::size_t>(s.parent)].kind;
    return outer == SymbolKind::kPackage || outer == SymbolKind::kModule ||
           outer == SymbolKind::kNamespace;
  }

  void add_symbol(const std::string& path, const Symbol& s) {
    found_.push_back({path, s, Certainty::kSyntactic, kByImport + (s.is_definition ? 1 : 0)});
  }

  // What `path` exports as `name`, itself or from a third file.
  void find_exported(const std::string& path, const std::string& name, int depth) {
    const NamesSnapshot names = texts_.find_names(path, stop_);
    if (!names || depth > kMaxReExports || stop_.stop_requested()) return;
    for (const Symbol& s : names->symbols) {
      if (s.name == name && is_top_level(*names, s)) add_symbol(path, s);
    }
    if (!found_.empty()) return;
    const SourceSnapshot source = texts_.find(path);
    for (const ImportedName& import : read_imports(*source->text, *names)) {
      if (import.local != name && import.name != "*") continue;
      const std::string& there = import.name == "*" ? name : import.name;
      for (const std::string& next : files_of_import(texts_, path, source->language, import)) {
        if (next != path && !there.empty()) find_exported(next, there, depth + 1);
      }
      if (!found_.empty()) return;
    }
  }

  void find_member(const std::string& path, std::string_view type, const std::string& name) {
    const NamesSnapshot names = texts_.find_names(path, stop_);
    if (!names) return;
    for (const Symbol& s : names->symbols) {
      if (s.name == name && !s.is_local && last_part(s.container) == type) add_symbol(path, s);
    }
  }

  // Files that the source includes, directly or not.
  const std::set<std::string>& included() {
    if (included_) return *included_;
    included_.emplace();
    if (family_ != "c") return *included_;
    std::vector<std::string> open{source_.path};
    while (!open.empty() && included_->size() < kMaxIncluded && !stop_.stop_requested()) {
      const std::string path = std::move(open.back());
      open.pop_back();
      const SourceSnapshot source = texts_.find(path);
      const NamesSnapshot names = texts_.find_names(path, stop_);
      if (!source || !names) continue;
      for (const ImportedName& import : read_imports(*source->text, *names)) {
        const auto files = files_of_import(texts_, path, source->language, import);
        if (!files.empty() && included_->insert(files.front()).second) {
          open.push_back(files.front());
        }
      }
    }
    return *included_;
  }

  // Containers of the symbols around the name: "a::B::f", "a::B", "a".
  std::set<std::string, std::less<>> owners() const {
    std::set<std::string, std::less<>> out;
    for (std::int32_t at = name_.enclosing; at >= 0;
         at = names_.symbols[static_cast<std::size_t>(at)].parent) {
      std::string_view path = names_.symbols[static_cast<std::size_t>(at)].container;
      while (!path.empty()) {
        out.emplace(path);
        const auto dot = path.find_last_of(":.");
        if (dot == std::string_view::npos) break;
        path = path.substr(0, dot);
        while (!path.empty() && path.back() == ':') path.remove_suffix(1);
      }
    }
    return out;
  }

  // Types that the declaration of the qualifier names: `Circle& c`, `c: Circle`, `c = Circle(...)`.
  bool declared_as(std::string_view type) const {
    if (!name_.qualified || name_.qualifier.empty() || type.empty()) return false;
    for (const Symbol& s : names_.symbols) {
      if (s.name != name_.qualifier) continue;
      for (std::size_t at = s.signature.find(type); at != std::string::npos;
           at = s.signature.find(type, at + 1)) {
        const auto word = [&](std::size_t i) {
          return i < s.signature.size() &&
                 (std::isalnum(static_cast<unsigned char>(s.signature[i])) != 0 ||
                  s.signature[i] == '_');
        };
        if ((at == 0 || !word(at - 1)) && !word(at + type.size())) return true;
      }
    }
    return false;
  }

  void rank(const std::vector<SymbolHit>& hits) {
    const auto own = owners();
    const bool reach = !hits.empty() && !name_.qualified && family_ == "c";
    std::set<std::string, std::less<>> declared_in_includes;  // their containers
    if (reach) {
      for (const SymbolHit& hit : hits) {
        if (included().contains(hit.path)) declared_in_includes.insert(hit.symbol.container);
      }
    }
    for (const SymbolHit& hit : hits) {
      if (language_family(hit.language) != family_) continue;
      const Symbol& s = hit.symbol;
      FoundDefinition found{hit.path, s, Certainty::kTextual, 0};
      const bool implicit = !name_.qualified && is_member(s.kind);
      if (name_.qualified) {
        const std::string_view owner = last_part(s.container);
        if (!owner.empty() && owner == name_.qualifier)
          found.score += kByQualifier;
        else if (declared_as(owner))
          found.score += kByOwner;
        else if (!is_member(s.kind) && s.container.empty())
          found.score -= kByInclude;
      } else if (!s.container.empty() && own.contains(s.container)) {
        found.score += kByOwner;
      } else if (implicit) {
        found.score -= kByOwner;  // of some other type
      }
      if (reach && declared_in_includes.contains(s.container)) {
        found.score += kByInclude;
        if (fits(name_.kind, s.kind)) found.certainty = Certainty::kSyntactic;
      }
      if (fits(name_.kind, s.kind)) found.score += 500;
      found.score += nearness(hit);
      found_.push_back(std::move(found));
    }
  }

  int nearness(const SymbolHit& hit) const {
    int score =
        static_cast<int>(std::min<std::size_t>(shared_directories(hit.path, source_.path), 9)) * 10;
    const auto directory = [](std::string_view path) {
      return path.substr(0, path.rfind('/') + 1);
    };
    if (directory(hit.path) == directory(source_.path)) score += 20;
    if (hit.symbol.is_definition) score += 40;
    const auto has = [&](FileFlag flag) { return (hit.flags & static_cast<unsigned>(flag)) != 0; };
    if (has(FileFlag::kVendored) || has(FileFlag::kGenerated)) score -= 100;
    if (has(FileFlag::kTest)) score -= 30;
    return score;
  }

  // Only the class of the best one, definitions before declarations of the same thing.
  std::vector<FoundDefinition> best() {
    std::sort(found_.begin(), found_.end(), [](const auto& a, const auto& b) {
      const auto key = [](const FoundDefinition& f) {
        return std::tuple(-f.score, std::string_view(f.path), f.symbol ? f.symbol->begin : 0);
      };
      return key(a) < key(b);
    });
    std::size_t kept = 0;
    while (kept < found_.size() && kept < kMaxAnswers &&
           found_[kept].score > found_.front().score - 400) {
      ++kept;
    }
    found_.resize(kept);
    return std::move(found_);
  }

  SourceTexts& texts_;
  const SourceText& source_;
  const FileNames& names_;
  const FileName& name_;
  std::string_view family_;
  std::stop_token stop_;
  std::vector<ImportedName> imports_;
  std::optional<std::set<std::string>> included_;
  std::vector<FoundDefinition> found_;
};

}  // namespace

Result<std::vector<FoundDefinition>> search_definitions(SourceTexts& texts,
                                                        const SoughtName& sought,
                                                        std::stop_token stop) {
  return DefinitionSearch(texts, sought, std::move(stop)).run();
}

}  // namespace engram
