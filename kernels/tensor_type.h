// kernels/tensor_type.h: the number formats of weights, with GGUF's ids and block shapes.
//
// Source: the GGUF specification's tensor type table; layouts in docs/kernels/formats.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace engram {

enum class TensorType : std::uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ2_K = 10,
  kQ3_K = 11,
  kQ4_K = 12,
  kQ5_K = 13,
  kQ6_K = 14,
  kIQ4_NL = 20,
  kIQ4_XS = 23,
  kBF16 = 30,
  kMXFP4 = 39,
};

struct TensorTypeTraits {
  TensorType type;
  std::string_view name;     // "Q4_K"
  std::size_t block_values;  // values a block holds
  std::size_t block_bytes;   // bytes a block takes
};

// nullptr for a type Engram does not know.
constexpr const TensorTypeTraits* tensor_type_traits(std::uint32_t id);

inline constexpr TensorTypeTraits kTensorTypes[] = {
    {TensorType::kF32, "F32", 1, 4},         {TensorType::kF16, "F16", 1, 2},
    {TensorType::kQ4_0, "Q4_0", 32, 18},     {TensorType::kQ4_1, "Q4_1", 32, 20},
    {TensorType::kQ5_0, "Q5_0", 32, 22},     {TensorType::kQ5_1, "Q5_1", 32, 24},
    {TensorType::kQ8_0, "Q8_0", 32, 34},     {TensorType::kQ2_K, "Q2_K", 256, 84},
    {TensorType::kQ3_K, "Q3_K", 256, 110},   {TensorType::kQ4_K, "Q4_K", 256, 144},
    {TensorType::kQ5_K, "Q5_K", 256, 176},   {TensorType::kQ6_K, "Q6_K", 256, 210},
    {TensorType::kIQ4_NL, "IQ4_NL", 32, 18}, {TensorType::kIQ4_XS, "IQ4_XS", 256, 136},
    {TensorType::kBF16, "BF16", 1, 2},       {TensorType::kMXFP4, "MXFP4", 32, 17},
};

constexpr const TensorTypeTraits* tensor_type_traits(std::uint32_t id) {
  for (const auto& t : kTensorTypes) {
    if (static_cast<std::uint32_t>(t.type) == id) return &t;
  }
  return nullptr;
}
constexpr const TensorTypeTraits& traits_of(TensorType type) {
  return *tensor_type_traits(static_cast<std::uint32_t>(type));
}

}  // namespace engram
