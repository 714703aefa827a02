#include "indexer/syntax/language.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace engram {

namespace {

constexpr std::array<LanguageTraits, 24> kLanguages = {{
    {"bash", "#", "", false},         {"c", "//", "::", false},
    {"cpp", "//", "::", false},       {"csharp", "//", ".", false},
    {"css", "", "", false},           {"cuda", "//", "::", false},
    {"go", "//", ".", false},         {"html", "", "", false},
    {"java", "//", ".", false},       {"javascript", "//", ".", false},
    {"json", "", ".", false},         {"kotlin", "//", ".", false},
    {"lua", "--", ".", false},        {"markdown", "", "", false},
    {"php", "//", "::", false},       {"python", "#", ".", true},
    {"ruby", "#", "::", false},       {"rust", "//", "::", false},
    {"scala", "//", ".", false},      {"swift", "//", ".", false},
    {"toml", "#", ".", false},        {"tsx", "//", ".", false},
    {"typescript", "//", ".", false}, {"yaml", "#", ".", true},
}};

struct Mapping {
  std::string_view key;
  std::string_view language;
};

// Extensions in lower case, without the dot. ".h" is decided by contents.
constexpr Mapping kExtensions[] = {
    {"c", "c"},
    {"cc", "cpp"},
    {"cpp", "cpp"},
    {"cxx", "cpp"},
    {"c++", "cpp"},
    {"hh", "cpp"},
    {"hpp", "cpp"},
    {"hxx", "cpp"},
    {"h++", "cpp"},
    {"ipp", "cpp"},
    {"inl", "cpp"},
    {"tpp", "cpp"},
    {"txx", "cpp"},
    {"tcc", "cpp"},
    {"ixx", "cpp"},
    {"cppm", "cpp"},
    {"cxxm", "cpp"},
    {"ccm", "cpp"},
    {"c++m", "cpp"},
    {"mpp", "cpp"},
    {"cu", "cuda"},
    {"cuh", "cuda"},
    {"py", "python"},
    {"pyi", "python"},
    {"pyw", "python"},
    {"js", "javascript"},
    {"mjs", "javascript"},
    {"cjs", "javascript"},
    {"jsx", "javascript"},
    {"ts", "typescript"},
    {"mts", "typescript"},
    {"cts", "typescript"},
    {"tsx", "tsx"},
    {"rs", "rust"},
    {"go", "go"},
    {"java", "java"},
    {"cs", "csharp"},
    {"csx", "csharp"},
    {"rb", "ruby"},
    {"rake", "ruby"},
    {"gemspec", "ruby"},
    {"php", "php"},
    {"phtml", "php"},
    {"php5", "php"},
    {"sh", "bash"},
    {"bash", "bash"},
    {"ksh", "bash"},
    {"zsh", "bash"},
    {"bats", "bash"},
    {"lua", "lua"},
    {"kt", "kotlin"},
    {"kts", "kotlin"},
    {"swift", "swift"},
    {"scala", "scala"},
    {"sc", "scala"},
    {"sbt", "scala"},
    {"json", "json"},
    {"jsonc", "json"},
    {"json5", "json"},
    {"webmanifest", "json"},
    {"geojson", "json"},
    {"yaml", "yaml"},
    {"yml", "yaml"},
    {"toml", "toml"},
    {"html", "html"},
    {"htm", "html"},
    {"xhtml", "html"},
    {"css", "css"},
    {"md", "markdown"},
    {"markdown", "markdown"},
    {"mdown", "markdown"},
};

// Whole file names that carry no extension, or a misleading one.
constexpr Mapping kNames[] = {
    {"Rakefile", "ruby"},      {"Gemfile", "ruby"},       {"Guardfile", "ruby"},
    {"Vagrantfile", "ruby"},   {"Podfile", "ruby"},       {"Brewfile", "ruby"},
    {"config.ru", "ruby"},     {"SConstruct", "python"},  {"SConscript", "python"},
    {"wscript", "python"},     {".bashrc", "bash"},       {".bash_profile", "bash"},
    {".bash_aliases", "bash"}, {".profile", "bash"},      {"PKGBUILD", "bash"},
    {"APKBUILD", "bash"},      {".clang-format", "yaml"}, {".clang-tidy", "yaml"},
    {".clangd", "yaml"},       {"Pipfile", "toml"},       {"Cargo.lock", "toml"},
    {"poetry.lock", "toml"},   {".babelrc", "json"},      {".eslintrc", "json"},
    {"composer.lock", "json"},
};

constexpr Mapping kInterpreters[] = {
    {"python", "python"}, {"pypy", "python"},     {"bash", "bash"},         {"sh", "bash"},
    {"dash", "bash"},     {"ash", "bash"},        {"ksh", "bash"},          {"zsh", "bash"},
    {"ruby", "ruby"},     {"node", "javascript"}, {"nodejs", "javascript"}, {"deno", "typescript"},
    {"php", "php"},       {"lua", "lua"},         {"luajit", "lua"},        {"scala", "scala"},
    {"kotlin", "kotlin"}, {"swift", "swift"},
};

template <std::size_t N>
std::string_view find_mapping(const Mapping (&table)[N], std::string_view key) {
  for (const Mapping& m : table) {
    if (m.key == key) return m.language;
  }
  return {};
}

// "#!/usr/bin/env -S python3.11 -u" -> "python"
std::string_view language_of_shebang(std::string_view contents) {
  if (!contents.starts_with("#!")) return {};
  std::string_view line = contents.substr(2, contents.find('\n') - 2);
  while (!line.empty()) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
    line.remove_prefix(word.size());
    if (const auto slash = word.rfind('/'); slash != std::string_view::npos) {
      word.remove_prefix(slash + 1);
    }
    if (word.empty() || word == "env" || word.starts_with('-') ||
        word.find('=') != std::string_view::npos) {
      continue;
    }
    while (!word.empty() && (std::isdigit(static_cast<unsigned char>(word.back())) != 0 ||
                             word.back() == '.' || word.back() == '-')) {
      word.remove_suffix(1);
    }
    return find_mapping(kInterpreters, word);
  }
  return {};
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The next line of code words of a header, comments and strings left out.
// Enough of a lexer to tell `class` in code from "class" in a comment.
std::string code_words(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i, 2) == "/*") {
      const auto end = text.find("*/", i + 2);
      i = end == std::string_view::npos ? text.size() : end + 2;
      out += ' ';
    } else if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"' && text[i] != '\n'; ++i) {
        if (text[i] == '\\') ++i;
      }
      if (i < text.size()) ++i;
      out += "\"\"";
    } else {
      out += text[i++];
    }
  }
  return out;
}

