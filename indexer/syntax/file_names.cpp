#include "indexer/syntax/file_names.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/text.h"
#include "indexer/syntax/comment_text.h"
#include "indexer/syntax/fact_assembly.h"
#include "indexer/syntax/raw_extraction.h"
#include "memory/symbol_kinds.h"

namespace engram {

namespace {

using Place = std::pair<std::uint32_t, std::string_view>;  // a scope and a name

bool is_name_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') || u == '_' ||
         u == '$' || u == '@' || u >= 0x80;
}

// Members are named without `this.` inside their type.
bool has_implicit_this(std::string_view language) {
  constexpr std::array<std::string_view, 9> kLanguages{"cpp",    "c",     "cuda",  "java", "csharp",
                                                       "kotlin", "scala", "swift", "ruby"};
  return std::find(kLanguages.begin(), kLanguages.end(), language) != kLanguages.end();
}

bool means_own_type(std::string_view word) {
  return word == "self" || word == "this" || word == "cls" || word == "Self" || word == "@" ||
         word == "$this";
}

// What stands before the name that begins at `at`: `a.b`, `a->b`, `A::b`, `a?.b`.
void read_qualifier(std::string_view text, std::uint32_t at, FileName& out) {
  const auto skip_blanks = [&] {
    while (at > 0 && is_blank(text[at - 1])) --at;
  };
  if (at > 0 && text[at - 1] == '@') {  // Ruby's @field
    out.qualified = true;
    out.qualifier = "@";
    return;
  }
  skip_blanks();
  const std::string_view before = text.substr(0, at);
  if (before.ends_with("->") || before.ends_with("::") || before.ends_with("?.")) {
    at -= 2;
  } else if (before.ends_with('.') && !before.ends_with("..")) {
    at -= 1;
  } else {
    return;
  }
  out.qualified = true;
  skip_blanks();
  if (at > 0 && text[at - 1] == '>') {  // Vector<int>::size
    int depth = 0;
    const std::uint32_t floor = at > 400 ? at - 400 : 0;
    while (at > floor) {
      --at;
      depth += text[at] == '>' ? 1 : text[at] == '<' ? -1 : 0;
      if (depth == 0) break;
    }
    skip_blanks();
  }
  std::uint32_t begin = at;
  while (begin > 0 && is_name_byte(text[begin - 1])) --begin;
  out.qualifier = text.substr(begin, at - begin);
}

class NameBinder {
 public:
  NameBinder(std::string_view text, const LanguageTraits& language, const RawFacts& raw)
      : text_(text), language_(language), scopes_(raw.scopes) {
    for (std::size_t i = 0; i < raw.symbols.size(); ++i) {
      Standing& s = symbol_scope_[raw.symbols[i].name.begin];
      if (raw.symbols[i].priority >= s.priority) {
        s = {raw.symbols[i].priority, raw.symbol_scopes[i]};
      }
    }
    for (std::size_t i = 0; i < raw.references.size(); ++i) {
      reference_scope_[raw.references[i].name.begin] = raw.reference_scopes[i];
    }
  }

  FileNames run(FileFacts facts) {
    out_.language = std::move(facts.language);
    out_.certainty = facts.certainty;
    out_.symbols = std::move(facts.symbols);
    group_symbols();
    add_names(facts.references);
    return std::move(out_);
  }

 private:
  struct Standing {
    std::uint16_t priority = 0;
    std::uint32_t scope = 0;
  };

  const Symbol& symbol(std::int32_t i) const { return out_.symbols[static_cast<std::size_t>(i)]; }

  void group_symbols() {
    for (std::size_t i = 0; i < out_.symbols.size(); ++i) {
      const Symbol& s = out_.symbols[i];
      const auto index = static_cast<std::int32_t>(i);
      const auto next = static_cast<std::int32_t>(out_.groups.size());
      std::int32_t group = next;
      if (s.is_local && !is_member(s.kind)) {
        group = local_.try_emplace(Place{scope_of_symbol(s), s.name}, next).first->second;
      } else {
        group = shared_[s.name].try_emplace(s.container, next).first->second;
      }
      if (group == next) out_.groups.emplace_back();
      out_.groups[static_cast<std::size_t>(group)].push_back(index);
      group_of_.push_back(group);
    }
    for (auto& group : out_.groups) {
      std::sort(group.begin(), group.end(), [&](std::int32_t a, std::int32_t b) {
        return std::pair(!symbol(a).is_definition, a) < std::pair(!symbol(b).is_definition, b);
      });
    }
  }

