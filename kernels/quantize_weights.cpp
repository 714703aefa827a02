#include "kernels/quantize_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/half.h"
#include "kernels/scale_search.h"

namespace engram {
namespace {

using namespace scale_search;

std::uint8_t byte(float code) { return static_cast<std::uint8_t>(static_cast<int>(code)); }
std::byte as_byte(unsigned value) { return static_cast<std::byte>(value & 255U); }

void put_half(std::byte* dst, float value) {
  const std::uint16_t bits = half_from_float(value);
  std::memcpy(dst, &bits, 2);
}
float rounded_to_half(float value) { return float_from_half(half_from_float(value)); }

// Codes 0..high - low of n values.
void put_codes(const float* x, std::size_t n, float scale, float minimum, float low, float high,
               std::uint8_t* codes) {
  const float inverse = inverse_of(scale);
  for (std::size_t i = 0; i < n; ++i) {
    codes[i] = byte(code_of(x[i] - minimum, inverse, low, high) - low);
  }
}

void put_nibbles32(const std::uint8_t* codes, std::byte* dst) {
  for (int i = 0; i < 16; ++i) dst[i] = as_byte(codes[i] | unsigned{codes[16 + i]} << 4U);
}

void quantize_q8_0(const float* x, std::byte* dst) {
  float most = 0;
  for (int i = 0; i < 32; ++i) most = std::max(most, std::abs(x[i]));
  const float scale = most / 127.0F;
  const float inverse = scale == 0 ? 0.0F : 1.0F / scale;
  put_half(dst, scale);
  for (int i = 0; i < 32; ++i) {
    const float code = std::isinf(inverse) ? 0.0F : std::round(x[i] * inverse);  // ties away
    dst[2 + i] = as_byte(static_cast<unsigned>(static_cast<int>(code)));
  }
}

void quantize_q4_0(const float* x, std::byte* dst) {
  const float* widest =
      std::max_element(x, x + 32, [](float a, float b) { return std::abs(a) < std::abs(b); });
  float best = 0, best_error = squared_error(x, 32, 0, 0, -8, 7);
  for (const float scale : {fit_symmetric(x, 32, 8), *widest / -8.0F}) {
    const float stored = rounded_to_half(scale);
    const float error = squared_error(x, 32, stored, 0, -8, 7);
    if (error < best_error) {
      best_error = error;
      best = stored;
    }
  }
  std::uint8_t codes[32];
  put_codes(x, 32, best, 0, -8, 7, codes);
  put_half(dst, best);
  put_nibbles32(codes, dst + 2);
}

void quantize_q4_1(const float* x, std::byte* dst) {
  const auto [least, largest] = std::minmax_element(x, x + 32);
  Affine best{0, rounded_to_half(*least)};
  float best_error = squared_error(x, 32, best.scale, best.minimum, 0, 15);
  const Affine plain{(*largest - *least) / 15.0F, *least};
  for (const Affine& line : {fit_affine(x, 32, 15, false), plain}) {
    const Affine stored{rounded_to_half(line.scale), rounded_to_half(line.minimum)};
    const float error = squared_error(x, 32, stored.scale, stored.minimum, 0, 15);
    if (error < best_error) {
      best_error = error;
      best = stored;
    }
  }
  std::uint8_t codes[32];
  put_codes(x, 32, best.scale, best.minimum, 0, 15, codes);
  put_half(dst, best.scale);
  put_half(dst + 2, best.minimum);
  put_nibbles32(codes, dst + 4);
}

// The integers for a scale (and a minimum) whose products with d (and dmin) leave the least error,
// among those next to the nearest.
struct Integers {
  int scale = 0, minimum = 0;
};

int near(float ratio, int step, int low, int high) {
  return std::clamp(static_cast<int>(nearest(ratio)) + step, low, high);
}

Integers best_integers_q4_k(const float* x, const Affine& line, float d, float dmin) {
  const float scale_ratio = line.scale * inverse_of(d);
  const float minimum_ratio = -line.minimum * inverse_of(dmin);
  Integers best;
  float best_error = HUGE_VALF;
  for (int i = -1; i <= 1; ++i) {
    for (int j = -1; j <= 1; ++j) {
      const Integers now{near(scale_ratio, i, 0, 63), near(minimum_ratio, j, 0, 63)};
      const float error = squared_error(x, 32, d * static_cast<float>(now.scale),
                                        -(dmin * static_cast<float>(now.minimum)), 0, 15);
      if (error < best_error) {
        best_error = error;
        best = now;
      }
    }
  }
  return best;
}

// Eight 6-bit scales and minima in 12 bytes, as read_k_scales takes them apart.
void put_k_scales(const Integers (&of)[8], std::byte* dst) {
  for (int i = 0; i < 4; ++i) {
    const auto scale = static_cast<unsigned>(of[i].scale);
    const auto minimum = static_cast<unsigned>(of[i].minimum);
    const auto scale4 = static_cast<unsigned>(of[i + 4].scale);
    const auto minimum4 = static_cast<unsigned>(of[i + 4].minimum);
    dst[i] = as_byte(scale | (scale4 >> 4U) << 6U);
    dst[i + 4] = as_byte(minimum | (minimum4 >> 4U) << 6U);
    dst[i + 8] = as_byte((scale4 & 15U) | (minimum4 & 15U) << 4U);
  }
}

void quantize_q4_k(const float* x, std::byte* dst) {
  Affine lines[8];
  float most_scale = 0, most_minimum = 0;
  for (int i = 0; i < 8; ++i) {
    lines[i] = fit_affine(x + 32 * i, 32, 15, true);
    most_scale = std::max(most_scale, lines[i].scale);
    most_minimum = std::max(most_minimum, -lines[i].minimum);
  }
  const float d = rounded_to_half(most_scale / 63.0F);
  const float dmin = rounded_to_half(most_minimum / 63.0F);
  Integers integers[8];
  std::uint8_t codes[256];
  for (int i = 0; i < 8; ++i) {
    integers[i] = best_integers_q4_k(x + 32 * i, lines[i], d, dmin);
    put_codes(x + 32 * i, 32, d * static_cast<float>(integers[i].scale),
              -(dmin * static_cast<float>(integers[i].minimum)), 0, 15, codes + 32 * i);
  }
  put_half(dst, d);
  put_half(dst + 2, dmin);
  put_k_scales(integers, dst + 4);
  for (int part = 0; part < 4; ++part) {
    for (int i = 0; i < 32; ++i) {
      dst[16 + part * 32 + i] =
          as_byte(codes[part * 64 + i] | unsigned{codes[part * 64 + 32 + i]} << 4U);
    }
  }
}

struct Scale6 {
  int integer = 0;
  float error = HUGE_VALF;
};

Scale6 best_integer_q6_k(const float* x, float scale, float d) {
  const float ratio = scale * inverse_of(d);
  Scale6 best;
  for (int step = -1; step <= 1; ++step) {
    const int now = near(ratio, step, -128, 127);
    const float error = squared_error(x, 16, d * static_cast<float>(now), 0, -32, 31);
    if (error < best.error) best = {now, error};
  }
  return best;
}

// The scale of all scales: as a half it is coarse, so the widest may get one of several integers.
struct Scales6 {
  float d = 0;
  int integers[16] = {};
};

Scales6 best_scales_q6_k(const float* x) {
  float scales[16];
  for (int i = 0; i < 16; ++i) scales[i] = fit_symmetric(x + 16 * i, 16, 32);
  const float widest = *std::max_element(
      scales, scales + 16, [](float a, float b) { return std::abs(a) < std::abs(b); });
  Scales6 best;
  float best_error = HUGE_VALF;
  for (const float integer : {-128.0F, -127.0F, -126.0F, -125.0F}) {
    Scales6 now{rounded_to_half(widest / integer)};
    float error = 0;
    for (int i = 0; i < 16; ++i) {
      const Scale6 of_run = best_integer_q6_k(x + 16 * i, scales[i], now.d);
      now.integers[i] = of_run.integer;
      error += of_run.error;
    }
    if (error < best_error) {
      best_error = error;
      best = now;
    }
  }
  return best;
}

// Low four and upper two bits of 256 codes, as read_codes takes them apart.
void put_six_bits(const std::uint8_t* codes, std::byte* low, std::byte* high) {
  for (int half = 0; half < 2; ++half, codes += 128, low += 64, high += 32) {
    for (int i = 0; i < 32; ++i) {
      const unsigned a = codes[i], b = codes[i + 32], c = codes[i + 64], d = codes[i + 96];
      low[i] = as_byte((a & 15U) | (c & 15U) << 4U);
      low[i + 32] = as_byte((b & 15U) | (d & 15U) << 4U);
      high[i] = as_byte(a >> 4U | (b >> 4U) << 2U | (c >> 4U) << 4U | (d >> 4U) << 6U);
    }
  }
}

void quantize_q6_k(const float* x, std::byte* dst) {
  const Scales6 scales = best_scales_q6_k(x);
  std::uint8_t codes[256];
  for (int i = 0; i < 16; ++i) {
    put_codes(x + 16 * i, 16, scales.d * static_cast<float>(scales.integers[i]), 0, -32, 31,
              codes + 16 * i);
    dst[192 + i] = as_byte(static_cast<unsigned>(scales.integers[i]));
  }
  put_six_bits(codes, dst, dst + 128);
  put_half(dst + 208, scales.d);
}

void convert_row(const float* src, std::byte* dst, std::size_t n, std::uint16_t (*convert)(float)) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint16_t bits = convert(src[i]);
    std::memcpy(dst + 2 * i, &bits, 2);
  }
}

