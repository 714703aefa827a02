#include "assist/engrams/memory_tokens.h"

#include <algorithm>

#include "indexer/scan/random_literals.h"
#include "memory/facts.h"

namespace engram {
namespace {

constexpr std::size_t kMinifiedLine = 300;  // bytes a line, on average
constexpr std::size_t kShortestMinified = std::size_t{8} << 10;
constexpr std::size_t kLargeGenerated = std::size_t{256} << 10;

bool is_minified(std::string_view text) {
  if (text.size() < kShortestMinified) return false;
  const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return text.size() / lines > kMinifiedLine;
}

void append(const Tokenizer& tokenizer, std::string_view text, std::vector<EngramToken>& out) {
  const std::vector<TokenId> tokens = tokenizer.encode(text);
  out.insert(out.end(), tokens.begin(), tokens.end());
}

}  // namespace

std::shared_ptr<const EngramVocabulary> engram_vocabulary(const Tokenizer& tokenizer) {
  std::vector<std::string_view> bytes;
  bytes.reserve(tokenizer.vocab_size());
  for (std::size_t id = 0; id < tokenizer.vocab_size(); ++id) {
    bytes.push_back(tokenizer.bytes(static_cast<TokenId>(id)));
  }
  return std::make_shared<const EngramVocabulary>(std::string(tokenizer.fingerprint()), bytes);
}

std::string_view remembered_part(std::string_view text, std::uint32_t file_flags) {
  const bool generated = (file_flags & static_cast<std::uint32_t>(FileFlag::kGenerated)) != 0;
  const bool capped = is_minified(text) || (generated && text.size() > kLargeGenerated);
  if (!capped || text.size() <= kCappedBytes) return text;
  const std::size_t line_end = text.rfind('\n', kCappedBytes);
  return text.substr(0, line_end == std::string_view::npos ? kCappedBytes : line_end + 1);
}

MemoryTokens memory_tokens(const Tokenizer& tokenizer, std::string_view text) {
  MemoryTokens out;
  std::size_t from = 0;
  for (const ByteSpan literal : find_random_literals(text)) {
    append(tokenizer, text.substr(from, literal.begin - from), out.tokens);
    out.tokens.push_back(kEngramCut);
    ++out.cuts;
    from = literal.end;
  }
  append(tokenizer, text.substr(from), out.tokens);
  return out;
}

}  // namespace engram
