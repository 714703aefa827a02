// assist/completion/prompt.h: the prompt of one completion, as parts in the model's own format.
//
// Stable first: repository name, snippets of other files, then the file itself, so that two prompts
// at neighbouring places share as long a prefix as possible. The text between the anchor and the
// cursor is not in it: the engine gets that as forced text.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assist/completion/model_format.h"
#include "core/certainty.h"
#include "engine/engine.h"

namespace engram {

// A piece of another file: a chunk similar to the place, or an outline of definitions in scope.
struct PromptSnippet {
  enum class Kind : std::uint8_t { kDefinitions, kChunk };
  Kind kind = Kind::kChunk;
  std::string path;
  std::string text;
  std::uint32_t line = 0;                     // 1-based, of the text's first line
  std::vector<std::string> names;             // definitions: what they define
  std::vector<std::uint32_t> lines;           // definitions: where, one for each name
  Certainty certainty = Certainty::kTextual;  // of the facts in it
  double score = 0;
  friend bool operator==(const PromptSnippet&, const PromptSnippet&) = default;
};

struct PromptText {
  std::string repository;
  std::string path;
  std::string line_comment;  // of the language, for the plain layout
  std::vector<PromptSnippet> snippets;
  std::string prefix;  // of the file, up to the anchor
  std::string suffix;  // below the cursor
};

std::vector<PromptPart> build_prompt(const ModelFormat& format, const PromptText& text);

// The same as token ids, as the engine will see them (without a begin-of-text mark).
std::vector<TokenId> encode_prompt(const Tokenizer& tokenizer,
                                   const std::vector<PromptPart>& prompt);

// The last whole lines of `text` that take at most `tokens` (never none when the last line alone is
// longer: then its last characters), and the first whole lines likewise.
std::string_view last_lines(const Tokenizer& tokenizer, std::string_view text, std::size_t tokens);
std::string_view first_lines(const Tokenizer& tokenizer, std::string_view text, std::size_t tokens);

}  // namespace engram
