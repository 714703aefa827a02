#include "indexer/syntax/fact_assembly.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "indexer/syntax/comment_text.h"
#include "indexer/syntax/symbol_names.h"
#include "memory/symbol_kinds.h"

namespace engram {

namespace {

constexpr std::size_t kMaxSignature = 400;
constexpr std::size_t kMaxMinorSignature = 120;  // of locals, keys, headings
constexpr std::size_t kMaxDoc = 2000;

// Lines of ascending offsets in linear time; a step back costs a binary search.
class LineCursor {
 public:
  explicit LineCursor(const LineIndex& lines) : lines_(lines) {}
  std::size_t line_of(std::size_t offset) {
    if (offset < lines_.line_start(line_) || offset > lines_.line_start(line_) + 4096) {
      line_ = lines_.line_of(offset);
    }
    while (line_ + 1 < lines_.line_count() && lines_.line_start(line_ + 1) <= offset) ++line_;
    return line_;
  }
  std::size_t start() const { return lines_.line_start(line_); }

 private:
  const LineIndex& lines_;
  std::size_t line_ = 0;
};

bool is_parameter(SymbolKind kind) {
  return kind == SymbolKind::kParameter || kind == SymbolKind::kTypeParameter;
}

bool is_minor(const RawSymbol& s) {
  return (s.is_local && !is_container(s.kind)) || s.kind == SymbolKind::kParameter ||
         s.kind == SymbolKind::kTypeParameter || s.kind == SymbolKind::kKey ||
         s.kind == SymbolKind::kElement || s.kind == SymbolKind::kHeading;
}

// The order of the answer: by begin, the outer of two before the inner.
void sort_symbols(std::vector<RawSymbol>& symbols) {
  // Of several patterns that caught one name the most specific counts.
  std::sort(symbols.begin(), symbols.end(), [](const RawSymbol& a, const RawSymbol& b) {
    return std::pair(a.name.begin, -int{a.priority}) < std::pair(b.name.begin, -int{b.priority});
  });
  const auto last = std::unique(
      symbols.begin(), symbols.end(),
      [](const RawSymbol& a, const RawSymbol& b) { return a.name.begin == b.name.begin; });
  symbols.erase(last, symbols.end());
  std::sort(symbols.begin(), symbols.end(), [](const RawSymbol& a, const RawSymbol& b) {
    if (a.extent.begin != b.extent.begin) return a.extent.begin < b.extent.begin;
    if (a.extent.end != b.extent.end) return a.extent.end > b.extent.end;
    if (is_container(a.kind) != is_container(b.kind)) return is_container(a.kind);
    return a.name.begin < b.name.begin;
  });
}

class Assembly {
 public:
  Assembly(std::string_view text, const LineIndex& lines, const LanguageTraits& language,
           RawFacts raw)
      : text_(text), lines_(lines), language_(language), raw_(std::move(raw)) {}

  FileFacts run() {
    out_.language = language_.name;
    out_.certainty = Certainty::kSyntactic;
    out_.lines = static_cast<std::uint32_t>(lines_.line_count());
    out_.error_bytes = raw_.error_bytes;
    sort_symbols(raw_.symbols);
    stretch_namespaces();
    merge_comments();
    add_symbols();
    attach_trailing_docs();
    add_references();
    for (const ByteRange& block : blocks_) {
      std::string words = comment_text(text_of(block), kMaxDoc);
      if (!words.empty()) out_.comments.push_back(std::move(words));
    }
    return std::move(out_);
  }

 private:
  struct Open {  // an enclosing container
    const RawSymbol* symbol;
    std::int32_t index;  // in out_.symbols, or -1: it gives only its name
    std::string path;    // its own name included
  };

  std::string_view text_of(ByteRange r) const { return text_.substr(r.begin, r.end - r.begin); }

  bool begins_line(std::uint32_t at) const {
    while (at > 0 && (text_[at - 1] == ' ' || text_[at - 1] == '\t')) --at;
    return at == 0 || text_[at - 1] == '\n' || text_[at - 1] == '\r';
  }

  // Only white space between, with at most one line end.
  bool adjacent(std::uint32_t end, std::uint32_t begin) const {
    int newlines = 0;
    for (std::uint32_t i = end; i < begin; ++i) {
      if (!is_blank(text_[i])) return false;
      if (text_[i] == '\n' && ++newlines > 1) return false;
    }
    return true;
  }

