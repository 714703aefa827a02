// The fit of a gate, against the numbers that drew the tokens, and by hand.
#include "assist/evaluation/gate_fit.h"

#include <cmath>
#include <random>

#include "tests/support/catch.h"

namespace engram {

namespace {

// Texts of two kinds of token: which one follows is drawn from the mixture that `gate` makes.
std::vector<GateToken> drawn_by(const GateParameters& gate, std::size_t n, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> chance(0.02, 0.98);
  std::vector<GateToken> tokens(n);
  for (GateToken& token : tokens) {
    token.model = chance(random);
    double p = token.model;
    const std::size_t contexts = random() % 3;
    for (std::size_t i = 0; i < contexts; ++i) {
      GateToken::Context context;
      context.features = {1 + random() % 60, 1 + random() % 5, chance(random), chance(random)};
      context.share = chance(random);
      const double weight = gate_weight(gate, context.features);
      p = (1 - weight) * p + weight * context.share;
      token.contexts.push_back(context);
    }
    if (chance(random) < p) continue;  // else it is the other token that followed
    token.model = 1 - token.model;
    for (auto& context : token.contexts) context.share = 1 - context.share;
  }
  return tokens;
}

}  // namespace

TEST_CASE("gate fit: bits of one token by hand", "[evaluation]") {
  GateParameters even{.bias = 0, .occurrences = 0, .distinct = 0, .certain = 0};
  even.agreement = even.confidence = 0;
  GateToken token;
  token.model = 0.5;
  token.contexts = {{{1, 1, 0, 0}, 0}, {{1, 1, 0, 0}, 1}};
  // Half of 0.5 and 0, then half of that and 1.
  CHECK(std::abs(gate_bits(even, {&token, 1}) - -std::log2(0.625)) < 1e-12);
  CHECK(model_bits({&token, 1}) == 1);
  CHECK(gate_bits(even, {}) == 0);
  GateToken impossible;
  CHECK(std::abs(gate_bits(even, {&impossible, 1}) - -std::log2(1e-9)) < 1e-9);
}

TEST_CASE("gate fit: finds the numbers that drew the tokens, and they hold for others",
          "[evaluation]") {
  GateParameters truth;
  truth.bias = 0.5, truth.occurrences = 0.4, truth.distinct = -1.4;
  truth.certain = 1.0, truth.agreement = 1.2, truth.confidence = -1.8;
  const auto seen = drawn_by(truth, 12'000, 1), held_out = drawn_by(truth, 12'000, 2);
  const GateParameters fitted = fit_gate(seen, {});
  CHECK(gate_bits(fitted, seen) <= gate_bits(truth, seen));
  CHECK(gate_bits(fitted, held_out) < gate_bits({}, held_out) - 0.005);
  CHECK(gate_bits(fitted, held_out) < gate_bits(truth, held_out) + 0.002);
  CHECK(fitted.same_file == truth.same_file);
  CHECK(fit_gate({}, truth).distinct == truth.distinct);
}

}  // namespace engram
