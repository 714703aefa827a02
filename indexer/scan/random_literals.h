// indexer/scan/random_literals.h: strings no person wrote: keys, tokens, digests, encoded data.
//
// Whether a random string is a secret cannot be told from it, so all of them stay out of what is
// remembered for completions: nobody wants one suggested. Judged by statistics alone: entropy,
// digits, and how often the class of character changes; names, paths, dotted versions and UUIDs
// pass. find_secret (secrets.h) is for refusing whole files and demands more.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

struct ByteSpan {
  std::size_t begin = 0, end = 0;
};

// In order, disjoint, never across a line end: runs of base64 or URL-token characters, of at least
// 20 when quoted, else of at least 40, that look random.
std::vector<ByteSpan> find_random_literals(std::string_view text);

// Without them; lines stay where they are.
std::string without_random_literals(std::string_view text);

// A string of 20 to 200 characters that looks drawn, not written. Placeholders do not count.
bool looks_random(std::string_view value);
double character_entropy(std::string_view text);  // bits per character
bool is_placeholder(std::string_view text);       // "your-key-here", "xxxx", "deadbeef"...

}  // namespace engram
