#include "assist/evaluation/gate_fit.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace engram {

namespace {

constexpr std::size_t kNumbers = 6, kSteps = 600;
constexpr double kLeastChance = 1e-9;
using Numbers = std::array<double, kNumbers>;

Numbers numbers_of(const GateParameters& g) {
  return {g.bias, g.occurrences, g.distinct, g.certain, g.agreement, g.confidence};
}

GateParameters with_numbers(GateParameters g, const Numbers& n) {
  g.bias = n[0], g.occurrences = n[1], g.distinct = n[2];
  g.certain = n[3], g.agreement = n[4], g.confidence = n[5];
  return g;
}

// What each number is multiplied with in the logit.
Numbers inputs_of(const GateFeatures& f) {
  return {1,
          std::log(static_cast<double>(f.occurrences)),
          std::log(static_cast<double>(f.distinct)),
          f.distinct == 1 ? 1.0 : 0.0,
          f.top,
          f.most};
}

double chance(const GateParameters& gate, const GateToken& token) {
  double p = token.model;
  for (const auto& context : token.contexts) {
    const double weight = gate_weight(gate, context.features);
    p = (1 - weight) * p + weight * context.share;
  }
  return std::max(p, kLeastChance);
}

// Adds the gradient of -log p of one token.
void add_gradient(const GateParameters& gate, const GateToken& token, Numbers& gradient) {
  std::vector<double> weights, before;
  double p = token.model;
  for (const auto& context : token.contexts) {
    before.push_back(p);
    weights.push_back(gate_weight(gate, context.features));
    p = (1 - weights.back()) * p + weights.back() * context.share;
  }
  if (p <= kLeastChance) return;
  double after = 1;  // what later contexts leave of this one's change
  for (std::size_t i = token.contexts.size(); i-- > 0;) {
    const auto& context = token.contexts[i];
    const double slope = after * (context.share - before[i]) * weights[i] * (1 - weights[i]);
    const Numbers inputs = inputs_of(context.features);
    for (std::size_t k = 0; k < kNumbers; ++k) gradient[k] -= slope * inputs[k] / p;
    after *= 1 - weights[i];
  }
}

}  // namespace

double gate_bits(const GateParameters& gate, std::span<const GateToken> tokens) {
  double bits = 0;
  for (const GateToken& token : tokens) bits -= std::log2(chance(gate, token));
  return tokens.empty() ? 0 : bits / static_cast<double>(tokens.size());
}

double model_bits(std::span<const GateToken> tokens) {
  double bits = 0;
  for (const GateToken& token : tokens) bits -= std::log2(std::max(token.model, kLeastChance));
  return tokens.empty() ? 0 : bits / static_cast<double>(tokens.size());
}

GateParameters fit_gate(std::span<const GateToken> tokens, const GateParameters& from) {
  constexpr double kRate = 0.05, kMean = 0.9, kSquare = 0.999, kTiny = 1e-12;
  if (tokens.empty()) return from;
  Numbers numbers = numbers_of(from), mean{}, square{};
  GateParameters best = from;
  double least = gate_bits(from, tokens);
  for (std::size_t step = 1; step <= kSteps; ++step) {
    const GateParameters gate = with_numbers(from, numbers);
    if (const double bits = gate_bits(gate, tokens); bits < least) least = bits, best = gate;
    Numbers gradient{};
    for (const GateToken& token : tokens) add_gradient(gate, token, gradient);
    const double rate = kRate * (1 - static_cast<double>(step) / (kSteps + 1));
    for (std::size_t k = 0; k < kNumbers; ++k) {
      const double g = gradient[k] / static_cast<double>(tokens.size());
      mean[k] = kMean * mean[k] + (1 - kMean) * g;
      square[k] = kSquare * square[k] + (1 - kSquare) * g * g;
      const double m = mean[k] / (1 - std::pow(kMean, step));
      const double s = square[k] / (1 - std::pow(kSquare, step));
      numbers[k] -= rate * m / (std::sqrt(s) + kTiny);
    }
  }
  return best;
}

}  // namespace engram
