// engine/tokenizer/supported_tokenizers.h: which tokenizers this version reads, by the names that
// GGUF files have for them.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <string_view>
#include <vector>

namespace engram {

std::vector<std::string_view> supported_tokenizers();      // tokenizer.ggml.model
std::vector<std::string_view> supported_pre_tokenizers();  // tokenizer.ggml.pre, of "gpt2"

}  // namespace engram
