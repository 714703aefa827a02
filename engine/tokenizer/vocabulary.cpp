#include "engine/tokenizer/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/tokenizer/fim_format.h"

namespace engram {
namespace {

constexpr std::size_t kMaxTokens = std::size_t{1} << 24;
constexpr std::size_t kAlphabetEnd = 0x144;  // one past its largest code point

// Code point -> byte, -1 for none.
std::array<std::int16_t, kAlphabetEnd> inverse_alphabet() {
  std::array<std::int16_t, kAlphabetEnd> inverse;
  inverse.fill(-1);
  const auto alphabet = byte_alphabet();
  for (std::size_t b = 0; b < 256; ++b) inverse[alphabet[b]] = static_cast<std::int16_t>(b);
  return inverse;
}

// Appends the raw bytes of `name`; false when a character is not of the alphabet.
bool append_raw(std::string_view name, const std::array<std::int16_t, kAlphabetEnd>& inverse,
                std::string& out) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    std::size_t value = static_cast<unsigned char>(name[i]);
    if (value >= 0x80) {
      if ((value & 0xE0) != 0xC0 || i + 1 == name.size()) return false;
      value = ((value & 0x1F) << 6) | (static_cast<unsigned char>(name[++i]) & 0x3F);
    }
    if (value >= kAlphabetEnd || inverse[value] < 0) return false;
    out.push_back(static_cast<char>(inverse[value]));
  }
  return true;
}

bool is_text(TokenType type) { return type == TokenType::kNormal || type == TokenType::kByte; }

Error bad(const GgufFile& file, std::string_view what) {
  return {Errc::kCorrupt,
          fmt::format("cannot read the tokenizer of {}: {}", file.path().string(), what)};
}

}  // namespace

std::array<std::uint16_t, 256> byte_alphabet() {
  std::array<std::uint16_t, 256> alphabet{};
  std::uint16_t next = 256;
  for (std::uint16_t b = 0; b < 256; ++b) {
    const bool printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    alphabet[b] = printable ? b : next++;
  }
  return alphabet;
}

Result<Vocabulary> Vocabulary::load(const GgufFile& file) {
  const auto tokens = file.string_array("tokenizer.ggml.tokens");
  const auto types = file.integer_array("tokenizer.ggml.token_type");
  if (tokens.empty() || tokens.size() > kMaxTokens) {
    return bad(file, "'tokenizer.ggml.tokens' is missing, empty or absurdly long");
  }
  if (!types.empty() && types.size() != tokens.size()) {
    return bad(file, fmt::format("{} tokens but {} entries in 'tokenizer.ggml.token_type'",
                                 tokens.size(), types.size()));
  }
  Vocabulary out;
  const auto inverse = inverse_alphabet();
  out.byte_tokens_.fill(-1);
  out.types_.reserve(tokens.size());
  out.begin_.reserve(tokens.size() + 1);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::int64_t type = types.empty() ? 1 : types[i];
    if (type < 1 || type > 6) {
      return bad(file, fmt::format("token {} has the unknown type {}", i, type));
    }
    if (type == 1 && is_fim_mark(tokens[i])) type = 3;
    const auto id = static_cast<TokenId>(i);
    const auto begin = out.arena_.size();
    if (begin > UINT32_MAX) return bad(file, "its tokens are absurdly long");
    out.begin_.push_back(static_cast<std::uint32_t>(begin));
    out.types_.push_back(static_cast<TokenType>(type));
    if (is_text(out.types_.back())) {
      if (tokens[i].empty() || !append_raw(tokens[i], inverse, out.arena_)) {
        return bad(file, fmt::format("token {} in 'tokenizer.ggml.tokens' is not spelled in the "
                                     "byte alphabet",
                                     i));
      }
      if (out.arena_.size() == begin + 1) {
        out.byte_tokens_[static_cast<unsigned char>(out.arena_.back())] = id;
      }
      continue;
    }
    if (out.types_.back() == TokenType::kUserDefined) out.arena_ += tokens[i];
    if (out.types_.back() != TokenType::kUnused && !tokens[i].empty()) {
      out.specials_.emplace_back(tokens[i], id);
    }
  }
  if (out.arena_.size() > UINT32_MAX) return bad(file, "its tokens are absurdly long");
  out.begin_.push_back(static_cast<std::uint32_t>(out.arena_.size()));
  std::sort(out.specials_.begin(), out.specials_.end());
  return out;
}

std::string_view Vocabulary::bytes(TokenId id) const {
  if (!contains(id)) return {};
  const auto i = static_cast<std::size_t>(id);
  return std::string_view(arena_).substr(begin_[i], begin_[i + 1] - begin_[i]);
}

std::optional<TokenId> Vocabulary::special(std::string_view name) const {
  const auto it = std::lower_bound(
      specials_.begin(), specials_.end(), name,
      [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  if (it == specials_.end() || it->first != name) return std::nullopt;
  return it->second;
}

std::string_view Vocabulary::special_name(TokenId id) const {
  const auto it = std::find_if(specials_.begin(), specials_.end(),
                               [id](const auto& entry) { return entry.second == id; });
  return it == specials_.end() ? std::string_view() : std::string_view(it->first);
}

std::vector<std::pair<std::string_view, TokenId>> Vocabulary::user_defined() const {
  std::vector<std::pair<std::string_view, TokenId>> out;
  for (const auto& [name, id] : specials_) {
    if (type(id) == TokenType::kUserDefined) out.emplace_back(name, id);
  }
  return out;
}

}  // namespace engram
