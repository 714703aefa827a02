// engine/sampler.h: from logits to the next token.
//
// Greedy at temperature 0, else seeded: the same seed gives the same tokens on every machine.
// Two things make it more than an argmax:
//
// Forced bytes: only tokens that spell them are candidates: those that begin with all of them,
// and, where they are white space alone, tokens that spell a part of them (tokenizers keep the
// last space of a run for the word that follows). Probabilities are then conditional on the
// forced bytes, so that a healed token's is that of what it adds.
//
// Folded lines: every token "X\n..." counts as "X", then the end of the line. If X is chosen, the
// line ends at once when that is at least as likely as not; otherwise the likelihood that it had
// ended is carried into the next choice, so that sums of log-probabilities are exact. All tokens
// that end the text count as one, too.
//
// A grammar: only tokens it allows are candidates; probabilities are conditional on that.
//
// Threads: confined.  Errors: kDevice when logits are not numbers; kInvalidArgument when no token
// spells what the grammar allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "engine/evidence.h"
#include "engine/grammar/token_constraint.h"
#include "engine/token_index.h"

namespace engram {

struct SamplingOptions {
  double temperature = 0;
  double top_p = 1.0;
  std::uint64_t seed = 0;
  bool fold_lines = false;
};

struct SampledToken {
  TokenId id = 0;
  std::size_t n_bytes = 0;  // of the token's bytes, those that are text (before its line end)
  bool ends_line = false;   // only with fold_lines
  double log_probability = 0;
};

// Who knows something about this choice, and the tokens before it.
struct EvidenceQuestion {
  Evidence* evidence = nullptr;
  std::span<const TokenId> context{};
};

class Sampler {
 public:
  Sampler(std::shared_ptr<const TokenIndex> index, const SamplingOptions& options);

  // `forced` are the bytes still to be spelled; empty: any token may follow. Logits past the
  // tokenizer's vocabulary are padding and never chosen. Evidence is asked for and mixed in first.
  // `place` is that of the text after the forced bytes; not together with folded lines.
  Result<SampledToken> sample(std::span<const float> logits, std::string_view forced,
                              const EvidenceQuestion& question = {}, GrammarPlace place = {});
  // The same for a choice that was made elsewhere: `id` goes on, and the line does not end with it.
  // REQUIRES: `id` is a candidate.
  Result<SampledToken> score(std::span<const float> logits, std::string_view forced, TokenId id,
                             const EvidenceQuestion& question = {});
  // What the last sample() could have chosen instead at temperature 0: at most `most` tokens, the
  // likeliest first, none with a chance below a hundredth. One that ends the line is meant to where
  // that is as likely as not.
  std::vector<SampledToken> alternatives(std::size_t most, std::string_view forced) const;

 private:
  class Chances;
  Result<void> weigh(std::span<const float> logits, std::string_view forced,
                     const EvidenceQuestion& question);
  Result<void> forbid(std::span<const float>& logits, GrammarPlace place);
  void mix(const EvidenceAnswer& evidence);
  void collect_candidates(std::string_view forced, GrammarPlace place = {});
  TokenId pick_at_random();
  TokenId pick_most_likely() const;
  void fold(std::string_view forced);
  void fold_one(TokenId token, TokenId into);
  void carry_line_end();
  SampledToken score_folded(TokenId id, std::string_view forced, bool drawn_line_end);
  TokenId most_likely_line_end(TokenId into) const;
  std::size_t text_bytes(TokenId id, std::string_view forced) const;
  std::vector<TokenId> at_least(float least) const;

  template <class Visit>
  void for_each_candidate(Visit visit) const;
  float& mass(TokenId id) { return mass_[static_cast<std::size_t>(id)]; }
  float mass(TokenId id) const { return mass_[static_cast<std::size_t>(id)]; }
  float& line_mass(TokenId id) { return line_mass_[static_cast<std::size_t>(id)]; }
  float line_mass(TokenId id) const { return line_mass_[static_cast<std::size_t>(id)]; }

  std::shared_ptr<const TokenIndex> index_;
  SamplingOptions options_;
  std::uint64_t random_state_;
  double carried_ = 0;   // the probability that the line had ended before this choice
  TokenId chosen_ = -1;  // by the last sample(), before it was told from those that end its line

  // Scratch of one call. Masses are relative to the most likely token's; total_ is their sum.
  double total_ = 0;
  std::vector<float> mass_;
  std::vector<float> line_mass_;     // the part of mass_ that ends the line
  std::vector<TokenId> candidates_;  // when constrained
  std::vector<float> allowed_;       // logits that a grammar leaves
  const TokenMask* mask_ = nullptr;  // what it allows; null: everything
  bool constrained_ = false;
  struct Folded {
    TokenId token, into;
    float mass;
  };
  std::vector<Folded> folded_;
};

}  // namespace engram
