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
    table.rope({x.data(), cosine.data(), sine.data(), 3, 2, dim, 2 * dim, dim, pairs});
    return x;
  };
  const auto expected = run(ref());
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " " << dim);
    CHECK(largest_relative(run(*table), expected) < 2e-5);
  }
}

TEST_CASE("rope: a head turns only as far as asked, and the rest of it is left alone",
          "[kernels]") {
  const RopePairs pairs = GENERATE(RopePairs::kAdjacent, RopePairs::kHalves);
  const std::size_t dim = 48, turned = 32;
  test::Random random(1);
  const std::vector<float> cosine(turned / 2, 0.6F), sine(turned / 2, 0.8F);
  const auto start = test::random_floats(2 * dim, random);
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name);
    std::vector<float> x = start;
    table->rope({x.data(), cosine.data(), sine.data(), 1, 2, dim, 2 * dim, turned, pairs});
    for (std::size_t h = 0; h < 2; ++h) {
      for (std::size_t i = 0; i < dim; ++i) {
        CHECK((x[h * dim + i] == start[h * dim + i]) == (i >= turned));
      }
    }
  }
}

TEST_CASE("layer_norm: every table agrees with the reference, also far from zero", "[kernels]") {
  const std::size_t dim = GENERATE(1U, 16U, 40U, 576U);
  test::Random random(5);
  auto x = test::random_floats(2 * dim, random);
  for (std::size_t i = dim; i < 2 * dim; ++i) x[i] += 4;  // a mean larger than the variance
  const auto weight = test::random_floats(dim, random), bias = test::random_floats(dim, random);
  const auto run = [&](const KernelTable& table) {
    std::vector<float> y(2 * dim);
    table.layer_norm({x.data(), y.data(), weight.data(), bias.data(), 2, dim, 1e-5F});
    return y;
  };
  const auto expected = run(ref());
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " " << dim);
    CHECK(largest_relative(run(*table), expected) < 5e-4);
  }
}

TEST_CASE("nonlinearity: every table agrees with the reference, from saturated to tiny",
          "[kernels]") {
  const Nonlinearity f = GENERATE(Nonlinearity::kSilu, Nonlinearity::kGelu);
  const bool gated = GENERATE(true, false);
  const std::size_t cols = GENERATE(1U, 16U, 48U, 53U);
  test::Random random(1);
  std::vector<float> start = test::random_floats(2 * cols, random);
  for (float& g : start) g *= 20;  // exp(-g) from e^60 to e^-60
  start[0] = -200;                 // beyond what exp can hold
  const auto up = test::random_floats(2 * cols, random);
  const auto run = [&](const KernelTable& table) {
    std::vector<float> gate = start;
    table.nonlinearity({f, gate.data(), gated ? up.data() : nullptr, 2, cols, cols, cols});
    return gate;
  };
  const auto expected = run(ref());
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " " << cols);
    CHECK(largest_relative(run(*table), expected) < 2e-5);
  }
}

namespace {

// What quantize() writes, and the memory for it.
struct Quantized {
  std::vector<std::int8_t> high, low;
  std::vector<std::int16_t> whole;
  std::vector<float> scale, sum;
  std::vector<std::int32_t> total;
  std::vector<std::uint8_t> refined;

  Quantized(const KernelTable& table, std::vector<float>& values, std::size_t dim, float refine)
      : high(values.size()),
        low(values.size(), 99),
        whole(values.size()),
        scale(values.size() / 32),
        sum(values.size() / 32),
        total(values.size() / 16),
        refined(values.size() / 32, 99) {
    const Activations a{dim,          values.data(), high.data(),  low.data(),    whole.data(),
                        scale.data(), sum.data(),    total.data(), refined.data()};
    table.quantize({a, 0, values.size() / dim, refine});
  }
};

std::vector<const KernelTable*> integer_tables() {
  auto tables = available_kernel_tables();
  std::erase_if(tables, [](const KernelTable* table) { return !table->packed; });
  return tables;
}

}  // namespace

TEST_CASE("quantize: integers of every block reproduce its values to 16 bits", "[kernels]") {
  const std::size_t dim = 96, n = 4;
  test::Random random(9);
  auto values = test::random_floats(n * dim, random);
  values[5] = 3000;                                         // an outlier shares its block's scale
  for (std::size_t i = 0; i < 32; ++i) values[64 + i] = 0;  // a block of zeros
  std::vector<std::int8_t> first_high;
  for (const KernelTable* table : integer_tables()) {
    INFO(table->name);
    const Quantized q(*table, values, dim, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float unit = q.scale[i / 32];
      const float integer = static_cast<float>(255 * q.high[i] + q.low[i]);
      CHECK(std::abs(unit * integer - values[i]) <= unit * 1.01F);
      CHECK(std::abs(q.low[i]) <= 127);
      CHECK(std::abs(q.high[i]) <= 127);
    }
    if (first_high.empty()) first_high = q.high;
    CHECK(q.high == first_high);
  }
}

TEST_CASE("quantize: blocks within the limit get one byte, the others two", "[kernels]") {
  const std::size_t dim = 128;
  std::vector<float> values(dim);
  for (std::size_t i = 0; i < dim; ++i) values[i] = i % 2 == 0 ? 1.03F : -0.97F;
  values[40] = 7;  // the root mean square of the row is 1.17: 6 times that
  for (const KernelTable* table : integer_tables()) {
    INFO(table->name);
    const Quantized q(*table, values, dim, 4);
    CHECK(q.refined == std::vector<std::uint8_t>{0, 1, 0, 0});
    for (std::size_t i = 0; i < dim; ++i) {
      const float unit = q.scale[i / 32];
      const auto number = static_cast<float>(i / 32 == 1 ? 255 * q.high[i] + q.low[i] : q.high[i]);
      CHECK(std::abs(q.scale[i / 32] * number - values[i]) <= unit * 1.01F);
      if (i / 32 != 1) CHECK(q.low[i] == 0);
    }
    for (std::size_t half = 0; half < dim / 16; ++half) {
      int total = 0;
      for (std::size_t i = half * 16; i < half * 16 + 16; ++i) {
        total += half / 2 == 1 ? 255 * q.high[i] + q.low[i] : q.high[i];
      }
      CHECK(q.total[half] == total);
    }
  }
}

TEST_CASE("quantize: a value that is not finite makes its block's scale NaN, no other's",
          "[kernels]") {
  const std::size_t dim = 96;
  for (const float bad : {std::nanf(""), -std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
    for (const std::size_t at : {std::size_t{32}, std::size_t{47}, std::size_t{63}}) {
      test::Random random(3);
      auto values = test::random_floats(dim, random);
      values[at] = bad;
      for (const KernelTable* table : available_kernel_tables()) {
        if (!table->packed) continue;
        INFO(table->name << " " << bad << " at " << at);
        std::vector<std::int8_t> high(dim), low(dim);
        std::vector<std::int16_t> whole(dim);
        std::vector<float> scale(3), sum(3);
        std::vector<std::int32_t> total(6);
        std::vector<std::uint8_t> refined(3);
        table->quantize({.a = {dim, values.data(), high.data(), low.data(), whole.data(),
                               scale.data(), sum.data(), total.data(), refined.data()},
                         .row_begin = 0,
                         .row_end = 1});
        CHECK(std::isfinite(scale[0]));
        CHECK(std::isnan(scale[1]));
        CHECK(std::isnan(sum[1]));
        CHECK(std::isfinite(scale[2]));
      }
    }
  }
}

}  // namespace engram
