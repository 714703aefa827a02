#include "kernels/weight_codes.h"

#include <bit>
#include <cstring>

#include "kernels/half.h"

namespace engram {
namespace {

using Bytes = const std::uint8_t*;

constexpr std::int8_t kIq4Values[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                        1,    13,   25,  38,  53,  69,  89,  113};
constexpr std::int8_t kMxfp4Values[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

std::uint8_t byte(unsigned value) { return static_cast<std::uint8_t>(value); }

std::uint16_t half_bits(Bytes p) { return static_cast<std::uint16_t>(p[0] | (p[1] << 8)); }
float half_at(Bytes p) { return float_from_half(half_bits(p)); }

// 16 bytes hold 32 codes: low nibbles first, then high ones.
void nibbles32(Bytes qs, std::uint8_t* codes) {
  for (int i = 0; i < 16; ++i) codes[i] = byte(qs[i] & 15U);
  for (int i = 0; i < 16; ++i) codes[16 + i] = byte(qs[i] >> 4U);
}

// The fifth bits of 32 codes are the bits of one little-endian word.
void add_fifth_bits(Bytes qh, std::uint8_t* codes) {
  for (unsigned i = 0; i < 32; ++i) {
    codes[i] = byte(codes[i] | (((qh[i / 8] >> (i % 8)) & 1U) << 4U));
  }
}

void codes_q8_0(Bytes qs, std::uint8_t* codes) {
  for (int i = 0; i < 32; ++i) codes[i] = byte(qs[i] ^ 0x80U);  // s8 + 128
}

void codes_from_table(Bytes qs, const std::int8_t values[16], std::uint8_t* codes) {
  nibbles32(qs, codes);
  for (int i = 0; i < 32; ++i) codes[i] = byte(static_cast<unsigned>(values[codes[i]] + 128));
}

// 64 bytes hold 256 codes of two bits: per 128 values, 32 bytes, four shifts.
void pairs256(Bytes qs, std::uint8_t* codes) {
  for (int half = 0; half < 2; ++half) {
    for (unsigned shift = 0; shift < 4; ++shift) {
      for (int i = 0; i < 32; ++i) *codes++ = byte((qs[half * 32 + i] >> (2 * shift)) & 3U);
    }
  }
}

void codes_q3_k(Bytes block, std::uint8_t* codes) {
  pairs256(block + 32, codes);
  for (unsigned part = 0; part < 8; ++part) {
    for (unsigned i = 0; i < 32; ++i) {
      std::uint8_t& code = codes[part * 32 + i];
      code = byte(code | (((block[i] >> part) & 1U) << 2U));
    }
  }
}

// 128 bytes hold 256 codes: per 64 values, 32 bytes, low nibbles first.
void nibbles256(Bytes qs, std::uint8_t* codes) {
  for (int part = 0; part < 4; ++part) {
    for (int i = 0; i < 32; ++i) codes[part * 64 + i] = byte(qs[part * 32 + i] & 15U);
    for (int i = 0; i < 32; ++i) codes[part * 64 + 32 + i] = byte(qs[part * 32 + i] >> 4U);
  }
}

void codes_q5_k(Bytes block, std::uint8_t* codes) {
  nibbles256(block + 48, codes);
  Bytes qh = block + 16;
  for (unsigned part = 0; part < 8; ++part) {
    for (unsigned i = 0; i < 32; ++i) {
      std::uint8_t& code = codes[part * 32 + i];
      code = byte(code | (((qh[i] >> part) & 1U) << 4U));
    }
  }
}

void codes_q6_k(Bytes block, std::uint8_t* codes) {
  for (int half = 0; half < 2; ++half) {
    Bytes ql = block + half * 64;
    Bytes qh = block + 128 + half * 32;
    std::uint8_t* out = codes + half * 128;
    for (int i = 0; i < 32; ++i) {
      out[i] = byte((ql[i] & 15U) | ((qh[i] & 3U) << 4U));
      out[i + 32] = byte((ql[i + 32] & 15U) | (((qh[i] >> 2U) & 3U) << 4U));
      out[i + 64] = byte((ql[i] >> 4U) | (((qh[i] >> 4U) & 3U) << 4U));
      out[i + 96] = byte((ql[i + 32] >> 4U) | (((qh[i] >> 6U) & 3U) << 4U));
    }
  }
}

void codes_iq4_xs(Bytes block, std::uint8_t* codes) {
  for (int part = 0; part < 8; ++part) {
    codes_from_table(block + 8 + part * 16, kIq4Values, codes + part * 32);
  }
}

void fill(float* dst, int n, float value) {
  for (int i = 0; i < n; ++i) dst[i] = value;
}

void scales_q2_k(Bytes block, float* scales, float* minima) {
  const float d = half_at(block + 80), dmin = half_at(block + 82);
  for (int i = 0; i < 16; ++i) {
    scales[i] = d * static_cast<float>(block[i] & 15U);
    minima[i] = -(dmin * static_cast<float>(block[i] >> 4U));
  }
}

void scales_q3_k(Bytes block, float* scales) {
  Bytes packed = block + 96;
  const float d = half_at(block + 108);
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned low = (packed[i % 8] >> (4 * (i / 8))) & 15U;
    const unsigned high = (packed[8 + i % 4] >> (2 * (i / 4))) & 3U;
    scales[i] = d * static_cast<float>(static_cast<int>(low | (high << 4U)) - 32);
  }
}

void scales_q4_k(Bytes block, float* scales, float* minima) {
  const float d = half_at(block), dmin = half_at(block + 2);
  std::uint8_t sc[8], m[8];
  read_k_scales(block + 4, sc, m);
  for (int i = 0; i < 8; ++i) {
    fill(scales + 2 * i, 2, d * static_cast<float>(sc[i]));
    fill(minima + 2 * i, 2, -(dmin * static_cast<float>(m[i])));
  }
}

void scales_q6_k(Bytes block, float* scales) {
  const float d = half_at(block + 208);
  for (int i = 0; i < 16; ++i) {
    scales[i] = d * static_cast<float>(static_cast<std::int8_t>(block[192 + i]));
  }
}

void scales_iq4_xs(Bytes block, float* scales) {
  const float d = half_at(block);
  const unsigned high = half_bits(block + 2);
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned low = (block[4 + i / 2] >> (4 * (i % 2))) & 15U;
    const int scale = static_cast<int>(low | (((high >> (2 * i)) & 3U) << 4U)) - 32;
    fill(scales + 2 * i, 2, d * static_cast<float>(scale));
  }
}

// Half of 2^(e - 127), because the values of the table are doubled.
float mxfp4_scale(unsigned e) {
  return std::bit_cast<float>(e < 2 ? 0x00200000U << e : (e - 1) << 23U);
}

}  // namespace

