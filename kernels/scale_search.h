// kernels/scale_search.h: the scale, and minimum, that a run of values is best rounded with.
//
// Rounding to codes with a given scale is easy, and so is the best scale of given codes (least
// squares). Both are tried from a range of starts around "the largest value gets the last code";
// what leaves the least squared error wins. Private to quantize_weights.
//
// Values are finite and of at most 65504; counts are multiples of 8. Threads: pure functions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace engram::scale_search {

constexpr std::size_t kLanes = 8;  // sums of their own, so that loops become vectors
constexpr int kStarts = 9;         // tenths of a code to each side

// A scale below this has no useful inverse; such values are zeros.
constexpr float kLeast = 1e-30F;

inline float nearest(float x) {  // REQUIRES: |x| < 2^22; ties to even
  constexpr float kShift = 0x1.8p23F;
  return (x + kShift) - kShift;
}
inline float code_of(float x, float inverse, float low, float high) {
  return nearest(std::min(std::max(x * inverse, low), high));
}
inline float inverse_of(float scale) { return std::abs(scale) > kLeast ? 1.0F / scale : 0.0F; }
inline float total(const float (&lanes)[kLanes]) {
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

// Squared error of x ~ scale * code + minimum, codes low..high chosen best.
inline float squared_error(const float* x, std::size_t n, float scale, float minimum, float low,
                           float high) {
  const float inverse = inverse_of(scale);
  float sums[kLanes] = {};
  for (std::size_t i = 0; i < n; i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) {
      const float code = code_of(x[i + l] - minimum, inverse, low, high);
      const float difference = (scale * code + minimum) - x[i + l];
      sums[l] += difference * difference;
    }
  }
  return total(sums);
}

// The scale of x ~ scale * code with codes -n_codes..n_codes - 1; of either sign.
inline float fit_symmetric(const float* x, std::size_t n, int n_codes) {
  const float* widest =
      std::max_element(x, x + n, [](float a, float b) { return std::abs(a) < std::abs(b); });
  if (std::abs(*widest) < kLeast) return 0;
  const float low = static_cast<float>(-n_codes), high = static_cast<float>(n_codes - 1);
  float best_gain = 0, best = *widest / low;
  for (int start = 0; start < 2 * (2 * kStarts + 1); ++start) {
    const float edge = start % 2 == 0 ? *widest : -*widest;  // gets the first code, or beyond it
    const int step = start / 2 - kStarts;
    const float inverse = (low + 0.1F * static_cast<float>(step)) / edge;
    float products[kLanes] = {}, squares[kLanes] = {};
    for (std::size_t i = 0; i < n; i += kLanes) {
      for (std::size_t l = 0; l < kLanes; ++l) {
        const float code = code_of(x[i + l], inverse, low, high);
        products[l] += code * x[i + l];
        squares[l] += code * code;
      }
    }
    const float product = total(products), square = total(squares);
    if (square > 0 && product * product > best_gain * square) {
      best_gain = product * product / square;
      best = product / square;
    }
  }
  return best;
}

struct Affine {
  float scale = 0, minimum = 0;
};

// Sums that the least-squares line through (code, value) needs.
struct LineSums {
  float n, codes, squares, values, products;

  Affine line(bool minimum_negative) const {
    const float determinant = n * squares - codes * codes;
    Affine out;
    if (determinant > 0) {
      out.scale = (n * products - codes * values) / determinant;
      out.minimum = (squares * values - codes * products) / determinant;
    } else {
      out.minimum = values / n;
    }
    if (minimum_negative && out.minimum > 0) {
      out = {squares > 0 ? products / squares : 0.0F, 0.0F};
    }
    return out;
  }
};

inline LineSums line_sums(const float* x, std::size_t n, float inverse, float minimum, float most) {
  float codes[kLanes] = {}, squares[kLanes] = {}, values[kLanes] = {}, products[kLanes] = {};
  for (std::size_t i = 0; i < n; i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) {
      const float code = code_of(x[i + l] - minimum, inverse, 0, most);
      codes[l] += code;
      squares[l] += code * code;
      values[l] += x[i + l];
      products[l] += code * x[i + l];
    }
  }
  return {static_cast<float>(n), total(codes), total(squares), total(values), total(products)};
}

// The line of x ~ scale * code + minimum with codes 0..most; `minimum_negative`: it is at most 0.
inline Affine fit_affine(const float* x, std::size_t n, int most_code, bool minimum_negative) {
  const auto [least, largest] = std::minmax_element(x, x + n);
  const float low = minimum_negative ? std::min(*least, 0.0F) : *least;
  const float range = *largest - low;
  if (range < kLeast) return {0, low};
  const float most = static_cast<float>(most_code);
  Affine best{range / most, low};
  float best_error = squared_error(x, n, best.scale, best.minimum, 0, most);
  for (int k = -kStarts; k <= kStarts; ++k) {
    const float inverse = (most + 0.1F * static_cast<float>(k)) / range;
    Affine line = line_sums(x, n, inverse, low, most).line(minimum_negative);
    const float error = squared_error(x, n, line.scale, line.minimum, 0, most);
    if (error < best_error) {
      best_error = error;
      best = line;
    }
  }
  for (int round = 0; round < 4; ++round) {  // to where codes and line agree
    const Affine line =
        line_sums(x, n, inverse_of(best.scale), best.minimum, most).line(minimum_negative);
    const float error = squared_error(x, n, line.scale, line.minimum, 0, most);
    if (!(error < best_error)) break;
    best_error = error;
    best = line;
  }
  return best;
}

}  // namespace engram::scale_search
