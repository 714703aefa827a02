// engine/prompt_encoding.h: from a request's prompt and forced text to the tokens a model goes on
// from.
//
// Forced text and the text part just before it are encoded together, as the model saw such text in
// training. Where the tokenizer wants a space before a text (Tokenizer::space_prefix), one comes at
// the beginning and after each control token but the mark of fill-in-the-middle's suffix, as Code
// Llama's and Mistral's own code has it. The last token, and white space before it if that too is
// white space, is taken back and has to be spelled again (token healing, engine/sampler.h). A
// prompt longer than the context loses text from its beginning, or is refused, as the request says.
//
// Threads: a pure function.  Errors: kInvalidArgument a control token that the model lacks; a
// prompt that does not fit.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/result.h"
#include "engine/engine.h"

namespace engram {

struct EncodedPrompt {
  std::vector<TokenId> ids;
  std::string forced;             // bytes taken back, to be spelled first
  std::size_t prompt_tokens = 0;  // before any were taken back
  std::size_t cut_tokens = 0;     // to fit the context
};

Result<EncodedPrompt> encode_prompt(const Tokenizer& tokenizer, const GenerationRequest& request,
                                    std::size_t context_tokens);

}  // namespace engram
