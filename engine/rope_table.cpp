#include "engine/rope_table.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace engram {
namespace {

// The pair that turns `turns` times over `context` positions.
double pair_turning(double turns, double context, double dimensions, double base) {
  return dimensions * std::log(context / (turns * 2 * std::numbers::pi)) / (2 * std::log(base));
}

// 0: the pair keeps its speed; 1: it is slowed down by the whole factor.
std::vector<double> yarn_ramp(const RopeConfig& config) {
  const auto dimensions = static_cast<double>(config.dimensions);
  const auto pair = [&](float turns) {
    return pair_turning(static_cast<double>(turns), static_cast<double>(config.original_context),
                        dimensions, static_cast<double>(config.base));
  };
  const double low = std::max(std::floor(pair(config.beta_fast)), 0.0);
  const double high = std::min(std::ceil(pair(config.beta_slow)), dimensions - 1);
  std::vector<double> ramp;
  for (std::uint32_t i = 0; i < config.dimensions / 2; ++i) {
    const double along = (static_cast<double>(i) - low) / std::max(high - low, 0.001);
    ramp.push_back(std::clamp(along, 0.0, 1.0));
  }
  return ramp;
}

}  // namespace

RopeTable::RopeTable(const RopeConfig& config) : magnitude_(static_cast<double>(config.magnitude)) {
  std::vector<double> slowed(config.dimensions / 2,
                             config.scaling == RopeScaling::kLinear ? 1.0 : 0.0);
  if (config.scaling == RopeScaling::kYarn) slowed = yarn_ramp(config);
  for (std::size_t i = 0; i < slowed.size(); ++i) {
    const double exponent = -2.0 * static_cast<double>(i) / static_cast<double>(config.dimensions);
    const double speed = std::pow(static_cast<double>(config.base), exponent);
    const double slow = speed / static_cast<double>(config.factor);
    speed_.push_back(slow * slowed[i] + speed * (1 - slowed[i]));
  }
}

void RopeTable::set_factors(std::span<const float> factors) {
  for (std::size_t i = 0; i < speed_.size(); ++i) speed_[i] /= static_cast<double>(factors[i]);
}

void RopeTable::fill(std::size_t position, float* cosine, float* sine) const {
  for (std::size_t i = 0; i < speed_.size(); ++i) {
    const double angle = static_cast<double>(position) * speed_[i];
    cosine[i] = static_cast<float>(magnitude_ * std::cos(angle));
    sine[i] = static_cast<float>(magnitude_ * std::sin(angle));
  }
}

}  // namespace engram
