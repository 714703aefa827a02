#include "kernels/dequantize.h"

#include <cmath>
#include <cstring>
#include <string>

#include "core/atomic_file.h"
#include "kernels/half.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

struct Reader {
  std::string_view bytes;
  std::uint32_t word() {
    std::uint32_t value;
    std::memcpy(&value, take(4).data(), 4);
    return value;
  }
  std::string_view take(std::size_t n) {
    REQUIRE(n <= bytes.size());
    const std::string_view head = bytes.substr(0, n);
    bytes.remove_prefix(n);
    return head;
  }
};

// Index of the first value of other bits; a NaN's sign and payload are nobody's promise.
std::size_t first_difference(const std::vector<float>& got, std::string_view expected_bytes) {
  std::vector<float> expected(got.size());
  std::memcpy(expected.data(), expected_bytes.data(), expected_bytes.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(got[i]) && std::isnan(expected[i])) continue;
    if (std::memcmp(&got[i], &expected[i], sizeof(float)) != 0) return i;
  }
  return got.size();
}

}  // namespace

TEST_CASE("dequantize: every type equals the gguf package to the last bit", "[kernels]") {
  const auto fixture = read_file(std::string(ENGRAM_TEST_DATA) + "/dequantize.bin");
  REQUIRE(fixture);
  Reader reader{*fixture};
  REQUIRE(reader.take(4) == "EDEQ");
  const std::uint32_t n_types = reader.word();
  CHECK(n_types == std::size(kTensorTypes));
  for (std::uint32_t i = 0; i < n_types; ++i) {
    const TensorTypeTraits* traits = tensor_type_traits(reader.word());
    REQUIRE(traits != nullptr);
    INFO(traits->name);
    const std::size_t n = reader.word();
    const std::string_view blocks = reader.take(reader.word());
    REQUIRE(blocks.size() == n / traits->block_values * traits->block_bytes);
    const std::string_view expected = reader.take(n * sizeof(float));
    std::vector<float> values(n);
    dequantize_row(traits->type, reinterpret_cast<const std::byte*>(blocks.data()), values.data(),
                   n);
    CHECK(first_difference(values, expected) == n);
  }
}

TEST_CASE("half: every half survives a round trip through float", "[kernels]") {
  std::size_t wrong = 0;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const bool nan = (half & 0x7C00U) == 0x7C00U && (half & 0x3FFU) != 0;
    if (!nan && half_from_float(float_from_half(half)) != half) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("half: floats between two halves go to the nearer, ties to even", "[kernels]") {
  CHECK(half_from_float(1.0F) == 0x3C00);
  CHECK(half_from_float(1.0F + 0x1p-11F) == 0x3C00);      // a tie: 0x3C00 is even
  CHECK(half_from_float(1.0F + 3 * 0x1p-11F) == 0x3C02);  // a tie: 0x3C02 is even
  CHECK(half_from_float(1.0F + 0x1.8p-11F) == 0x3C01);
  CHECK(half_from_float(65519.0F) == 0x7BFF);
  CHECK(half_from_float(65520.0F) == 0x7C00);  // rounds to infinity
  CHECK(half_from_float(0x1p-25F) == 0);       // half of the least subnormal
  CHECK(half_from_float(0x1.8p-25F) == 1);
}

}  // namespace engram
