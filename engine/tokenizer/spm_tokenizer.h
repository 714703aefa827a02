// engine/tokenizer/spm_tokenizer.h: SentencePiece's BPE: the pair with the best score is joined
// first.
//
// For files whose tokenizer.ggml.model is "llama" (Llama 2, CodeLlama) or "gemma". A space is the
// character U+2581, the whole text is one piece, and characters without a token become byte tokens
// ("<0x0A>"). tokenizer.ggml.add_space_prefix is what space_prefix() says. User-defined tokens are
// found in text first, longest first.
//
// Threads: thread-safe.  Errors: kCorrupt naming the key.
#pragma once

#include <memory>

#include "core/result.h"
#include "engine/gguf.h"
#include "engine/tokenizer/tokenizer.h"

namespace engram {

Result<std::shared_ptr<const Tokenizer>> load_spm_tokenizer(const GgufFile& file);

}  // namespace engram
