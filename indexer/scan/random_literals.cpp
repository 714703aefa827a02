#include "indexer/scan/random_literals.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string>

#include "core/ascii.h"
#include "indexer/scan/ascii.h"

namespace engram {

namespace {

using std::string_view;

constexpr std::size_t kShortestQuoted = 20, kShortest = 40, kLongestJudgedAsKey = 200;

// Letters, digits and the marks of base64 and URL tokens.
const std::array<bool, 256>& literal_characters() {
  static const std::array<bool, 256> set = [] {
    std::array<bool, 256> out{};
    for (int c = 0; c < 256; ++c)
      out[static_cast<std::size_t>(c)] = c < 128 && std::isalnum(c) != 0;
    for (const char c : {'+', '/', '=', '_', '-'}) out[static_cast<unsigned char>(c)] = true;
    return out;
  }();
  return set;
}

// As looks_random, for encoded data longer than any key: its beginning decides.
bool is_random_run(string_view run) { return looks_random(run.substr(0, kLongestJudgedAsKey)); }

}  // namespace

// Bits per character of the string's own distribution.
double character_entropy(std::string_view text) {
  std::array<unsigned, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const unsigned count : counts) {
    if (count == 0) continue;
    const double p = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= p * std::log2(p);
  }
  return bits;
}

bool is_placeholder(std::string_view text) {
  const std::string folded = ascii_lower(text);
  for (const std::string_view word :
       {"example", "xxxx", "placeholder", "changeme", "your", "dummy", "fake", "sample", "redacted",
        "1234567890", "abcdefgh", "deadbeef", "00000000", "aaaaaaaa", "insert", "<", "$", "{"}) {
    if (folded.find(word) != std::string::npos) return true;
  }
  return false;
}

bool looks_random(std::string_view value) {
  if (value.size() < 20 || value.size() > 200 || is_placeholder(value)) return false;
  const auto digits = std::ranges::count_if(value, [](char c) { return c >= '0' && c <= '9'; });
  if (digits < 3) return false;
  if (std::ranges::all_of(value, is_hex_digit))
    return value.size() >= 32 && character_entropy(value) >= 3.2;
  const bool lower = std::ranges::any_of(value, [](char c) { return c >= 'a' && c <= 'z'; });
  const bool upper = std::ranges::any_of(value, [](char c) { return c >= 'A' && c <= 'Z'; });
  // Paths, dotted names and dates have few switches between the classes of characters.
  std::size_t switches = 0;
  for (std::size_t i = 1; i < value.size(); ++i) {
    const auto kind = [](char c) { return c >= '0' && c <= '9' ? 0 : c >= 'a' ? 1 : 2; };
    switches += kind(value[i]) != kind(value[i - 1]) ? 1 : 0;
  }
  return lower && upper && character_entropy(value) >= 4.0 && switches * 3 >= value.size();
}

std::vector<ByteSpan> find_random_literals(std::string_view text) {
  const std::array<bool, 256>& set = literal_characters();
  std::vector<ByteSpan> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && set[static_cast<unsigned char>(text[i])]) continue;
    const std::size_t length = i - begin;
    if (length >= kShortestQuoted) {
      const bool quoted = begin > 0 && i < text.size() && text[begin - 1] == text[i] &&
                          (text[i] == '"' || text[i] == '\'' || text[i] == '`');
      if ((quoted || length >= kShortest) && is_random_run(text.substr(begin, length))) {
        out.push_back({begin, i});
      }
    }
    begin = i + 1;
  }
  return out;
}

std::string without_random_literals(std::string_view text) {
  std::string out;
  std::size_t end = 0;
  for (const ByteSpan& literal : find_random_literals(text)) {
    out += text.substr(end, literal.begin - end);
    end = literal.end;
  }
  out += text.substr(end);
  return out;
}

}  // namespace engram
