#include "engine/grammar/token_constraint.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/grammar/gbnf.h"
#include "engine/grammar/json_schema.h"

namespace engram {

TokenConstraint::TokenConstraint(std::shared_ptr<const Grammar> grammar,
                                 std::shared_ptr<const TokenIndex> index,
                                 std::shared_ptr<const PlainTokens> plain)
    : index_(std::move(index)), plain_(std::move(plain)), automaton_(std::move(grammar)) {}

const TokenMask& TokenConstraint::mask(State state) {
  const auto known = masks_.find(state);
  if (known != masks_.end()) return known->second;
  if (masks_.size() >= kMaxMasks) masks_.clear();
  return masks_.emplace(state, find_mask(state)).first->second;
}

TokenMask TokenConstraint::find_mask(State state) {
  auto text = text_mask(state);
  TokenMask mask = text ? *std::move(text) : walk_vocabulary(state);
  if (automaton_.accepts(state)) {
    for (const TokenId id : index_->ends()) mask.allow(id);
  }
  return mask;
}

// Where any plain character may follow, and after it any other, for as many as tokens have or the
// grammar lets follow: absent where it tells some from others.
std::optional<TokenMask> TokenConstraint::text_mask(State state) {
  std::vector<State> after = {state};  // so many plain characters
  while (after.size() <= PlainTokens::kMostCharacters) {
    const State next = automaton_.plain_step(after.back());
    if (next == Automaton::kMixed) return std::nullopt;
    if (next == kDead) break;
    after.push_back(next);
  }
  const std::size_t most = after.size() - 1;
  if (most == 0) return std::nullopt;
  TokenMask mask = plain_->up_to(most);
  for (const PlainTokens::Mixed& token : plain_->mixed()) {
    if (token.characters > most) continue;
    const std::string_view rest = index_->tokenizer().bytes(token.id).substr(token.bytes);
    if (automaton_.next(after[token.characters], rest) != kDead) mask.allow(token.id);
  }
  return mask;
}

TokenMask TokenConstraint::walk_vocabulary(State state) {
  const Tokenizer& tokenizer = index_->tokenizer();
  TokenMask mask(tokenizer.vocab_size());
  const auto order = index_->in_byte_order();
  const auto shared = plain_->shared();
  std::vector<State> reached = {state};  // after each byte of the token looked at
  for (std::size_t i = 0; i < order.size();) {
    const std::string_view bytes = tokenizer.bytes(order[i]);
    std::size_t depth = std::min<std::size_t>(shared[i], reached.size() - 1);
    reached.resize(depth + 1);
    State at = reached.back();
    while (depth < bytes.size() && at != kDead) {
      at = automaton_.next(at, static_cast<unsigned char>(bytes[depth++]));
      reached.push_back(at);
    }
    if (at != kDead) {
      mask.allow(order[i++]);
      continue;
    }
    reached.pop_back();  // byte depth - 1 is impossible here: so are all tokens that share it
    for (++i; i < order.size() && shared[i] >= depth; ++i) continue;
  }
  return mask;
}

Result<std::shared_ptr<TokenConstraint>> TokenConstraints::find(std::string_view json_schema,
                                                                std::string_view grammar) {
  if (json_schema.empty() && grammar.empty()) return std::shared_ptr<TokenConstraint>();
  if (!json_schema.empty() && !grammar.empty()) {
    return Error{Errc::kInvalidArgument,
                 "cannot follow a JSON schema and a grammar at once; leave one out"};
  }
  const std::string source = fmt::format("{}{}", json_schema.empty() ? 'g' : 's',
                                         json_schema.empty() ? grammar : json_schema);
  const auto known = std::find_if(kept_.begin(), kept_.end(),
                                  [&](const Kept& kept) { return kept.source == source; });
  if (known != kept_.end() && !known->constraint->overflowed()) {
    std::rotate(known, known + 1, kept_.end());
    return kept_.back().constraint;
  }
  ENGRAM_TRY(parsed,
             json_schema.empty() ? parse_gbnf(grammar) : grammar_of_json_schema(json_schema));
  if (known != kept_.end()) kept_.erase(known);
  if (kept_.size() >= kMaxKept) kept_.erase(kept_.begin());
  kept_.push_back(
      {source, std::make_shared<TokenConstraint>(std::make_shared<const Grammar>(std::move(parsed)),
                                                 index_, plain_)});
  return kept_.back().constraint;
}

}  // namespace engram
