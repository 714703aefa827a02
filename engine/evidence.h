// engine/evidence.h: what a caller knows about the next token, mixed into the model's distribution.
//
// For each choice the engine asks with the tokens so far, prompt included, and the bytes that have
// to come next (typed already), and lets the answer depend on how sure the model is. The answer is
// a weight w and masses m(token) of a few tokens. With S the sum of the masses, the model's
// probabilities p become
//
//   p'(token) = (1 - w * S) * p(token) + w * m(token)
//
// so masses that do not sum to one leave the rest to the model, and an answer without masses or
// weight changes nothing, to the bit. Constraints (forced text, folded lines), temperature and
// reported log-probabilities apply to p'. The question is asked once for each token that is chosen
// and never for one that is only drafted: speculation does not change what is asked.
//
// Threads: next() runs on the engine thread; it must not block.
// Errors: none. Masses of unknown tokens, below zero or not numbers are left out; w is clamped to
// [0, 1], and masses whose sum exceeds one are scaled down to it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

struct EvidenceMass {
  TokenId token = 0;
  double mass = 0;
};

struct EvidenceAnswer {
  double weight = 0;
  std::vector<EvidenceMass> masses;
};

// The model's own probabilities of this choice, before forced text and temperature. Where lines are
// folded, a token's is that of all tokens that are its text, with or without a line end behind.
class ModelChances {
 public:
  virtual ~ModelChances() = default;
  virtual double of(TokenId token) const = 0;  // 0 for a token the model does not have
  virtual double most() const = 0;             // of the likeliest token
};

class Evidence {
 public:
  virtual ~Evidence() = default;
  virtual EvidenceAnswer next(std::span<const TokenId> context, std::string_view forced,
                              const ModelChances& model) = 0;
};

}  // namespace engram
