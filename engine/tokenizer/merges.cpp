#include "engine/tokenizer/merges.h"

#include <fmt/format.h>

#include <bit>
#include <queue>
#include <string>

#include "core/hash.h"

namespace engram {
namespace {

// Token text, as GGUF spells it, to id. Lives while rules are loaded.
class SpellingIndex {
 public:
  explicit SpellingIndex(const std::vector<std::string_view>& tokens, const Vocabulary& vocabulary)
      : tokens_(tokens), vocabulary_(vocabulary), slots_(std::bit_ceil(tokens.size() * 2 + 1)) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (!has(static_cast<TokenId>(i))) continue;
      const std::uint64_t hash = xxh3(tokens[i]);
      std::size_t at = hash & (slots_.size() - 1);
      while (slots_[at].id >= 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = {static_cast<std::uint32_t>(hash >> 32), static_cast<TokenId>(i)};
    }
  }

  bool has(TokenId id) const {  // as a token that stands for text
    return vocabulary_.contains(id) && !vocabulary_.bytes(id).empty() &&
           vocabulary_.type(id) != TokenType::kUserDefined;
  }
  TokenId find(std::string_view text) const {  // -1: absent
    const std::uint64_t hash = xxh3(text);
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & (slots_.size() - 1); slots_[at].id >= 0;
         at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].tag == tag && tokens_[static_cast<std::size_t>(slots_[at].id)] == text) {
        return slots_[at].id;
      }
    }
    return -1;
  }

 private:
  struct Slot {
    std::uint32_t tag = 0;
    TokenId id = -1;
  };
  const std::vector<std::string_view>& tokens_;
  const Vocabulary& vocabulary_;
  std::vector<Slot> slots_;
};

constexpr std::size_t kShortPiece = 48;  // symbols; above, the heap wins

}  // namespace

Result<Merges> Merges::load(const GgufFile& file, const Vocabulary& vocabulary) {
  const auto rules = file.string_array("tokenizer.ggml.merges");
  const auto fail = [&](std::string_view what) {
    return Error{Errc::kCorrupt,
                 fmt::format("cannot read the tokenizer of {}: {}", file.path().string(), what)};
  };
  if (rules.empty()) return fail("'tokenizer.ggml.merges' is missing or empty");
  if (rules.size() >= (std::size_t{1} << 24)) return fail("'tokenizer.ggml.merges' is too long");
  const auto tokens = file.string_array("tokenizer.ggml.tokens");
  const SpellingIndex index(tokens, vocabulary);
  Merges merges;
  merges.table_.resize(std::bit_ceil(rules.size() + rules.size() / 2 + 1));
  std::string joined;
  TokenId next = 0;  // rules usually make the tokens in order: try that one first
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::size_t space = rules[i].find(' ', 1);
    if (space == std::string_view::npos) {
      return fail(fmt::format("rule {} in 'tokenizer.ggml.merges' is not a pair", i));
    }
    const std::string_view left = rules[i].substr(0, space);
    const std::string_view right = rules[i].substr(space + 1);
    joined.assign(left).append(right);
    Rule rule{index.find(left), index.find(right), static_cast<std::uint32_t>(i), -1};
    const bool guessed = index.has(next) && tokens[static_cast<std::size_t>(next)] == joined;
    rule.merged = guessed ? next : index.find(joined);
    if (rule.left < 0 || rule.right < 0 || rule.merged < 0) {
      return fail(
          fmt::format("rule {} in 'tokenizer.ggml.merges' uses a token that the "
                      "vocabulary lacks",
                      i));
    }
    next = rule.merged + 1;
    merges.insert(rule);
  }
  return merges;
}

std::size_t Merges::slot(TokenId left, TokenId right) const {
  const std::uint64_t key = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
                            static_cast<std::uint32_t>(right);
  return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15ULL) >> 32) & (table_.size() - 1);
}