  // Line comments on consecutive lines are one block.
  void merge_comments() {
    for (const ByteRange& c : raw_.comments) {
      ByteRange comment = c;
      while (comment.end > comment.begin && is_blank(text_[comment.end - 1])) --comment.end;
      const bool joins =
          !blocks_.empty() && begins_line(comment.begin) && begins_line(blocks_.back().begin) &&
          adjacent(blocks_.back().end, comment.begin) && text_.substr(comment.begin, 2) != "/*" &&
          text_.substr(blocks_.back().begin, 2) != "/*";
      if (joins) {
        blocks_.back().end = comment.end;
      } else {
        blocks_.push_back(comment);
      }
    }
  }

  std::string join(const std::string& path, std::string_view name) const {
    if (path.empty()) return std::string(name);
    const std::string_view separator =
        language_.scope_separator.empty() ? std::string_view(" ") : language_.scope_separator;
    std::string out;
    out.reserve(path.size() + separator.size() + name.size());
    out += path;
    out += separator;
    out += name;
    return out;
  }

  bool encloses(const RawSymbol& outer, const RawSymbol& inner) const {
    if (inner.extent.end > outer.extent.end) return false;
    // template <class T> void f(): what is a parameter's place in the head is the grammar's choice.
    if (is_parameter(inner.kind)) return true;
    // The name usually stands before what it contains. `typedef struct {...} T;` names its
    // members afterwards, but `typedef struct S {...} *T;` is no parent of S.
    if (outer.name.begin < inner.extent.begin || is_type_with_members(outer.kind)) return true;
    return outer.name.begin < inner.name.begin && outer.is_container_only;
  }

  static bool may_contain(const RawSymbol& outer, const RawSymbol& inner) {
    if (is_container(outer.kind) || outer.is_container_only) return true;
    if (is_parameter(inner.kind)) {
      return outer.kind == SymbolKind::kTypeAlias || outer.kind == SymbolKind::kProperty ||
             outer.kind == SymbolKind::kField || outer.kind == SymbolKind::kVariable;
    }
    const bool member = inner.kind == SymbolKind::kField || inner.kind == SymbolKind::kProperty ||
                        inner.kind == SymbolKind::kMethod;
    return member && (outer.kind == SymbolKind::kVariable || outer.kind == SymbolKind::kConstant ||
                      outer.kind == SymbolKind::kProperty || outer.kind == SymbolKind::kTypeAlias ||
                      outer.kind == SymbolKind::kField);
  }

  const Open* parent_of(const RawSymbol& s) const {
    for (auto it = open_.rbegin(); it != open_.rend(); ++it) {
      if (!may_contain(*it->symbol, s) || !encloses(*it->symbol, s)) continue;
      if (s.of_class && !is_type_with_members(it->symbol->kind)) continue;
      return &*it;
    }
    return nullptr;
  }

  // `self` in a method is what the method belongs to.
  std::string owner_of(const Open* method) const {
    if (method == nullptr) return {};
    return method->index < 0 ? method->path
                             : out_.symbols[static_cast<std::size_t>(method->index)].container;
  }

  // `namespace a;` holds for the rest of the file, or up to the next one.
  void stretch_namespaces() {
    std::uint32_t end = static_cast<std::uint32_t>(text_.size());
    for (auto it = raw_.symbols.rbegin(); it != raw_.symbols.rend(); ++it) {
      if (it->kind != SymbolKind::kNamespace) continue;
      const std::string_view text = text_of(it->extent);
      if (!text.ends_with(';') || text.find('=') != std::string_view::npos) continue;
      if (it->body == 0) it->body = it->extent.end;
      it->extent.end = end;
      end = it->extent.begin;
    }
  }

