// What to look up for a cursor: names used near it, nearest first, and the type of the receiver
// when the cursor stands behind "x." or "x->".
#include <algorithm>
#include <map>
#include <unordered_set>

#include "assist/completion/context.h"
#include "assist/completion/line_view.h"
#include "memory/sub_words.h"

namespace engram {

namespace {

constexpr std::size_t kBytesAbove = 2500, kBytesBelow = 1000;
constexpr std::size_t kBelowLater = 100;  // bytes that text below counts as farther than text above
constexpr std::size_t kMaxIdentifiers = 32;

// Words of many languages that name nothing in a repository.
bool is_keyword(std::string_view word) {
  static const std::unordered_set<std::string_view> keywords = {
      "and",      "auto",    "bool",     "break",   "case",      "catch",     "char",
      "class",    "const",   "continue", "def",     "default",   "delete",    "double",
      "elif",     "else",    "enum",     "except",  "explicit",  "export",    "extends",
      "extern",   "false",   "False",    "final",   "finally",   "float",     "for",
      "from",     "func",    "function", "goto",    "if",        "impl",      "implements",
      "import",   "in",      "include",  "inline",  "int",       "interface", "is",
      "lambda",   "let",     "long",     "match",   "mut",       "namespace", "new",
      "nil",      "None",    "not",      "null",    "nullptr",   "operator",  "or",
      "override", "package", "pass",     "private", "protected", "public",    "raise",
      "return",   "self",    "short",    "signed",  "sizeof",    "static",    "std",
      "string",   "struct",  "super",    "switch",  "template",  "this",      "throw",
      "true",     "True",    "try",      "type",    "typedef",   "typename",  "union",
      "unsigned", "use",     "using",    "var",     "virtual",   "void",      "volatile",
      "while",    "with",    "yield"};
  return keywords.contains(word);
}

std::vector<std::string> near_identifiers(std::string_view text, std::size_t offset,
                                          const std::vector<std::string>& known) {
  const std::unordered_set<std::string_view> allowed(known.begin(), known.end());
  const std::size_t begin = line_begin(text, offset > kBytesAbove ? offset - kBytesAbove : 0);
  const std::size_t end = line_end(text, std::min(text.size(), offset + kBytesBelow));
  std::map<std::string_view, std::size_t> distance;
  for (std::size_t i = begin; i < end;) {
    if (!is_identifier_byte(text[i])) {
      ++i;
      continue;
    }
    std::size_t stop = i;
    while (stop < end && is_identifier_byte(text[stop])) ++stop;
    const std::string_view word = text.substr(i, stop - i);
    const bool digit = word[0] >= '0' && word[0] <= '9';
    const std::size_t far = stop <= offset ? offset - stop : i - std::min(i, offset) + kBelowLater;
    if (!digit && word.size() >= 3 && !is_keyword(word) &&
        (allowed.empty() || allowed.contains(word))) {
      const auto [it, fresh] = distance.try_emplace(word, far);
      if (!fresh) it->second = std::min(it->second, far);
    }
    i = stop;
  }
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  for (const auto& [word, far] : distance) ranked.emplace_back(far, word);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> names;
  for (const auto& [far, word] : ranked) {
    if (names.size() == kMaxIdentifiers) break;
    names.emplace_back(word);
  }
  return names;
}

// The name before ".", "->" or "::" at the end of `line`, a half-typed member left out.
std::string_view receiver_of(std::string_view line) {
  while (!line.empty() && is_identifier_byte(line.back())) line.remove_suffix(1);
  if (line.ends_with("->") || line.ends_with("::")) {
    line.remove_suffix(2);
  } else if (line.ends_with('.')) {
    line.remove_suffix(1);
  } else {
    return {};
  }
  return identifier_before(line);
}

// Type-like names in the declaration of `name` that stands at `at`: "Type name", "Type<T>& name",
// "name: Type", "name = Type(...)".
void types_at(std::string_view text, std::string_view name, std::size_t at,
              std::vector<std::string>& types) {
  const std::string_view before =
      trimmed_right(text.substr(line_begin(text, at), at - line_begin(text, at)));
  const std::string_view after =
      trimmed(text.substr(at + name.size(), line_end(text, at) - at - name.size()));
  const auto take = [&](std::string_view piece) {
    for (const auto word : identifiers_in(piece)) {
      if (!is_keyword(word) && word != name &&
          std::find(types.begin(), types.end(), word) == types.end()) {
        types.emplace_back(word);
      }
    }
  };
  if (!before.empty() && (is_identifier_byte(before.back()) || before.ends_with('&') ||
                          before.ends_with('*') || before.ends_with('>'))) {
    const auto start = before.find_last_of("(,;{=");
    take(start == std::string_view::npos ? before : before.substr(start + 1));
  }
  if (after.starts_with(':') || (after.starts_with('=') && !after.starts_with("=="))) {
    take(after.substr(1, after.find_first_of("(,;{=", 2) - 1));
  }
}

std::vector<std::string> receiver_types(std::string_view text, std::size_t offset) {
  const CursorView cursor = CursorView::at(text, offset);
  const std::string_view name = receiver_of(cursor.line_before);
  std::vector<std::string> types;
  if (name.empty() || is_keyword(name)) return types;
  types.emplace_back(name);  // "Type::" or a module
  constexpr std::size_t kMaxTypes = 5, kMaxOccurrences = 64;
  std::size_t occurrences = 0;
  for (std::size_t at = text.rfind(name, offset); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : text.rfind(name, at - 1)) {
    const std::size_t after = at + name.size();
    const bool whole = (at == 0 || !is_identifier_byte(text[at - 1])) &&
                       (after >= text.size() || !is_identifier_byte(text[after]));
    if (whole) types_at(text, name, at, types);
    if (types.size() >= kMaxTypes || ++occurrences == kMaxOccurrences) break;
  }
  if (types.size() > kMaxTypes) types.resize(kMaxTypes);
  return types;
}

}  // namespace

std::vector<std::string> identifiers_near(const SyntaxTree* tree, std::size_t text_bytes,
                                          std::size_t offset) {
  constexpr std::size_t kAbove = 4000, kBelow = 1000, kMost = 400;
  if (tree == nullptr) return {};
  return tree->identifiers(offset > kAbove ? offset - kAbove : 0,
                           std::min(text_bytes, offset + kBelow), kMost);
}

ContextQuery context_query(std::string_view path, std::string_view language, std::string_view text,
                           std::size_t offset, const std::vector<std::string>& known) {
  return {std::string(path),
          std::string(language),
          near_identifiers(text, offset, known),
          receiver_types(text, offset),
          {}};
}

bool ContextQuery::excludes(std::string_view other) const {
  return other == path ||
         std::find(excluded_paths.begin(), excluded_paths.end(), other) != excluded_paths.end();
}

}  // namespace engram
