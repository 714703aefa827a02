#include "assist/navigation/parameter_names.h"

#include <algorithm>
#include <array>

#include "memory/sub_words.h"

namespace engram {

namespace {

int depth_change(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case '(':
    case '[':
    case '{':
    case '<':
      return 1;
    case ')':
    case ']':
    case '}':
      return -1;
    case '>':
      return at > 0 && (text[at - 1] == '-' || text[at - 1] == '=') ? 0 : -1;
    default:
      return 0;
  }
}

// What stands between the brackets behind the name; empty: none.
std::string_view parameter_list(std::string_view signature, std::string_view name) {
  std::size_t at = signature.find(std::string(name) + "(");
  at = at == std::string_view::npos ? signature.find('(') : at + name.size();
  if (at == std::string_view::npos) return {};
  int depth = 0;
  for (std::size_t i = at; i < signature.size(); ++i) {
    if (signature[i] == '(') ++depth;
    if (signature[i] == ')' && --depth == 0) return signature.substr(at + 1, i - at - 1);
  }
  return {};
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> out;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    depth += depth_change(list, i);
    if (list[i] != ',' || depth != 0) continue;
    out.push_back(list.substr(begin, i - begin));
    begin = i + 1;
  }
  if (list.find_first_not_of(' ', begin) < list.size()) out.push_back(list.substr(begin));
  return out;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    while (i < text.size() && is_identifier_byte(text[i])) ++i;
    if (i > begin) out.push_back(text.substr(begin, i - begin));
    if (i == begin) ++i;
  }
  return out;
}

bool is_qualifier(std::string_view word) {
  constexpr std::array kWords = {"const", "volatile", "struct",   "class", "enum",
                                 "union", "register", "typename", "final", "constexpr"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

bool is_builtin(std::string_view word) {
  constexpr std::array kWords = {"int",  "char",  "bool",     "float",  "double", "void",
                                 "long", "short", "unsigned", "signed", "auto",   "wchar_t"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// "const T &value = {}": the word before the default value, behind a type.
std::string name_behind_type(std::string_view parameter) {
  int depth = 0;
  for (std::size_t i = 0; i < parameter.size(); ++i) {
    if (parameter[i] == '=' && depth == 0) {
      parameter = parameter.substr(0, i);
      break;
    }
    depth += depth_change(parameter, i);
  }
  // Of "char buffer[16]" and "int (*call)(int)" what stands before the brackets.
  const std::size_t function = parameter.find("(*");
  if (function != std::string_view::npos) {
    const auto inner = words(parameter.substr(function, parameter.find(')') - function));
    return inner.empty() ? std::string() : std::string(inner.back());
  }
  parameter = parameter.substr(0, parameter.find('['));
  while (!parameter.empty() && parameter.back() == ' ') parameter.remove_suffix(1);
  if (parameter.empty() || !is_identifier_byte(parameter.back())) return {};
  const auto all = words(parameter);
  const bool typed = std::any_of(all.begin(), all.end() - 1,
                                 [](std::string_view word) { return !is_qualifier(word); });
  const bool scoped = parameter.substr(0, parameter.size() - all.back().size()).ends_with("::");
  if (!typed || scoped || is_builtin(all.back()) || is_qualifier(all.back())) return {};
  return std::string(all.back());
}

// "value: int = 3", "mut value: T", "x int".
std::string name_before_type(std::string_view parameter) {
  for (const std::string_view word : words(parameter)) {
    if (word != "mut" && word != "readonly" && word != "final" && word != "val" && word != "var") {
      return std::string(word);
    }
  }
  return {};
}

bool takes_any_number(std::string_view parameter) {
  const std::size_t at = parameter.find_first_not_of(" &");
  return parameter.find("...") != std::string_view::npos ||
         (at != std::string_view::npos && (parameter[at] == '*' || parameter[at] == '/'));
}

}  // namespace

std::vector<std::string> parameter_names(std::string_view signature, std::string_view name,
                                         std::string_view language) {
  constexpr std::array kTypeFirst = {"c", "cpp", "cuda", "java", "csharp"};
  const bool type_first =
      std::find(kTypeFirst.begin(), kTypeFirst.end(), language) != kTypeFirst.end();
  std::vector<std::string> out;
  for (const std::string_view parameter : split(parameter_list(signature, name))) {
    if (takes_any_number(parameter)) break;
    std::string found = type_first ? name_behind_type(parameter) : name_before_type(parameter);
    if (out.empty() && !type_first && (found == "self" || found == "cls" || found == "this")) {
      continue;
    }
    out.push_back(std::move(found));
  }
  return out;
}

}  // namespace engram