  std::uint32_t scope_of_symbol(const Symbol& s) const {
    const auto it = symbol_scope_.find(s.name_begin);
    return it != symbol_scope_.end() ? it->second.scope : 0;
  }

  // Symbols' own names and uses, in order; each knows the innermost symbol around it.
  void add_names(const std::vector<Reference>& references) {
    for (std::size_t i = 0; i < out_.symbols.size(); ++i) {
      const Symbol& s = out_.symbols[i];
      FileName name;
      name.name = s.name;
      name.begin = s.name_begin;
      name.end = s.name_end;
      name.line = s.line;
      name.column = s.column;
      name.defines = true;
      name.symbol = static_cast<std::int32_t>(i);
      name.group = group_of_[i];
      name.enclosing = s.parent;
      out_.names.push_back(std::move(name));
    }
    for (const Reference& r : references) {
      FileName name;
      name.name = r.name;
      name.begin = r.begin;
      name.end = r.end;
      name.line = r.line;
      name.column = r.column;
      name.kind = r.kind;
      if (r.kind != ReferenceKind::kImport) read_qualifier(text_, r.begin, name);
      out_.names.push_back(std::move(name));
    }
    std::sort(out_.names.begin(), out_.names.end(),
              [](const FileName& a, const FileName& b) { return a.begin < b.begin; });
    bind_uses();
  }

  void bind_uses() {
    std::vector<std::int32_t> open;
    std::size_t next = 0;
    for (FileName& name : out_.names) {
      while (next < out_.symbols.size() && out_.symbols[next].begin <= name.begin) {
        open.push_back(static_cast<std::int32_t>(next++));
      }
      // Not only the last may have ended: `f(int a) {` opens a after f.
      std::erase_if(open, [&](std::int32_t i) { return symbol(i).end <= name.begin; });
      if (name.defines) continue;
      for (auto it = open.rbegin(); it != open.rend() && name.enclosing < 0; ++it) {
        if (is_container(symbol(*it).kind)) name.enclosing = *it;
      }
      if (name.kind == ReferenceKind::kImport) continue;
      name.group = name.qualified ? find_qualified(name) : find_plain(name);
      if (name.group < 0) continue;
      name.symbol = out_.groups[static_cast<std::size_t>(name.group)].front();
    }
  }

  std::string path_of(const Symbol& s) const {
    if (s.container.empty()) return s.name;
    return s.container + std::string(language_.scope_separator) + s.name;
  }

  // The type whose code `at` is: of the innermost method the container, else the innermost type.
  std::string own_type(std::int32_t at) const {
    for (; at >= 0; at = symbol(at).parent) {
      const Symbol& s = symbol(at);
      if (s.kind == SymbolKind::kMethod || s.kind == SymbolKind::kConstructor) return s.container;
      // Written outside of its type: `double Circle::area() {`, Rust's impl, Go's receiver.
      const bool apart = s.kind == SymbolKind::kFunction && s.parent < 0 && !s.container.empty();
      if (apart) return s.container;
      if (is_type_with_members(s.kind)) return path_of(s);
    }
    return {};
  }

  static std::string_view last_part(std::string_view path) {
    const auto at = path.find_last_of(":.");
    return at == std::string_view::npos ? path : path.substr(at + 1);
  }

  static std::string_view without_last(std::string_view path) {
    auto at = path.find_last_of(":.");
    if (at == std::string_view::npos) return {};
    while (at > 0 && (path[at - 1] == ':' || path[at - 1] == '.')) --at;
    return path.substr(0, at);
  }

