// How a request's text is kept within its grammar.
#include <utility>

#include "engine/generation.h"

namespace engram {

Result<void> Generation::prepare_grammar(const GenerationContext& context) {
  ENGRAM_TRY(constraint, context.constraints.find(request_.json_schema, request_.grammar));
  if (constraint == nullptr) return {};
  const auto excludes = [](std::string_view what) {
    return Error{Errc::kInvalidArgument,
                 "a grammar and " + std::string(what) + " exclude each other; leave one out"};
  };
  if (request_.stop_at_line_end) return excludes("an end at the line's");
  if (!request_.scored_text.empty()) return excludes("a text to score");
  constraint_ = std::move(constraint);
  grammar_state_ = constraint_->start();
  if (grammar_state_ == TokenConstraint::kDead) {
    return Error{Errc::kInvalidArgument, "the grammar allows no text at all"};
  }
  return {};
}

GrammarPlace Generation::grammar_place() const {
  if (!constraint_ || thoughts_.open()) return {};
  return {constraint_.get(), grammar_state_};
}

// Goes on by the text's bytes; false: the request has ended.
bool Generation::follow_grammar(std::string_view bytes) {
  if (!constraint_) return true;
  grammar_state_ = constraint_->next(grammar_state_, bytes);
  if (grammar_state_ != TokenConstraint::kDead) return true;
  finish(StopReason::kError, constraint_->overflowed()
                                 ? "the grammar has too many states; make it simpler"
                                 : "the text does not follow the grammar");
  return false;
}

// Guesses are wrong from the first token that the grammar does not allow.
void Generation::cut_guesses_to_grammar(const Tokenizer& tokenizer) {
  if (grammar_place().constraint == nullptr) return;
  for (Draft& guess : guesses_) {
    TokenConstraint::State state = grammar_state_;
    std::size_t typed = forced_left_.size(), n = 0;
    for (; n < guess.tokens.size(); ++n) {
      const std::string_view bytes = tokenizer.bytes(guess.tokens[n]);
      state = constraint_->next(state, bytes.substr(std::min(typed, bytes.size())));
      typed -= std::min(typed, bytes.size());
      if (state == TokenConstraint::kDead) break;
    }
    guess.tokens.resize(n);
  }
  std::erase_if(guesses_, [](const Draft& guess) { return guess.tokens.empty(); });
}

}  // namespace engram
