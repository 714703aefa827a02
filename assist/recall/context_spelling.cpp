#include "assist/recall/context_spelling.h"

#include <algorithm>

namespace engram {
namespace {

enum class Class : unsigned char { kLetter, kDigit, kSpace, kOther };

// Bytes of other scripts count as letters, as tokenizers mostly have it.
Class class_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return Class::kLetter;
  if (c >= '0' && c <= '9') return Class::kDigit;
  return c == ' ' || (c >= '\t' && c <= '\r') ? Class::kSpace : Class::kOther;
}

}  // namespace

bool ContextSpelling::ends_in_space(std::string_view text) {
  return !text.empty() && class_of(text.back()) == Class::kSpace;
}

std::string ContextSpelling::text(std::span<const TokenId> sequence) const {
  const std::vector<TokenId> tokens = place_.context(sequence, kTail);
  const Tokenizer& tokenizer = index_->tokenizer();
  auto begin = tokens.end();
  while (begin != tokens.begin() && !tokenizer.is_control(*(begin - 1))) --begin;
  std::string text;
  for (auto token = begin; token != tokens.end(); ++token) text += tokenizer.bytes(*token);
  return text;
}

std::vector<TokenId> ContextSpelling::chosen(std::span<const TokenId> sequence) const {
  if (!spells()) return place_.context(sequence);
  std::string before = text(sequence);
  if (!ends_in_space(before)) return index_->tokenizer().encode(before);
  const TokenId last = sequence.back();
  before.resize(before.size() - std::min(before.size(), index_->tokenizer().bytes(last).size()));
  std::vector<TokenId> tokens = index_->tokenizer().encode(before);
  tokens.push_back(last);
  return tokens;
}

SpelledContext ContextSpelling::closed(std::string_view text) const {
  return {index_->tokenizer().encode(text)};
}

std::vector<SpelledContext> ContextSpelling::open(std::string_view text) const {
  std::vector<SpelledContext> ways;
  if (text.empty()) return ways;
  std::string spelt(text);
  std::size_t word = text.size();  // where the first open token begins, or inside of it
  if (ends_in_space(text)) {
    spelt += 'x';
  } else {
    while (word > 0 && class_of(text[word - 1]) == class_of(text.back())) --word;
  }
  const std::vector<TokenId> tokens = index_->tokenizer().encode(spelt);
  std::size_t begin = 0;
  for (std::size_t i = 0; i < tokens.size() && begin <= text.size(); ++i) {
    const std::size_t end = begin + index_->tokenizer().bytes(tokens[i]).size();
    if (end > word) {
      ways.push_back({{tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(i)},
                      std::string(text.substr(begin))});
    }
    begin = end;
  }
  if (ways.size() > kMostWays) {
    ways.erase(ways.begin(), ways.end() - static_cast<std::ptrdiff_t>(kMostWays));
  }
  return ways;
}

}  // namespace engram
