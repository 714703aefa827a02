#include "engine/tokenizer/spm_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <queue>
#include <unordered_map>

#include "core/hash.h"
#include "engine/tokenizer/fim_format.h"

namespace engram {
namespace {

constexpr std::string_view kSpace = "\xE2\x96\x81";  // U+2581
constexpr std::size_t kMaxTokens = std::size_t{1} << 24;
enum Type : std::int64_t { kNormal = 1, kUnknown, kControl, kUserDefined, kUnused, kByte };

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const bool match = text.substr(i).starts_with(from);
    out += match ? to : text.substr(i, 1);
    i += match ? from.size() : 1;
  }
  return out;
}

std::size_t utf8_length(unsigned char first) {
  return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

class SpmTokenizer final : public Tokenizer {
 public:
  Result<void> load(const GgufFile& file);

  std::size_t vocab_size() const override { return bytes_.size(); }
  std::vector<TokenId> encode(std::string_view text) const override;
  std::string decode(std::span<const TokenId> ids) const override {
    std::string out;
    for (const TokenId id : ids) out += bytes(id);
    return out;
  }
  std::string_view bytes(TokenId id) const override {
    return contains(id) ? std::string_view(bytes_[static_cast<std::size_t>(id)])
                        : std::string_view();
  }
  bool is_control(TokenId id) const override { return contains(id) && bytes(id).empty(); }
  bool is_end(TokenId id) const override {
    return is_control(id) || std::find(ends_.begin(), ends_.end(), id) != ends_.end();
  }
  std::optional<TokenId> special(std::string_view name) const override {
    const auto found = specials_.find(std::string(name));
    return found == specials_.end() ? std::nullopt : std::optional(found->second);
  }
  std::string_view special_name(TokenId id) const override {
    const auto found = std::find_if(specials_.begin(), specials_.end(),
                                    [id](const auto& entry) { return entry.second == id; });
    return found == specials_.end() ? std::string_view() : std::string_view(found->first);
  }
  std::optional<TokenId> bos() const override { return bos_; }
  bool space_prefix() const override { return space_prefix_; }
  std::string_view fingerprint() const override { return fingerprint_; }

 private:
  struct Symbol {
    std::size_t begin = 0, size = 0;  // size 0: joined to the one before it
    std::int64_t previous = -1, next = -1;
  };
  struct Pair {
    float score = 0;
    std::int64_t left = 0, right = 0;
    std::size_t size = 0;
    bool operator<(const Pair& other) const {  // the queue gives the largest: best, then leftmost
      return score != other.score ? score < other.score : left > other.left;
    }
  };

  bool contains(TokenId id) const { return id >= 0 && static_cast<std::size_t>(id) < vocab_size(); }
  void add(std::string_view name, std::int64_t type, TokenId id);
  void read_marks(const GgufFile& file);
  void encode_piece(std::string_view text, std::vector<TokenId>& out) const;
  void offer(std::string_view text, const std::vector<Symbol>& symbols, std::int64_t left,
             std::priority_queue<Pair>& queue) const;
  void emit(std::string_view symbol, std::vector<TokenId>& out) const;

  std::vector<std::string> bytes_;
  std::vector<float> scores_;
  std::unordered_map<std::string, TokenId> pieces_, specials_;  // normal ones; the others by name
  std::vector<std::pair<std::string, TokenId>> literals_;       // user-defined, longest first
  std::bitset<256> literal_first_bytes_;
  std::array<TokenId, 256> byte_tokens_{};
  std::vector<TokenId> ends_;
  std::optional<TokenId> bos_, unknown_;
  bool space_prefix_ = true;
  std::string fingerprint_;
};

void SpmTokenizer::add(std::string_view name, std::int64_t type, TokenId id) {
  std::string& bytes = bytes_.emplace_back();
  if (type == kNormal && is_fim_mark(name)) type = kControl;
  if (type == kByte && name.size() == 6 && name.starts_with("<0x")) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
    const int value = digit(name[3]) * 16 + digit(name[4]);
    bytes.push_back(static_cast<char>(value));
    byte_tokens_[static_cast<std::size_t>(value) & 0xFF] = id;
  } else if (type == kNormal) {
    bytes = replace_all(name, kSpace, " ");
    pieces_.emplace(name, id);
  } else if (type == kUserDefined && !name.empty()) {
    bytes = replace_all(name, kSpace, " ");
    literals_.emplace_back(bytes, id);
    literal_first_bytes_.set(static_cast<unsigned char>(bytes.front()));
    specials_.emplace(name, id);
  } else {
    if (type == kUnknown) unknown_ = id;
    specials_.emplace(name, id);
  }
}

