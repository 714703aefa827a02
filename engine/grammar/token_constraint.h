// engine/grammar/token_constraint.h: which tokens of a vocabulary a grammar allows next.
//
// One of these belongs to a grammar and is shared by all requests that use it, so that what was
// found out about a state is known to the next one. Finding a state's tokens walks the vocabulary
// in byte order and leaves a branch with its first impossible byte: microseconds for most states.
// Inside a string of JSON, where nearly everything is allowed, whole classes of tokens are known
// beforehand (engine/grammar/plain_tokens.h). Afterwards it is a look-up.
//
// Threads: confined to the engine thread.  Errors: kInvalidArgument, one line naming what is wrong
// with the grammar or schema.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/result.h"
#include "engine/grammar/automaton.h"
#include "engine/grammar/plain_tokens.h"
#include "engine/grammar/token_mask.h"
#include "engine/token_index.h"

namespace engram {

class TokenConstraint {
 public:
  using State = Automaton::State;
  static constexpr State kDead = Automaton::kDead;
  static constexpr std::size_t kMaxMasks = 512;  // kept at a time

  TokenConstraint(std::shared_ptr<const Grammar> grammar, std::shared_ptr<const TokenIndex> index,
                  std::shared_ptr<const PlainTokens> plain);
  TokenConstraint(std::shared_ptr<const Grammar> grammar, std::shared_ptr<const TokenIndex> index)
      : TokenConstraint(std::move(grammar), index, std::make_shared<PlainTokens>(*index)) {}

  State start() const { return automaton_.start(); }
  State next(State state, std::string_view bytes) { return automaton_.next(state, bytes); }
  bool is_final(State state) const { return automaton_.is_final(state); }
  bool accepts(State state) const { return automaton_.accepts(state); }
  bool overflowed() const { return automaton_.overflowed(); }

  // Tokens all of whose bytes may follow, and ends of text where the text may end. Valid until the
  // next call.
  const TokenMask& mask(State state);

 private:
  TokenMask find_mask(State state);
  TokenMask walk_vocabulary(State state);
  std::optional<TokenMask> text_mask(State state);

  std::shared_ptr<const TokenIndex> index_;
  std::shared_ptr<const PlainTokens> plain_;
  Automaton automaton_;
  std::unordered_map<State, TokenMask> masks_;
};

// Where in it a text is; no constraint: anywhere.
struct GrammarPlace {
  TokenConstraint* constraint = nullptr;
  TokenConstraint::State state = 0;
};

// The constraints of one engine by what they were made from; the least recently asked for go.
class TokenConstraints {
 public:
  explicit TokenConstraints(std::shared_ptr<const TokenIndex> index)
      : index_(std::move(index)), plain_(std::make_shared<PlainTokens>(*index_)) {}

  // Of a JSON schema, or else of a grammar in GBNF; nullptr where both are empty.
  Result<std::shared_ptr<TokenConstraint>> find(std::string_view json_schema,
                                                std::string_view grammar);

 private:
  static constexpr std::size_t kMaxKept = 8;
  struct Kept {
    std::string source;
    std::shared_ptr<TokenConstraint> constraint;
  };
  std::shared_ptr<const TokenIndex> index_;
  std::shared_ptr<const PlainTokens> plain_;
  std::vector<Kept> kept_;  // the most recent last
};

}  // namespace engram
