// indexer/scan/text_encoding.h: files that are text in UTF-16, as UTF-8.
//
// The rest of the program reads UTF-8; a file that begins with UTF-16's byte order mark is decoded
// when it is read, and positions in it are those of the decoded text.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace engram {

// Nothing when the contents do not begin with such a mark, when a surrogate has no partner, or when
// bytes are left over: then they are no text. The mark is dropped.
std::optional<std::string> utf8_from_utf16(std::string_view contents);

}  // namespace engram
