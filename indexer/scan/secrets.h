// indexer/scan/secrets.h: credentials inside a text: private keys, tokens of known services,
// and long random strings assigned to a name that says what they are.
//
// Tuned for few false alarms on real code: a token must have its service's prefix, alphabet and
// length; a private key needs its body, not just the heading a parser compares with; a random
// string needs a telling name, quotes, and the statistics of randomness. Placeholders and the
// documented example keys do not count.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engram {

struct SecretFinding {
  std::string kind;        // "AWS access key", "private key": never the secret itself
  std::uint32_t line = 0;  // 1-based
};

std::optional<SecretFinding> find_secret(std::string_view text);  // the first one

}  // namespace engram