  using Owners = std::map<std::string, std::int32_t, std::less<>>;  // container to group
  const Owners* owners_of(const std::string& name) const {
    const auto it = shared_.find(name);
    return it != shared_.end() ? &it->second : nullptr;
  }

  std::int32_t find_qualified(const FileName& use) const {
    const Owners* owners = owners_of(use.name);
    if (owners == nullptr || use.qualifier.empty()) return -1;
    if (means_own_type(use.qualifier)) {
      const auto it = owners->find(own_type(use.enclosing));
      return it != owners->end() ? it->second : -1;
    }
    for (const auto& [container, group] : *owners) {
      if (last_part(container) == use.qualifier) return group;
    }
    return -1;
  }

  std::int32_t find_plain(const FileName& use) const {
    const auto scope = reference_scope_.find(use.begin);
    if (const auto local = find_local(use, scope != reference_scope_.end() ? scope->second : 0);
        local >= 0) {
      return local;
    }
    const Owners* owners = owners_of(use.name);
    if (owners == nullptr) return -1;
    // From the innermost container outwards; members only where `this` may be left out.
    const bool in_class_body = scope != reference_scope_.end() && scopes_[scope->second].is_class;
    const bool members = has_implicit_this(out_.language) || in_class_body;
    std::string path = use.enclosing >= 0 ? path_of(symbol(use.enclosing)) : std::string();
    for (std::string_view at = path;; at = without_last(at)) {
      const auto it = owners->find(at);
      if (it != owners->end() && visible(it->second, members)) return it->second;
      if (at.empty()) break;
    }
    for (const auto& [container, group] : *owners) {  // `using namespace`, or a header's view of it
      if (visible(group, false)) return group;
    }
    return -1;
  }

  bool visible(std::int32_t group, bool members) const {
    const Symbol& s = symbol(out_.groups[static_cast<std::size_t>(group)].front());
    return members || !is_member(s.kind);
  }

  std::int32_t find_local(const FileName& use, std::uint32_t scope) const {
    // Scope 0 is the file: what is local there is the parameter of a prototype.
    for (; scope != 0; scope = static_cast<std::uint32_t>(scopes_[scope].parent)) {
      const auto it = local_.find(Place{scope, use.name});
      if (it == local_.end()) continue;
      const Symbol& s = symbol(out_.groups[static_cast<std::size_t>(it->second)].front());
      if (scopes_[scope].is_class && s.kind == SymbolKind::kParameter) continue;
      return it->second;
    }
    return -1;
  }

  std::string_view text_;
  const LanguageTraits& language_;
  const std::vector<RawScope>& scopes_;
  std::unordered_map<std::uint32_t, Standing> symbol_scope_;  // by where the name begins
  std::unordered_map<std::uint32_t, std::uint32_t> reference_scope_;
  std::map<Place, std::int32_t> local_;             // to groups; views of the symbols' own names
  std::unordered_map<std::string, Owners> shared_;  // by name
  std::vector<std::int32_t> group_of_;              // by symbol
  FileNames out_;
};

}  // namespace

const FileName* FileNames::at(std::size_t offset) const {
  auto it = std::upper_bound(names.begin(), names.end(), offset,
                             [](std::size_t o, const FileName& n) { return o < n.begin; });
  if (it == names.begin()) return nullptr;
  --it;
  return offset <= it->end ? &*it : nullptr;
}

Result<FileNames> read_names(std::string_view language, std::string_view text,
                             const ExtractLimits& limits, std::stop_token stop) {
  const LineIndex lines(text);
  ENGRAM_TRY(extraction, extract_raw(language, text, lines, limits, true, stop));
  if (!extraction.tree) {
    FileNames none;
    none.language = extraction.language->name;
    none.certainty = Certainty::kTextual;
    none.limited_by = std::move(extraction.limited_by);
    return none;
  }
  NameBinder binder(text, *extraction.language, extraction.raw);
  RawFacts all = extraction.raw;
  all.dropped.clear();  // uses of local names are wanted here
  FileNames out = binder.run(assemble_facts(text, lines, *extraction.language, std::move(all)));
  out.limited_by = std::move(extraction.limited_by);
  return out;
}

}  // namespace engram