Result<void> SpmTokenizer::load(const GgufFile& file) {
  const auto bad = [&](std::string_view what) {
    return Error{Errc::kCorrupt,
                 fmt::format("cannot read the tokenizer of {}: {}", file.path().string(), what)};
  };
  const auto tokens = file.string_array("tokenizer.ggml.tokens");
  const auto types = file.integer_array("tokenizer.ggml.token_type");
  scores_ = file.float_array("tokenizer.ggml.scores");
  if (tokens.empty() || tokens.size() > kMaxTokens) {
    return bad("'tokenizer.ggml.tokens' is missing, empty or absurdly long");
  }
  if (scores_.size() != tokens.size() || types.size() != tokens.size()) {
    return bad("'tokenizer.ggml.scores' or '.token_type' has not one entry for each token");
  }
  byte_tokens_.fill(-1);
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (types[i] < kNormal || types[i] > kByte || std::isnan(scores_[i])) {
      return bad(fmt::format("token {} has the type {} and the score {}", i, types[i], scores_[i]));
    }
    add(tokens[i], types[i], static_cast<TokenId>(i));
    hash = xxh3(tokens[i], hash) * 31 + static_cast<std::uint64_t>(types[i]);
  }
  std::sort(literals_.begin(), literals_.end(), [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a < b;
  });
  fingerprint_ = fmt::format("spm-{}-{:016x}", tokens.size(), hash);
  read_marks(file);
  return {};
}

void SpmTokenizer::read_marks(const GgufFile& file) {
  const auto id_of = [&](std::string_view name) -> std::optional<TokenId> {
    const auto id = file.unsigned_integer(fmt::format("tokenizer.ggml.{}_token_id", name));
    if (!id || *id >= vocab_size()) return std::nullopt;
    return static_cast<TokenId>(*id);
  };
  for (const std::string_view name : {"eos", "eot", "eom"}) {
    if (const auto id = id_of(name)) ends_.push_back(*id);
  }
  if (file.boolean("tokenizer.ggml.add_bos_token").value_or(true)) bos_ = id_of("bos");
  space_prefix_ = file.boolean("tokenizer.ggml.add_space_prefix").value_or(true);
}

std::vector<TokenId> SpmTokenizer::encode(std::string_view text) const {
  std::vector<TokenId> out;
  std::string plain;
  const auto flush = [&] {
    encode_piece(plain, out);
    plain.clear();
  };
  for (std::size_t i = 0; i < text.size();) {
    const bool possible = literal_first_bytes_.test(static_cast<unsigned char>(text[i]));
    const auto literal = std::find_if(literals_.begin(), literals_.end(), [&](const auto& l) {
      return !possible || text.substr(i).starts_with(l.first);
    });
    if (possible && literal != literals_.end()) {
      flush();
      out.push_back(literal->second);
      i += literal->first.size();
    } else {
      plain += text[i] == ' ' ? kSpace : text.substr(i, 1);
      ++i;
    }
  }
  flush();
  return out;
}

// Queues the join of a symbol with the one after it, if that makes a token.
void SpmTokenizer::offer(std::string_view text, const std::vector<Symbol>& symbols,
                         std::int64_t left, std::priority_queue<Pair>& queue) const {
  if (left < 0) return;
  const Symbol& a = symbols[static_cast<std::size_t>(left)];
  if (a.next < 0) return;
  const Symbol& b = symbols[static_cast<std::size_t>(a.next)];
  const auto token = pieces_.find(std::string(text.substr(a.begin, a.size + b.size)));
  if (token == pieces_.end()) return;
  queue.push({scores_[static_cast<std::size_t>(token->second)], left, a.next, a.size + b.size});
}

void SpmTokenizer::encode_piece(std::string_view text, std::vector<TokenId>& out) const {
  std::vector<Symbol> symbols;
  for (std::size_t begin = 0; begin < text.size(); begin += symbols.back().size) {
    const std::size_t size =
        std::min(utf8_length(static_cast<unsigned char>(text[begin])), text.size() - begin);
    const auto i = static_cast<std::int64_t>(symbols.size());
    symbols.push_back({begin, size, i - 1, begin + size < text.size() ? i + 1 : -1});
  }
  std::priority_queue<Pair> queue;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    offer(text, symbols, static_cast<std::int64_t>(i), queue);
  }
  while (!queue.empty()) {
    const Pair pair = queue.top();
    queue.pop();
    Symbol& left = symbols[static_cast<std::size_t>(pair.left)];
    Symbol& right = symbols[static_cast<std::size_t>(pair.right)];
    // One of them was joined to something else since.
    if (left.size == 0 || right.size == 0 || left.size + right.size != pair.size) continue;
    left.size = pair.size;
    left.next = right.next;
    right.size = 0;
    if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].previous = pair.left;
    offer(text, symbols, left.previous, queue);
    offer(text, symbols, pair.left, queue);
  }
  for (const Symbol& symbol : symbols) {
    if (symbol.size > 0) emit(text.substr(symbol.begin, symbol.size), out);
  }
}

void SpmTokenizer::emit(std::string_view symbol, std::vector<TokenId>& out) const {
  if (const auto token = pieces_.find(std::string(symbol)); token != pieces_.end()) {
    return out.push_back(token->second);
  }
  for (const char c : symbol) {
    const TokenId id = byte_tokens_[static_cast<unsigned char>(c)];
    if (id >= 0) {
      out.push_back(id);
    } else if (unknown_) {
      return out.push_back(*unknown_);
    }
  }
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> load_spm_tokenizer(const GgufFile& file) {
  auto tokenizer = std::make_shared<SpmTokenizer>();
  ENGRAM_TRY_VOID(tokenizer->load(file));
  return std::shared_ptr<const Tokenizer>(std::move(tokenizer));
}

}  // namespace engram
