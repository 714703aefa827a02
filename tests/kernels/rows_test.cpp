#include <cmath>

#include "kernels/kernel_table.h"
#include "tests/kernels/random_weights.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

const KernelTable& ref() { return *find_kernel_table("ref"); }

double largest_relative(const std::vector<float>& got, const std::vector<float>& expected) {
  double most = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double e = static_cast<double>(expected[i]);
    const double error = std::abs(static_cast<double>(got[i]) - e) / (std::abs(e) + 1e-6);
    most = error > most || std::isnan(error) ? error : most;
  }
  return most;
}

}  // namespace

TEST_CASE("rms_norm: every table agrees with the reference", "[kernels]") {
  const std::size_t dim = GENERATE(1U, 15U, 16U, 17U, 576U, 1531U);
  const std::size_t n = GENERATE(0U, 1U, 3U);
  test::Random random(1);
  const auto x = test::random_floats(n * dim, random);
  const auto weight = test::random_floats(dim, random);
  const auto run = [&](const KernelTable& table) {
    std::vector<float> y(n * dim);
    table.rms_norm({x.data(), y.data(), weight.data(), n, dim, 1e-5F});
    return y;
  };
  const auto expected = run(ref());
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " " << dim);
    CHECK(largest_relative(run(*table), expected) < 2e-5);
  }
}

TEST_CASE("rope: every table agrees with the reference, both kinds of pairs", "[kernels]") {
  const RopePairs pairs = GENERATE(RopePairs::kAdjacent, RopePairs::kHalves);
  const std::size_t dim = GENERATE(16U, 64U, 128U);
  test::Random random(1);
  std::vector<float> cosine(3 * dim / 2), sine(3 * dim / 2);
  for (std::size_t i = 0; i < cosine.size(); ++i) {
    const double angle = static_cast<double>(random.normal());
    cosine[i] = static_cast<float>(std::cos(angle));
    sine[i] = static_cast<float>(std::sin(angle));
  }
  const auto start = test::random_floats(3 * 2 * dim, random);
  const auto run = [&](const KernelTable& table) {
    std::vector<float> x = start;
    table.rope({x.data(), cosine.data(), sine.data(), 3, 2, dim, 2 * dim, pairs});
    return x;
  };
  const auto expected = run(ref());
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " " << dim);
    CHECK(largest_relative(run(*table), expected) < 2e-5);
  }
}

TEST_CASE("silu: every table agrees with the reference, from saturated to tiny", "[kernels]") {
  const std::size_t cols = GENERATE(1U, 16U, 48U, 53U);
  test::Random random(1);
  std::vector<float> start = test::random_floats(2 * cols, random);
  for (float& g : start) g *= 20;  // exp(-g) from e^60 to e^-60
  start[0] = -200;                 // beyond what exp can hold
  const auto up = test::random_floats(2 * cols, random);
  const auto run = [&](const KernelTable& table) {
    std::vector<float> gate = start;
    table.silu_multiply({gate.data(), up.data(), 2, cols, cols, cols});
    return gate;
  };
  const auto expected = run(ref());
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " " << cols);
    CHECK(largest_relative(run(*table), expected) < 2e-5);
  }
}

TEST_CASE("quantize: integers of every block reproduce its values to 16 bits", "[kernels]") {
  const std::size_t dim = 96, n = 4;
  test::Random random(9);
  auto values = test::random_floats(n * dim, random);
  values[5] = 3000;                                         // an outlier shares its block's scale
  for (std::size_t i = 0; i < 32; ++i) values[64 + i] = 0;  // a block of zeros
  std::vector<std::vector<std::int8_t>> all_high;
  for (const KernelTable* table : available_kernel_tables()) {
    if (!table->packed) continue;
    INFO(table->name);
    std::vector<std::int8_t> high(n * dim), low(n * dim);
    std::vector<float> scale(n * dim / 32), sum(n * dim / 32);
    std::vector<std::int32_t> total(n * dim / 16);
    table->quantize(
        {{dim, values.data(), high.data(), low.data(), scale.data(), sum.data(), total.data()},
         0,
         n});
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int integer = 255 * high[i] + low[i];
      CHECK(std::abs(scale[i / 32] * static_cast<float>(integer) - values[i]) <=
            scale[i / 32] * 0.51F);
      CHECK(std::abs(low[i]) <= 127);
      CHECK(std::abs(high[i]) <= 127);
    }
    all_high.push_back(high);
    CHECK(all_high.front() == high);
  }
}

}  // namespace engram
