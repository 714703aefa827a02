#include "memory/sub_words.h"

namespace engram {

namespace {

ByteClass class_at(std::string_view s, std::size_t i) {
  return byte_class(static_cast<unsigned char>(s[i]));
}

}  // namespace

std::size_t detail::sub_word_end(std::string_view s, std::size_t at) {
  std::size_t end = at + 1;
  const ByteClass first = class_at(s, at);
  if (first != ByteClass::kUpper) {
    while (end < s.size() && class_at(s, end) == first) ++end;
    return end;
  }
  while (end < s.size() && class_at(s, end) == ByteClass::kUpper) ++end;
  if (end < s.size() && class_at(s, end) == ByteClass::kLower) {
    if (end - at > 1) return end - 1;  // HTTP|Header
    while (end < s.size() && class_at(s, end) == ByteClass::kLower) ++end;
  }
  return end;
}

std::vector<std::string> sub_words(std::string_view text) {
  std::vector<std::string> words;
  for_each_sub_word(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

namespace {

template <class Sink>
void for_each_word_start(std::string_view identifier, std::size_t limit, Sink sink) {
  std::size_t at = 0;
  while (at < identifier.size() && at < limit) {
    const ByteClass c = class_at(identifier, at);
    if (c == ByteClass::kOther || c == ByteClass::kUnderscore) {
      ++at;
      continue;
    }
    sink(at);
    at = detail::sub_word_end(identifier, at);
  }
}

}  // namespace

WordStarts word_starts(std::string_view identifier) {
  WordStarts starts;
  for_each_word_start(identifier, kMaxStarts, [&](std::size_t at) { starts[at] = true; });
  return starts;
}

std::uint64_t first_word_starts(std::string_view identifier) {
  std::uint64_t starts = 0;
  for_each_word_start(identifier, 64, [&](std::size_t at) { starts |= std::uint64_t{1} << at; });
  return starts;
}

}  // namespace engram
