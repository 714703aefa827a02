// engine/tokenizer/normalization.h: Unicode normalisation form C, which Qwen's tokenizer applies to
// text before it is cut (UAX #15; Hugging Face `normalizers.NFC`).
//
// Bytes that are not UTF-8 stay as they are and compose with nothing.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <string>
#include <string_view>

namespace engram {

// The text itself when it is in form C already, as source code nearly always is (then `memory`
// stays untouched); else its normalised copy in `memory`.
std::string_view to_nfc(std::string_view text, std::string& memory);

}  // namespace engram
