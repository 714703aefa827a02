#include "indexer/commands/clangd_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/atomic_file.h"
#include "indexer/commands/option_table.h"
#include "indexer/commands/path_policy.h"
#include "indexer/commands/yaml.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxPatternBytes = 1000;

struct PatternPart {
  int letter;  // -1: any
  bool many;   // none or more of it
};

// One alternative as parts; nullopt when it is of another kind.
std::optional<std::vector<PatternPart>> parts_of(std::string_view pattern) {
  if (pattern.starts_with('^')) pattern.remove_prefix(1);
  if (pattern.ends_with('$') && !pattern.ends_with("\\$")) pattern.remove_suffix(1);
  std::vector<PatternPart> parts;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    PatternPart part{static_cast<unsigned char>(pattern[i]), false};
    if (pattern[i] == '\\') {
      if (++i == pattern.size() || std::isalnum(static_cast<unsigned char>(pattern[i])) != 0)
        return {};
      part.letter = static_cast<unsigned char>(pattern[i]);
    } else if (pattern[i] == '.') {
      part.letter = -1;
    } else if (std::string_view("[](){}*+?^$").find(pattern[i]) != std::string_view::npos) {
      return {};
    }
    if (i + 1 < pattern.size() && (pattern[i + 1] == '*' || pattern[i + 1] == '+')) {
      if (pattern[i + 1] == '+') parts.push_back(part);
      part.many = true;
      ++i;
    }
    parts.push_back(part);
  }
  return parts;
}

// Parts times letters at most: the set of parts reached is carried along.
bool matches(const std::vector<PatternPart>& parts, std::string_view text) {
  std::vector<bool> at(parts.size() + 1), next(parts.size() + 1);
  const auto skip_many = [&](std::vector<bool>& set) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (set[i] && parts[i].many) set[i + 1] = true;
    }
  };
  at[0] = true;
  skip_many(at);
  for (const char c : text) {
    std::fill(next.begin(), next.end(), false);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool fits = parts[i].letter == -1 || parts[i].letter == static_cast<unsigned char>(c);
      if (at[i] && fits) next[parts[i].many ? i : i + 1] = true;
    }
    skip_many(next);
    std::swap(at, next);
  }
  return at[parts.size()];
}

std::vector<std::string> words(const json::value* value) {
  std::vector<std::string> out;
  if (value == nullptr) return out;
  if (value->is_string()) out.emplace_back(std::string_view(value->get_string()));
  if (!value->is_array()) return out;
  for (const json::value& element : value->get_array()) {
    if (element.is_string()) out.emplace_back(std::string_view(element.get_string()));
  }
  return out;
}

bool any_match(const std::vector<std::string>& patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    bool known = true;
    return matches_simple_pattern(pattern, path, known);
  });
}

// clangd: "-W*" takes all that begin so; "-I" and "-Ifoo" take the option with its value.
void remove_flag(std::vector<std::string>& arguments, std::string_view flag) {
  const bool prefix = flag.ends_with('*');
  const std::string_view name = prefix ? flag.substr(0, flag.size() - 1) : flag;
  const OptionSpec* spec = find_option(name);
  const bool takes_next =
      spec != nullptr && spec->name == name &&
      (spec->form == OptionForm::kSeparate || spec->form == OptionForm::kEither);
  const bool takes_joined =
      spec != nullptr && spec->name == name && spec->form != OptionForm::kFlag;
  for (std::size_t i = 1; i < arguments.size();) {
    const std::string& word = arguments[i];
    const bool whole = word == name;
    if (!whole && !((prefix || takes_joined) && word.starts_with(name))) {
      ++i;
      continue;
    }
    const std::size_t n = whole && takes_next && i + 1 < arguments.size() ? 2 : 1;
    const auto begin = arguments.begin() + static_cast<std::ptrdiff_t>(i);
    arguments.erase(begin, begin + static_cast<std::ptrdiff_t>(n));
  }
}

}  // namespace

bool matches_simple_pattern(std::string_view pattern, std::string_view text, bool& known) {
  known = pattern.size() <= kMaxPatternBytes;
  if (!known) return false;
  bool matched = false;
  while (true) {
    const std::size_t bar = pattern.find('|');
    const auto parts = parts_of(pattern.substr(0, bar));
    known = known && parts.has_value();
    matched = matched || (parts && matches(*parts, text));
    if (bar == std::string_view::npos) return known && matched;
    pattern.remove_prefix(bar + 1);
  }
}

void ClangdSettings::apply(const std::string& file, std::vector<std::string>& arguments) const {
  if (arguments.empty()) return;
  for (const ClangdFragment& fragment : fragments_) {
    if (!is_within(file, fragment.folder)) continue;
    const std::string_view path = std::string_view(file).substr(
        std::min(file.size(), fragment.folder.size() + (fragment.folder.ends_with('/') ? 0 : 1)));
    if (!fragment.path_match.empty() && !any_match(fragment.path_match, path)) continue;
    if (any_match(fragment.path_exclude, path)) continue;
    for (const std::string& flag : fragment.remove) remove_flag(arguments, flag);
    // Before the inputs: what follows "--" would be taken for files.
    arguments.insert(arguments.begin() + 1, fragment.add.begin(), fragment.add.end());
    std::rotate(arguments.begin() + 1,
                arguments.begin() + 1 + static_cast<std::ptrdiff_t>(fragment.add.size()),
                std::find(arguments.begin() + 1, arguments.end(), "--"));
    if (!fragment.compiler.empty()) arguments[0] = fragment.compiler;
  }
}

void ClangdSettings::read(const fs::path& folder) {
  const fs::path file = folder / ".clangd";
  const auto text = read_file(file, kMaxFileBytes);
  if (!text) {
    if (text.error().code != Errc::kNotFound) messages_.push_back(text.error().message);
    return;
  }
  const auto documents = parse_yaml(*text, file.string());
  if (!documents) return messages_.push_back(documents.error().message);
  for (const json::value& document : *documents) {
    const json::value* flags = find(document, "CompileFlags");
    if (flags == nullptr || !flags->is_object()) continue;
    ClangdFragment fragment;
    fragment.folder = folder.lexically_normal().string();
    if (const json::value* condition = find(document, "If"); condition && condition->is_object()) {
      fragment.path_match = words(find(*condition, "PathMatch"));
      fragment.path_exclude = words(find(*condition, "PathExclude"));
    }
    bool known = true;
    for (const auto* patterns : {&fragment.path_match, &fragment.path_exclude}) {
      for (const std::string& pattern : *patterns) {
        bool this_one = true;
        matches_simple_pattern(pattern, "", this_one);
        if (this_one || !known) continue;
        known = false;
        messages_.push_back(fmt::format("{}: a fragment is left out, its pattern '{}' is not read",
                                        file.string(), pattern));
      }
    }
    if (!known) continue;
    fragment.add = words(find(*flags, "Add"));
    fragment.remove = words(find(*flags, "Remove"));
    fragment.compiler = find_string(*flags, "Compiler").value_or("");
    const auto database = find_string(*flags, "CompilationDatabase").value_or("");
    if (!database.empty() && database != "None" && database != "Ancestors") {
      fragment.database = (folder / database).lexically_normal().string();
    }
    fragments_.push_back(std::move(fragment));
  }
}

ClangdSettings read_clangd_settings(const fs::path& workspace,
                                    const std::vector<std::string>& folders) {
  ClangdSettings out;
  for (const std::string& folder : folders)
    out.read(folder.empty() ? workspace : workspace / folder);
  return out;
}

}  // namespace engram
