#include "engine/softmax.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace engram {
namespace {

constexpr std::size_t kLanes = 16;
constexpr float kLowest = -86.0F;  // below, exp leaves the normal numbers

// exp(x) for x in [kLowest, 0]: 2^n times a polynomial on [-ln2/2, ln2/2] (Cephes' expf).
inline float exp_of_negative(float x) {
  constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  const float shifted = x * 1.44269504F + kRounder;
  const float n = shifted - kRounder;
  const float r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  const float e = p * r * r + r + 1.0F;
  const std::uint32_t power = (std::bit_cast<std::uint32_t>(shifted) + 127U) << 23;
  return e * std::bit_cast<float>(power);
}

float largest(std::span<const float> values) {
  std::array<float, kLanes> lanes;
  lanes.fill(-std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) {
      lanes[j] = values[i + j] > lanes[j] ? values[i + j] : lanes[j];
    }
  }
  for (; i < values.size(); ++i) lanes[0] = values[i] > lanes[0] ? values[i] : lanes[0];
  return *std::max_element(lanes.begin(), lanes.end());
}

bool any_nan(std::span<const float> values) {
  std::uint32_t found = 0;
  for (const float v : values) found |= v != v ? 1U : 0U;
  return found != 0;
}

}  // namespace

std::optional<double> relative_probabilities(std::span<const float> logits, std::span<float> out) {
  const float top = largest(logits);
  if (!std::isfinite(top) || any_nan(logits)) return std::nullopt;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float x = logits[i] - top;
    const float e = exp_of_negative(x < kLowest ? kLowest : x);
    out[i] = x < kLowest ? 0.0F : e;
  }
  std::array<double, kLanes> lanes{};
  std::size_t i = 0;
  for (; i + kLanes <= out.size(); i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) lanes[j] += static_cast<double>(out[i + j]);
  }
  for (; i < out.size(); ++i) lanes[0] += static_cast<double>(out[i]);
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

std::size_t position_of_largest(std::span<const float> values) {
  const float top = largest(values);
  return static_cast<std::size_t>(std::find(values.begin(), values.end(), top) - values.begin());
}

}  // namespace engram
