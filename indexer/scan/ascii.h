// indexer/scan/ascii.h: lower case of ASCII letters, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace engram {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = ascii_lower(c);
  return out;
}

}  // namespace engram
