// memory/trigram_filter.h: one content's trigrams as a small Bloom bitmap, so that a text search
// decompresses only what may match.
//
// ASCII letters are folded, one hash a trigram; the bitmap is the smallest power of two that is at
// most 30 % full, about 0.15 byte per byte of text. It may say yes wrongly, never no: a text in
// which letters other than ASCII's fold to ASCII (U+017F, U+212A) has an empty bitmap, which means
// "maybe" to everything.
//
// Threads: pure functions.  Errors: none; a bitmap of an impossible size means "maybe".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

std::string make_trigram_filter(std::string_view text);

// What a text must have for `literal` to occur in it, in either case of ASCII letters.
// `ascii_only`: leave out trigrams with other bytes (when matching folds Unicode).
std::vector<std::uint32_t> trigram_hashes(std::string_view literal, bool ascii_only);

bool may_contain(std::string_view filter, const std::vector<std::uint32_t>& hashes);

}  // namespace engram
