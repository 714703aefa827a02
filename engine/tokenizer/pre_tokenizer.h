// engine/tokenizer/pre_tokenizer.h: where a text is cut before byte-pair merging.
//
// Each kind is the hand-written scanner of one regular expression, or of several applied in
// sequence, each to the pieces that the one before it left (given in the .cpp files); no merge
// crosses a cut. Scanning is linear, whatever the text.
//
// Threads: pure functions.  Errors: none; any bytes are a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace engram {

enum class PreTokenizer : std::uint8_t {
  kGpt2,
  kSmollm,
  kQwen2,
  kLlama3,
  kSeedCoder,
  kDeepseekLlm,
  kDeepseekCoder,
  kDeepseekV3,
  kDefault,  // what llama.cpp does where a converter did not know the model
};

struct PreTokenizerRules {
  PreTokenizer kind = PreTokenizer::kDefault;
  // Llama 3: a piece that is a token stays whole, whatever the merge rules make of it, and the
  // begin-of-text mark is added unless the file says otherwise.
  bool llama3_family = false;
};

// By the value of tokenizer.ggml.pre, aliases included.
std::optional<PreTokenizerRules> find_pre_tokenizer(std::string_view name);

// End of the piece that begins at `begin`.  REQUIRES: begin < text.size() and a piece begins there.
std::size_t piece_end(PreTokenizer kind, std::string_view text, std::size_t begin);

}  // namespace engram
