// engine/tokenizer/fim_format.h: how each family of models was trained to fill in the middle.
//
// The family is chosen by the marks that the vocabulary has, never by the model's name; marks that
// only the file's own keys declare (tokenizer.ggml.fim_pre_token_id, ...) make a plain
// prefix-suffix-middle format. Whether a given file can do it is another question
// (assist/completion, fim_self_test).
//
// Sources: the families' papers and model cards (Qwen2.5-Coder, StarCoder 2 section 5.1,
// DeepSeek-Coder, Code Llama, CodeGemma, Codestral in mistral-common, Seed-Coder, Mellum,
// aiXcoder).
//
// Threads: pure functions.  Errors: none; no family is absence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

// Where other files, and the path of this one, stand.
enum class FimFiles : std::uint8_t {
  kMarked,        // repository\n, then for each file: mark, path\n, contents; then the prefix mark
  kMarkedInside,  // the same without \n after the repository; this file's path\n after the prefix
                  // mark
  kCommented,     // "#path\n" and contents, after the prefix mark
  kPlusHeaders,   // "+++++ path\n" and contents, after the prefix mark
};

struct FimFormat {
  std::string_view family;
  // Exact names of control tokens. An empty middle: the prompt ends with the prefix. Empty
  // repository and file marks: the vocabulary has none.
  std::string prefix, suffix, middle, repository, file;
  FimFiles files = FimFiles::kMarked;
  bool suffix_first = false;
};

std::optional<FimFormat> find_fim_format(const Tokenizer& tokenizer);

// Marks of files in vocabularies without marks for the middle, too; empty: none.
struct FileMarks {
  std::string repository, file;
};
FileMarks find_file_marks(const Tokenizer& tokenizer);

// Whether a token of this name is such a mark, whatever type the file gives it: converters have
// called some of them normal text.
bool is_fim_mark(std::string_view name);

}  // namespace engram
