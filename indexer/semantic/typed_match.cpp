#include "indexer/semantic/typed_match.h"

#include <algorithm>

namespace engram {

namespace {

char fold(char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); }

}  // namespace

TypedMatch typed_match(std::string_view name, std::string_view typed) {
  if (name.starts_with(typed)) return TypedMatch::kBegins;
  const auto same = [](char a, char b) { return fold(a) == fold(b); };
  if (name.size() < typed.size()) return TypedMatch::kNone;
  if (std::equal(typed.begin(), typed.end(), name.begin(), same)) return TypedMatch::kBeginsFolded;
  std::size_t at = 0;
  for (const char c : typed) {
    while (at < name.size() && !same(name[at], c)) ++at;
    if (at++ == name.size()) return TypedMatch::kNone;
  }
  return TypedMatch::kInOrder;
}

}  // namespace engram
