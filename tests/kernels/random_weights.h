// tests/kernels/random_weights.h: seeded weights of any type, and activations to go with them.
#pragma once

#include <cstring>
#include <random>
#include <vector>

#include "kernels/half.h"
#include "kernels/tensor_type.h"

namespace engram::test {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  float normal() { return normal_(engine_); }
  float uniform(float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(engine_);
  }
  unsigned byte() { return static_cast<unsigned>(engine_()) & 255U; }

 private:
  std::mt19937 engine_;
  std::normal_distribution<float> normal_;
};

// Offsets of half-precision scales in a block; random bytes elsewhere are valid codes.
inline std::vector<std::size_t> half_offsets(TensorType type) {
  switch (type) {
    case TensorType::kQ4_0:
    case TensorType::kQ5_0:
    case TensorType::kQ8_0:
    case TensorType::kIQ4_NL:
    case TensorType::kIQ4_XS:
      return {0};
    case TensorType::kQ4_1:
    case TensorType::kQ5_1:
    case TensorType::kQ4_K:
    case TensorType::kQ5_K:
      return {0, 2};
    case TensorType::kQ2_K:
      return {80, 82};
    case TensorType::kQ3_K:
      return {108};
    case TensorType::kQ6_K:
      return {208};
    default:
      return {};
  }
}

inline void put_half(std::byte* p, float value) {
  const std::uint16_t bits = half_from_float(value);
  std::memcpy(p, &bits, 2);
}

inline std::vector<std::byte> random_rows(TensorType type, std::size_t rows, std::size_t cols,
                                          Random& random) {
  const TensorTypeTraits& traits = traits_of(type);
  std::vector<std::byte> bytes(rows * cols / traits.block_values * traits.block_bytes);
  if (type == TensorType::kF32) {
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
      const float value = random.normal();
      std::memcpy(&bytes[i], &value, 4);
    }
    return bytes;
  }
  if (type == TensorType::kF16 || type == TensorType::kBF16) {
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
      const float value = random.normal();
      std::uint32_t wide;
      std::memcpy(&wide, &value, 4);
      const auto bf = static_cast<std::uint16_t>(wide >> 16U);
      const std::uint16_t bits = type == TensorType::kF16 ? half_from_float(value) : bf;
      std::memcpy(&bytes[i], &bits, 2);
    }
    return bytes;
  }
  for (std::byte& b : bytes) b = std::byte{static_cast<unsigned char>(random.byte())};
  for (std::size_t block = 0; block < bytes.size(); block += traits.block_bytes) {
    for (const std::size_t offset : half_offsets(type)) {
      put_half(&bytes[block + offset], random.uniform(-0.1F, 0.1F));
    }
    if (type == TensorType::kMXFP4) bytes[block] = std::byte{120};
  }
  return bytes;
}

inline std::vector<float> random_floats(std::size_t n, Random& random) {
  std::vector<float> values(n);
  for (float& v : values) v = random.normal();
  return values;
}

}  // namespace engram::test