CodeTraits code_traits(TensorType type) {
  switch (type) {
    case TensorType::kQ4_0:
      return {8, false};
    case TensorType::kQ5_0:
      return {16, false};
    case TensorType::kQ3_K:
      return {4, false};
    case TensorType::kQ6_K:
      return {32, false};
    case TensorType::kQ8_0:
    case TensorType::kIQ4_NL:
    case TensorType::kIQ4_XS:
    case TensorType::kMXFP4:
      return {128, false};
    default:
      return {0, true};
  }
}

void read_k_scales(const std::uint8_t packed[12], std::uint8_t scales[8], std::uint8_t minima[8]) {
  for (int i = 0; i < 4; ++i) {
    scales[i] = byte(packed[i] & 63U);
    minima[i] = byte(packed[i + 4] & 63U);
    scales[i + 4] = byte((packed[i + 8] & 15U) | ((packed[i] & 0xC0U) >> 2U));
    minima[i + 4] = byte(((packed[i + 8] & 0xF0U) >> 4U) | ((packed[i + 4] & 0xC0U) >> 2U));
  }
}

void read_codes(TensorType type, const std::byte* source, std::uint8_t* codes) {
  Bytes block = reinterpret_cast<Bytes>(source);
  switch (type) {
    case TensorType::kQ4_0:
      return nibbles32(block + 2, codes);
    case TensorType::kQ4_1:
      return nibbles32(block + 4, codes);
    case TensorType::kQ5_0:
      nibbles32(block + 6, codes);
      return add_fifth_bits(block + 2, codes);
    case TensorType::kQ5_1:
      nibbles32(block + 8, codes);
      return add_fifth_bits(block + 4, codes);
    case TensorType::kQ8_0:
      return codes_q8_0(block + 2, codes);
    case TensorType::kIQ4_NL:
      return codes_from_table(block + 2, kIq4Values, codes);
    case TensorType::kMXFP4:
      return codes_from_table(block + 1, kMxfp4Values, codes);
    case TensorType::kQ2_K:
      return pairs256(block + 16, codes);
    case TensorType::kQ3_K:
      return codes_q3_k(block, codes);
    case TensorType::kQ4_K:
      return nibbles256(block + 16, codes);
    case TensorType::kQ5_K:
      return codes_q5_k(block, codes);
    case TensorType::kQ6_K:
      return codes_q6_k(block, codes);
    case TensorType::kIQ4_XS:
      return codes_iq4_xs(block, codes);
    case TensorType::kF32:
    case TensorType::kF16:
    case TensorType::kBF16:
      return;
  }
}

void read_scales(TensorType type, const std::byte* source, float* scales, float* minima) {
  Bytes block = reinterpret_cast<Bytes>(source);
  switch (type) {
    case TensorType::kQ4_0:
    case TensorType::kQ5_0:
    case TensorType::kQ8_0:
    case TensorType::kIQ4_NL:
      return fill(scales, 2, half_at(block));
    case TensorType::kQ4_1:
    case TensorType::kQ5_1:
      fill(scales, 2, half_at(block));
      return fill(minima, 2, half_at(block + 2));
    case TensorType::kMXFP4:
      return fill(scales, 2, mxfp4_scale(block[0]));
    case TensorType::kQ2_K:
      return scales_q2_k(block, scales, minima);
    case TensorType::kQ3_K:
      return scales_q3_k(block, scales);
    case TensorType::kQ4_K:
    case TensorType::kQ5_K:
      return scales_q4_k(block, scales, minima);
    case TensorType::kQ6_K:
      return scales_q6_k(block, scales);
    case TensorType::kIQ4_XS:
      return scales_iq4_xs(block, scales);
    case TensorType::kF32:
    case TensorType::kF16:
    case TensorType::kBF16:
      return;
  }
}

}  // namespace engram