void Merges::insert(const Rule& rule) {
  std::size_t at = slot(rule.left, rule.right);
  for (; table_[at].rank != kNone; at = (at + 1) & (table_.size() - 1)) {
    if (table_[at].left == rule.left && table_[at].right == rule.right) break;  // the later wins
  }
  table_[at] = rule;
}

const Merges::Rule* Merges::find(TokenId left, TokenId right) const {
  for (std::size_t at = slot(left, right); table_[at].rank != kNone;
       at = (at + 1) & (table_.size() - 1)) {
    if (table_[at].left == left && table_[at].right == right) return &table_[at];
  }
  return nullptr;
}

std::uint32_t Merges::rank(TokenId left, TokenId right) const {
  const Rule* rule = find(left, right);
  return rule == nullptr ? kNone : rule->rank;
}

void Merges::apply(std::string_view piece, const Vocabulary& vocabulary,
                   std::vector<TokenId>& out) const {
  std::vector<TokenId> ids;
  ids.reserve(piece.size());
  for (const char c : piece) {
    const TokenId id = vocabulary.byte_token(static_cast<unsigned char>(c));
    if (id >= 0) ids.push_back(id);
  }
  if (ids.size() <= kShortPiece) {
    apply_short(ids);
  } else {
    apply_long(ids);
  }
  out.insert(out.end(), ids.begin(), ids.end());
}

void Merges::apply_short(std::vector<TokenId>& ids) const {
  std::uint32_t ranks[kShortPiece];  // ranks[i]: of the pair (i, i + 1)
  std::size_t n = ids.size();
  for (std::size_t i = 0; i + 1 < n; ++i) ranks[i] = rank(ids[i], ids[i + 1]);
  while (n > 1) {
    std::size_t best = 0;
    for (std::size_t i = 1; i + 1 < n; ++i) {
      if (ranks[i] < ranks[best]) best = i;
    }
    if (ranks[best] == kNone) break;
    ids[best] = find(ids[best], ids[best + 1])->merged;
    for (std::size_t i = best + 1; i + 1 < n; ++i) {
      ids[i] = ids[i + 1];
      ranks[i - 1] = ranks[i];
    }
    --n;
    if (best > 0) ranks[best - 1] = rank(ids[best - 1], ids[best]);
    if (best + 1 < n) ranks[best] = rank(ids[best], ids[best + 1]);
  }
  ids.resize(n);
}

void Merges::apply_long(std::vector<TokenId>& ids) const {
  constexpr std::size_t kNo = SIZE_MAX;
  struct Candidate {
    std::uint32_t rank;
    std::size_t position;
    TokenId left, right;
    // std::priority_queue gives the largest first.
    bool operator<(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };
  const std::size_t n = ids.size();
  std::vector<std::size_t> next(n), previous(n);
  std::priority_queue<Candidate> queue;
  const auto offer = [&](std::size_t position) {
    if (position == kNo || next[position] == kNo) return;
    const TokenId left = ids[position];
    const TokenId right = ids[next[position]];
    if (const std::uint32_t r = rank(left, right); r != kNone) {
      queue.push({r, position, left, right});
    }
  };
  for (std::size_t i = 0; i < n; ++i) {
    next[i] = i + 1 < n ? i + 1 : kNo;
    previous[i] = i > 0 ? i - 1 : kNo;
  }
  for (std::size_t i = 0; i < n; ++i) offer(i);
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    const std::size_t right = next[top.position];
    // Stale when either side has merged since (a merged-away symbol has the id -1).
    if (ids[top.position] != top.left || right == kNo || ids[right] != top.right) continue;
    ids[top.position] = find(top.left, top.right)->merged;
    ids[right] = -1;
    next[top.position] = next[right];
    if (next[right] != kNo) previous[next[right]] = top.position;
    offer(previous[top.position]);
    offer(top.position);
  }
  std::erase(ids, -1);
}

}  // namespace engram
