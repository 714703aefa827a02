#include "kernels/quantize_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "core/atomic_file.h"
#include "kernels/dequantize.h"
#include "kernels/half.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

// Floats and their bytes by other quantisers: tools/oracle/quantize.py.
struct Fixture {
  std::vector<float> values;
  struct Theirs {
    TensorType type;
    std::string bytes;
  };
  std::vector<Theirs> types;
};

Fixture read_fixture() {
  const auto file = read_file(std::string(ENGRAM_TEST_DATA) + "/quantize.bin");
  REQUIRE(file);
  std::string_view rest = *file;
  const auto take = [&](std::size_t n) {
    REQUIRE(n <= rest.size());
    const std::string_view head = rest.substr(0, n);
    rest.remove_prefix(n);
    return head;
  };
  const auto word = [&] {
    std::uint32_t value;
    std::memcpy(&value, take(4).data(), 4);
    return value;
  };
  REQUIRE(take(4) == "EQUA");
  Fixture out;
  out.values.resize(word());
  std::memcpy(out.values.data(), take(out.values.size() * 4).data(), out.values.size() * 4);
  for (std::uint32_t n = word(); n > 0; --n) {
    const auto type = static_cast<TensorType>(word());
    const std::uint32_t size = word();
    out.types.push_back({type, std::string(take(size))});
  }
  return out;
}

std::string quantized(TensorType type, const std::vector<float>& values) {
  const TensorTypeTraits& traits = traits_of(type);
  std::string bytes(values.size() / traits.block_values * traits.block_bytes, '\0');
  quantize_row(type, values.data(), reinterpret_cast<std::byte*>(bytes.data()), values.size());
  return bytes;
}

std::vector<float> values_of(TensorType type, const std::string& bytes, std::size_t n) {
  std::vector<float> values(n);
  dequantize_row(type, reinterpret_cast<const std::byte*>(bytes.data()), values.data(), n);
  return values;
}

double squared_error(const std::vector<float>& got, const std::vector<float>& wanted,
                     std::size_t begin, std::size_t n) {
  double sum = 0;
  for (std::size_t i = begin; i < begin + n; ++i) {
    sum += std::pow(static_cast<double>(got[i]) - static_cast<double>(wanted[i]), 2);
  }
  return sum;
}

}  // namespace

TEST_CASE("quantize_weights: Q8_0 writes the very bytes of the gguf package", "[kernels]") {
  const Fixture fixture = read_fixture();
  REQUIRE(fixture.types.front().type == TensorType::kQ8_0);
  CHECK(quantized(TensorType::kQ8_0, fixture.values) == fixture.types.front().bytes);
}

TEST_CASE("quantize_weights: no row has a larger error than other quantisers leave", "[kernels]") {
  const Fixture fixture = read_fixture();
  REQUIRE(fixture.types.size() == 5);
  for (const auto& [type, bytes] : fixture.types) {
    const std::size_t n = fixture.values.size(), row = 256;
    const auto ours = values_of(type, quantized(type, fixture.values), n);
    const auto theirs = values_of(type, bytes, n);
    for (std::size_t i = 0; i < n; i += row) {
      INFO(traits_of(type).name << " row " << i / row);
      CHECK(squared_error(ours, fixture.values, i, row) <=
            squared_error(theirs, fixture.values, i, row) * (1 + 1e-6));
    }
  }
}

TEST_CASE("quantize_weights: what was quantised is quantised to the same values again",
          "[kernels]") {
  const Fixture fixture = read_fixture();
  for (const TensorTypeTraits& traits : kTensorTypes) {
    // K types have two levels of scales, which may share the same product in other ways.
    if (!can_quantize(traits.type) || traits.block_values == 256) continue;
    const std::size_t n = fixture.values.size();
    const auto once = values_of(traits.type, quantized(traits.type, fixture.values), n);
    const auto twice = values_of(traits.type, quantized(traits.type, once), n);
    INFO(traits.name);
    const double size = std::sqrt(squared_error(once, std::vector<float>(n), 0, n));
    CHECK(std::sqrt(squared_error(twice, once, 0, n)) <= 1e-6 * size);
  }
}

TEST_CASE("quantize_weights: the largest and the smallest values stay finite", "[kernels]") {
  for (const TensorTypeTraits& traits : kTensorTypes) {
    if (!can_quantize(traits.type)) continue;
    for (const float size : {kMostQuantizable, -kMostQuantizable, 0x1p-24F, 1e-38F,
                             std::numeric_limits<float>::denorm_min()}) {
      INFO(traits.name << " " << size);
      std::vector<float> values(256);
      for (std::size_t i = 0; i < 256; ++i) values[i] = i % 3 == 0 ? size : -size / 2;
      const auto back = values_of(traits.type, quantized(traits.type, values), 256);
      for (std::size_t i = 0; i < 256; ++i) {
        REQUIRE(std::abs(back[i] - values[i]) <= std::abs(size) * 0.15F + 0x1p-24F);
      }
    }
  }
}

// Not a check: the numbers of docs/kernels/formats.md. test_kernels "[accuracy]"
TEST_CASE("quantize_weights: errors beside other quantisers, printed", "[.accuracy]") {
  const Fixture fixture = read_fixture();
  for (const auto& [type, bytes] : fixture.types) {
    const std::size_t n = 10 * std::size_t{256};  // the rows as models have them
    const auto ours = values_of(type, quantized(type, fixture.values), fixture.values.size());
    const auto theirs = values_of(type, bytes, fixture.values.size());
    const double size = squared_error(std::vector<float>(n), fixture.values, 0, n);
    fmt::print("{:8} ours {:.5f} theirs {:.5f} of the values' size\n", traits_of(type).name,
               std::sqrt(squared_error(ours, fixture.values, 0, n) / size),
               std::sqrt(squared_error(theirs, fixture.values, 0, n) / size));
  }
}

TEST_CASE("half: bfloat16 rounds to nearest, ties to even, and keeps NaN", "[kernels]") {
  CHECK(bfloat_from_float(1.0F) == 0x3F80);
  CHECK(bfloat_from_float(1.0F + 0x1p-8F) == 0x3F80);      // a tie: 0x3F80 is even
  CHECK(bfloat_from_float(1.0F + 3 * 0x1p-8F) == 0x3F82);  // a tie: 0x3F82 is even
  CHECK(bfloat_from_float(1.0F + 0x1.2p-8F) == 0x3F81);
  CHECK(bfloat_from_float(-HUGE_VALF) == 0xFF80);
  CHECK((bfloat_from_float(std::bit_cast<float>(0x7F800001U)) & 0x7FU) != 0);
}

}  // namespace engram
