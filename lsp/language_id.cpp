#include "lsp/language_id.h"

#include <algorithm>
#include <array>
#include <utility>

namespace engram::lsp {

namespace {

// Ids of the specification, of VS Code and of Neovim that differ from our names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kOther{{
    {"cuda-cpp", "cuda"},
    {"javascriptreact", "javascript"},
    {"typescriptreact", "tsx"},
    {"shellscript", "bash"},
    {"sh", "bash"},
    {"cs", "csharp"},
    {"c++", "cpp"},
    {"jsonc", "json"},
    {"dockercompose", "yaml"},
    {"scss", "css"},
    {"less", "css"},
    {"quarto", "markdown"},
}};

constexpr std::array<std::string_view, 23> kSame{
    "c",     "cpp",   "cuda",   "python", "javascript", "typescript", "tsx", "rust",
    "go",    "java",  "csharp", "ruby",   "php",        "bash",       "lua", "kotlin",
    "swift", "scala", "json",   "yaml",   "toml",       "html",       "css"};

}  // namespace

std::string language_from_id(std::string_view id) {
  if (id == "markdown" || std::find(kSame.begin(), kSame.end(), id) != kSame.end()) {
    return std::string(id);
  }
  const auto found = std::find_if(kOther.begin(), kOther.end(),
                                  [&](const auto& entry) { return entry.first == id; });
  return found != kOther.end() ? std::string(found->second) : std::string();
}

}  // namespace engram::lsp
