// engine/tokenizer/deepseek_pieces.h: where the tokenizers of the DeepSeek families cut a text.
// Private to engine/tokenizer; see pre_tokenizer.h.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstddef>
#include <string_view>

namespace engram {

std::size_t deepseek_llm_piece_end(std::string_view text, std::size_t begin);    // LLM, V2
std::size_t deepseek_coder_piece_end(std::string_view text, std::size_t begin);  // Coder
std::size_t deepseek_v3_piece_end(std::string_view text, std::size_t begin);     // V3, R1

}  // namespace engram
