// memory/sub_words.h: the words inside identifiers: "parseHTTPHeader2" -> parse http header 2.
//
// Borders: '_' and other non-word bytes, lower->Upper, the last capital of a run before a lower
// ("HTTPHeader" -> HTTP|Header), letter<->digit. Bytes >= 0x80 count as lower-case letters, so
// words of other scripts stay whole. Words come out in lower case (ASCII only).
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engram {

inline constexpr std::size_t kMaxWordBytes = 48;  // longer ones are cut: they are data, not words

enum class ByteClass : std::uint8_t { kOther, kUnderscore, kLower, kUpper, kDigit };

namespace detail {
constexpr ByteClass classify(unsigned c) {
  if (c >= 'a' && c <= 'z') return ByteClass::kLower;
  if (c >= 'A' && c <= 'Z') return ByteClass::kUpper;
  if (c >= '0' && c <= '9') return ByteClass::kDigit;
  if (c == '_') return ByteClass::kUnderscore;
  return c >= 0x80 ? ByteClass::kLower : ByteClass::kOther;
}
constexpr std::array<ByteClass, 256> make_byte_classes() {
  std::array<ByteClass, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) classes[c] = classify(c);
  return classes;
}
inline constexpr std::array<ByteClass, 256> kByteClasses = make_byte_classes();
}  // namespace detail

constexpr ByteClass byte_class(unsigned char c) { return detail::kByteClasses[c]; }
constexpr bool is_identifier_byte(unsigned char c) { return byte_class(c) != ByteClass::kOther; }
constexpr bool is_identifier_byte(char c) {
  return is_identifier_byte(static_cast<unsigned char>(c));
}

// The identifier bytes that a text ends with; none: empty, at its end.
constexpr std::string_view identifier_before(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && is_identifier_byte(text[begin - 1])) --begin;
  return text.substr(begin);
}

// Calls `sink(word)` for each sub-word of `identifier`; the view is valid during the call.
template <class Sink>
void for_each_sub_word(std::string_view identifier, Sink sink);

std::vector<std::string> sub_words(std::string_view text);  // of all identifiers in a text

// Bit i: a sub-word begins at byte i, one of the first kMaxStarts. For fuzzy matching.
inline constexpr std::size_t kMaxStarts = 256;
using WordStarts = std::bitset<kMaxStarts>;
WordStarts word_starts(std::string_view identifier);
std::uint64_t first_word_starts(std::string_view identifier);  // the first 64 of them

// --- implementation -----------------------------------------------------------------------------

namespace detail {
// End of the sub-word that starts at `at` (which is a letter or digit).
std::size_t sub_word_end(std::string_view s, std::size_t at);
}  // namespace detail

template <class Sink>
void for_each_sub_word(std::string_view identifier, Sink sink) {
  char lower[kMaxWordBytes];
  std::size_t at = 0;
  while (at < identifier.size()) {
    const ByteClass c = byte_class(static_cast<unsigned char>(identifier[at]));
    if (c == ByteClass::kOther || c == ByteClass::kUnderscore) {
      ++at;
      continue;
    }
    const std::size_t end = detail::sub_word_end(identifier, at);
    const std::size_t size = end - at < kMaxWordBytes ? end - at : kMaxWordBytes;
    for (std::size_t i = 0; i < size; ++i) {
      const char b = identifier[at + i];
      lower[i] = static_cast<char>(b >= 'A' && b <= 'Z' ? b | 0x20 : b);
    }
    sink(std::string_view(lower, size));
    at = end;
  }
}

}  // namespace engram