  void add_symbols() {
    out_.symbols.reserve(raw_.symbols.size());
    LineCursor cursor(lines_);
    for (const RawSymbol& s : raw_.symbols) {
      while (!open_.empty() && open_.back().symbol->extent.end <= s.extent.begin) open_.pop_back();
      const Open* parent = parent_of(s);
      std::string name = symbol_name(text_of(s.name), s.kind, language_.name);
      if (name.empty()) continue;
      std::string container = parent != nullptr ? parent->path : std::string();
      if (!s.scope_text.empty()) {
        const std::string scope = scope_name(text_of(s.scope_text));
        if (scope == "self" || scope == "this") {
          container = owner_of(parent);
        } else if (!scope.empty()) {
          container = join(container, scope);
        }
      }
      std::int32_t index = parent != nullptr ? parent->index : -1;
      if (!s.is_container_only) {
        out_.symbols.push_back(make_symbol(s, name, container, index, cursor));
        index = static_cast<std::int32_t>(out_.symbols.size()) - 1;
      }
      const bool leaf = s.kind == SymbolKind::kParameter || s.extent.end == s.name.end;
      if (!leaf && open_.size() < 256) open_.push_back({&s, index, join(container, name)});
    }
  }

  Symbol make_symbol(const RawSymbol& s, const std::string& name, const std::string& container,
                     std::int32_t parent, LineCursor& cursor) {
    Symbol out;
    out.name = name;
    out.container = container;
    out.kind = s.kind;
    out.is_definition = s.is_definition;
    out.is_local = s.is_local;
    out.begin = s.extent.begin;
    out.end = s.extent.end;
    out.name_begin = s.name.begin;
    out.name_end = s.name.end;
    const std::size_t line = cursor.line_of(s.name.begin);
    out.line = static_cast<std::uint32_t>(line + 1);
    out.column = static_cast<std::uint32_t>(s.name.begin - cursor.start() + 1);
    const std::uint32_t last = s.extent.end > s.extent.begin ? s.extent.end - 1 : s.extent.end;
    out.end_line = static_cast<std::uint32_t>(lines_.line_of(last) + 1);
    out.signature = signature(s);
    out.parent = parent;
    if (!is_minor(s)) out.doc = doc_of(s);
    return out;
  }

  std::string signature(const RawSymbol& s) const {
    std::uint32_t end = s.body > s.extent.begin ? s.body : s.extent.end;
    const std::uint32_t begin = s.is_local ? s.extent.begin : with_keywords(s.extent.begin);
    if (s.kind == SymbolKind::kHeading || s.kind == SymbolKind::kKey) {
      end = static_cast<std::uint32_t>(std::min<std::size_t>(text_.find('\n', s.name.end), end));
    }
    const std::size_t max = is_minor(s) ? kMaxMinorSignature : kMaxSignature;
    std::string out = fold_white_space(text_.substr(begin, end - begin), max);
    if (out.ends_with("=>")) out.resize(out.size() - 2);
    while (!out.empty() && (out.back() == '{' || out.back() == ':' || out.back() == '=' ||
                            out.back() == ';' || out.back() == ',' || out.back() == ' ')) {
      out.pop_back();
    }
    return out;
  }

  // `type X struct`, `const X`: the words before a symbol on its line belong to its head.
  std::uint32_t with_keywords(std::uint32_t begin) const {
    std::uint32_t at = begin;
    while (at > 0 && at + 40 > begin) {
      const char c = text_[at - 1];
      if (c == '\n') break;
      if (c != ' ' && c != '\t' && !(c >= 'a' && c <= 'z')) return begin;
      --at;
    }
    while (at < begin && is_blank(text_[at])) ++at;
    return at;
  }

  std::string doc_of(const RawSymbol& s) {
    if (!s.doc.empty()) {
      std::string doc = comment_text(text_of(s.doc), kMaxDoc);
      out_.comments.push_back(doc);
      return doc;
    }
    std::uint32_t at = with_keywords(s.extent.begin);
    for (int attributes = 0; attributes < 16; ++attributes) {
      const auto it = std::lower_bound(
          raw_.attributes.begin(), raw_.attributes.end(), at,
          [](const ByteRange& a, std::uint32_t offset) { return a.end <= offset; });
      if (it == raw_.attributes.begin() || !adjacent((it - 1)->end, at)) break;
      at = (it - 1)->begin;
    }
    const auto it =
        std::lower_bound(blocks_.begin(), blocks_.end(), at,
                         [](const ByteRange& b, std::uint32_t offset) { return b.end <= offset; });
    if (it == blocks_.begin()) return {};
    const ByteRange block = *(it - 1);
    if (!begins_line(block.begin) || !adjacent(block.end, at)) return {};
    if (documents_backwards(text_of(block))) return {};
    return comment_text(text_of(block), kMaxDoc);
  }

