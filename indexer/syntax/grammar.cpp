#include "indexer/syntax/grammar.h"

#include <tree_sitter/api.h>

extern "C" {
const TSLanguage* tree_sitter_bash();
const TSLanguage* tree_sitter_c();
const TSLanguage* tree_sitter_c_sharp();
const TSLanguage* tree_sitter_cpp();
const TSLanguage* tree_sitter_css();
const TSLanguage* tree_sitter_cuda();
const TSLanguage* tree_sitter_go();
const TSLanguage* tree_sitter_html();
const TSLanguage* tree_sitter_java();
const TSLanguage* tree_sitter_javascript();
const TSLanguage* tree_sitter_json();
const TSLanguage* tree_sitter_kotlin();
const TSLanguage* tree_sitter_lua();
const TSLanguage* tree_sitter_markdown();
const TSLanguage* tree_sitter_php();
const TSLanguage* tree_sitter_python();
const TSLanguage* tree_sitter_ruby();
const TSLanguage* tree_sitter_rust();
const TSLanguage* tree_sitter_scala();
const TSLanguage* tree_sitter_swift();
const TSLanguage* tree_sitter_toml();
const TSLanguage* tree_sitter_tsx();
const TSLanguage* tree_sitter_typescript();
const TSLanguage* tree_sitter_yaml();
}

namespace engram {

namespace {

struct Grammar {
  std::string_view language;
  const TSLanguage* (*load)();
};

constexpr Grammar kGrammars[] = {
    {"bash", tree_sitter_bash},
    {"c", tree_sitter_c},
    {"cpp", tree_sitter_cpp},
    {"csharp", tree_sitter_c_sharp},
    {"css", tree_sitter_css},
    {"cuda", tree_sitter_cuda},
    {"go", tree_sitter_go},
    {"html", tree_sitter_html},
    {"java", tree_sitter_java},
    {"javascript", tree_sitter_javascript},
    {"json", tree_sitter_json},
    {"kotlin", tree_sitter_kotlin},
    {"lua", tree_sitter_lua},
    {"markdown", tree_sitter_markdown},
    {"php", tree_sitter_php},
    {"python", tree_sitter_python},
    {"ruby", tree_sitter_ruby},
    {"rust", tree_sitter_rust},
    {"scala", tree_sitter_scala},
    {"swift", tree_sitter_swift},
    {"toml", tree_sitter_toml},
    {"tsx", tree_sitter_tsx},
    {"typescript", tree_sitter_typescript},
    {"yaml", tree_sitter_yaml},
};

}  // namespace

const TSLanguage* grammar_of(std::string_view language) {
  for (const Grammar& grammar : kGrammars) {
    if (grammar.language == language) return grammar.load();
  }
  return nullptr;
}

}  // namespace engram
