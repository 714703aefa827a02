// assist/completion/model_format.h: how a model wants to be asked.
//
// Decided by what its vocabulary has and by the fill-in-the-middle self-test, never by its name.
// docs/design/001-completion.md shows each layout written out.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "assist/models/model_store.h"
#include "engine/engine.h"
#include "engine/tokenizer/fim_format.h"

namespace engram {

enum class PromptLayout : std::uint8_t {
  kFillInTheMiddle,  // repository files, then prefix, suffix, middle marks
  kRepository,       // repository files, the text below the cursor as one of them, then the prefix
  kPlain,            // no marks at all: other files as comments, then the prefix
};
std::string_view to_string(PromptLayout layout);

struct ModelFormat : FimFormat {  // marks that the vocabulary lacks are empty
  PromptLayout layout = PromptLayout::kPlain;
  // The tokenizer joins a newline with the indentation after it ("\n    "), so a prompt that is to
  // be cut at a line start is better cut before the newline.
  bool newline_joins_indentation = false;
};

ModelFormat model_format(const Tokenizer& tokenizer, FimVerdict verdict);

// Prefix and suffix with the format's marks, in its order.
std::vector<PromptPart> fill_in_the_middle(const ModelFormat& format, std::string_view prefix,
                                           std::string_view suffix);

}  // namespace engram