using QuantizeBlock = void (*)(const float*, std::byte*);

QuantizeBlock block_quantizer(TensorType type) {
  switch (type) {
    case TensorType::kQ8_0:
      return quantize_q8_0;
    case TensorType::kQ4_0:
      return quantize_q4_0;
    case TensorType::kQ4_1:
      return quantize_q4_1;
    case TensorType::kQ4_K:
      return quantize_q4_k;
    case TensorType::kQ6_K:
      return quantize_q6_k;
    default:
      return nullptr;
  }
}

bool is_plain(TensorType type) {
  return type == TensorType::kF32 || type == TensorType::kF16 || type == TensorType::kBF16;
}

}  // namespace

bool can_quantize(TensorType type) { return is_plain(type) || block_quantizer(type) != nullptr; }

void quantize_row(TensorType type, const float* src, std::byte* dst, std::size_t n) {
  if (type == TensorType::kF32) {
    std::memcpy(dst, src, n * sizeof(float));
    return;
  }
  if (type == TensorType::kF16) return convert_row(src, dst, n, half_from_float);
  if (type == TensorType::kBF16) return convert_row(src, dst, n, bfloat_from_float);
  const TensorTypeTraits& traits = traits_of(type);
  const QuantizeBlock quantize = block_quantizer(type);
  for (std::size_t i = 0; i < n; i += traits.block_values, dst += traits.block_bytes) {
    quantize(src + i, dst);
  }
}

}  // namespace engram