  // `int x;  ///< what x is`
  void attach_trailing_docs() {
    for (const ByteRange& block : blocks_) {
      if (!documents_backwards(text_of(block))) continue;
      const auto line = static_cast<std::uint32_t>(lines_.line_of(block.begin) + 1);
      Symbol* best = nullptr;
      auto it =
          std::upper_bound(out_.symbols.begin(), out_.symbols.end(), block.begin,
                           [](std::uint32_t offset, const Symbol& s) { return offset < s.begin; });
      for (int looked = 0; it != out_.symbols.begin() && looked < 8; ++looked) {
        --it;
        if (it->end_line == line && it->end <= block.begin) {
          best = &*it;
          break;
        }
      }
      if (best != nullptr && best->doc.empty()) best->doc = comment_text(text_of(block), kMaxDoc);
    }
  }

  void add_references() {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> names;
    names.reserve(out_.symbols.size());
    for (const Symbol& s : out_.symbols) {
      if (language_.name != "html") names.emplace_back(s.name_begin, s.name_end);
    }
    std::sort(names.begin(), names.end());
    std::vector<RawReference> kept;
    kept.reserve(raw_.references.size() - raw_.dropped.size());
    std::size_t dropped = 0;
    for (std::uint32_t i = 0; i < raw_.references.size(); ++i) {
      if (dropped < raw_.dropped.size() && raw_.dropped[dropped] == i) {
        ++dropped;
      } else {
        kept.push_back(raw_.references[i]);
      }
    }
    const auto before = [](const RawReference& a, const RawReference& b) {
      if (a.name.begin != b.name.begin) return a.name.begin < b.name.begin;
      if (a.name.end != b.name.end) return a.name.end > b.name.end;  // `os.path` before its `os`
      return a.priority > b.priority;
    };
    if (!std::is_sorted(kept.begin(), kept.end(), before)) {
      std::sort(kept.begin(), kept.end(), before);
    }
    out_.references.reserve(kept.size());
    LineCursor cursor(lines_);
    std::size_t next_name = 0;
    std::uint32_t last_end = 0;
    for (const RawReference& r : kept) {
      while (next_name < names.size() && names[next_name].second <= r.name.begin) ++next_name;
      if (next_name < names.size() && names[next_name].first <= r.name.begin) continue;  // a name
      if (r.name.begin < r.name.end && text_[r.name.begin] >= '0' && text_[r.name.begin] <= '9') {
        continue;  // the shell's $1
      }
      if (r.name.begin < last_end) continue;  // two patterns, one place
      if (r.name.end - r.name.begin > kMaxName) continue;
      last_end = r.name.end;
      Reference out;
      out.name = reference_name(text_of(r.name), r.kind);
      out.kind = r.kind;
      out.begin = r.name.begin;
      out.end = r.name.end;
      const std::size_t line = cursor.line_of(r.name.begin);
      out.line = static_cast<std::uint32_t>(line + 1);
      out.column = static_cast<std::uint32_t>(r.name.begin - cursor.start() + 1);
      out_.references.push_back(std::move(out));
    }
  }

  std::string_view text_;
  const LineIndex& lines_;
  const LanguageTraits& language_;
  RawFacts raw_;
  std::vector<ByteRange> blocks_;
  std::vector<Open> open_;
  FileFacts out_;
};

}  // namespace

bool is_container(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::kModule:
    case SymbolKind::kNamespace:
    case SymbolKind::kPackage:
    case SymbolKind::kClass:
    case SymbolKind::kStruct:
    case SymbolKind::kUnion:
    case SymbolKind::kInterface:
    case SymbolKind::kTrait:
    case SymbolKind::kEnum:
    case SymbolKind::kFunction:
    case SymbolKind::kMethod:
    case SymbolKind::kConstructor:
    case SymbolKind::kKey:
    case SymbolKind::kHeading:
    case SymbolKind::kElement:
      return true;
    default:
      return false;
  }
}

FileFacts assemble_facts(std::string_view text, const LineIndex& lines,
                         const LanguageTraits& language, RawFacts raw) {
  return Assembly(text, lines, language, std::move(raw)).run();
}

}  // namespace engram