// A ".h" is C++ when its code uses a word or mark that C has not. Code inside
// `#ifdef __cplusplus ... #endif` does not count: C headers have it too.
bool header_is_cpp(std::string_view contents) {
  constexpr std::string_view kWords[] = {
      "class",     "namespace", "template", "typename",    "constexpr", "public",  "private",
      "protected", "virtual",   "operator", "using",       "friend",    "mutable", "explicit",
      "noexcept",  "override",  "nullptr",  "static_cast", "decltype"};
  const std::string code = code_words(contents.substr(0, 64u << 10));
  int guarded = 0;  // depth of #if below a __cplusplus guard, 0 outside
  std::size_t begin = 0;
  while (begin < code.size()) {
    const std::size_t end = std::min(code.find('\n', begin), code.size());
    std::string_view line = std::string_view(code).substr(begin, end - begin);
    begin = end + 1;
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.starts_with('#')) {
      line.remove_prefix(1);
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      const bool mentions = line.find("__cplusplus") != std::string_view::npos;
      if (line.starts_with("if")) {
        if (guarded > 0 || mentions) ++guarded;
      } else if (line.starts_with("endif")) {
        if (guarded > 0) --guarded;
      } else if (line.starts_with("include") && line.find('<') != std::string_view::npos &&
                 line.find('.') == std::string_view::npos && guarded == 0) {
        return true;  // <vector>: a header without extension is C++
      }
      continue;
    }
    if (guarded > 0) continue;
    if (line.find("::") != std::string_view::npos) return true;
    for (std::size_t i = 0; i < line.size();) {
      if (!is_word(line[i])) {
        ++i;
        continue;
      }
      std::size_t j = i;
      while (j < line.size() && is_word(line[j])) ++j;
      const std::string_view word = line.substr(i, j - i);
      if (std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords)) {
        // `int class;` is legal C: the word must not be a plain name there.
        const auto next = line.find_first_not_of(" \t", j);
        const char after = next == std::string_view::npos ? '\0' : line[next];
        if (after != ';' && after != ',' && after != ')' && after != '=' && after != '[') {
          return true;
        }
      }
      i = j;
    }
  }
  return false;
}

}  // namespace

std::string_view language_of(std::string_view path, std::string_view contents) {
  const auto slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  if (const auto known = find_mapping(kNames, name); !known.empty()) return known;
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) {
    if (const auto by_shebang = language_of_shebang(contents); !by_shebang.empty()) {
      return by_shebang;
    }
    // The standard library's headers carry no extension but name their mode for an editor.
    if (contents.substr(0, 400).find("-*- C++ -*-") != std::string_view::npos) return "cpp";
    return {};
  }
  const std::string_view raw = name.substr(dot + 1);
  if (raw == "C" || raw == "H") return "cpp";
  std::string extension(raw);
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (extension == "h") return header_is_cpp(contents) ? "cpp" : "c";
  if (extension == "inc" && contents.substr(0, 200).find("<?php") != std::string_view::npos) {
    return "php";
  }
  if (const auto known = find_mapping(kExtensions, extension); !known.empty()) return known;
  return language_of_shebang(contents);
}

std::span<const std::string_view> languages() {
  static const auto names = [] {
    std::array<std::string_view, kLanguages.size()> out;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = kLanguages[i].name;
    return out;
  }();
  return names;
}

const LanguageTraits* language_traits(std::string_view language) {
  for (const LanguageTraits& traits : kLanguages) {
    if (traits.name == language) return &traits;
  }
  return nullptr;
}

}  // namespace engram
