#include "kernels/matmul.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "engine/compute/aligned_buffer.h"
#include "kernels/dequantize.h"
#include "kernels/kernel_table.h"
#include "kernels/pack.h"
#include "tests/kernels/random_weights.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

// Activations of n rows with all the memory behind them, quantised by a table.
struct Input {
  Input(const KernelTable& table, std::vector<float> floats, std::size_t n, std::size_t dim,
        float refine)
      : values(std::move(floats)),
        high(n * dim + 1),
        low(n * dim + 1),
        whole(n * dim + 1),
        scale(n * dim / kBlock + 1),
        sum(n * dim / kBlock + 1),
        total(n * dim / kHalfBlock + 1),
        refined(n * dim / kBlock + 1) {
    a = {dim,          values.data(), high.data(),  low.data(),    whole.data(),
         scale.data(), sum.data(),    total.data(), refined.data()};
    table.quantize({a, 0, n, refine});
  }
  std::vector<float> values;
  std::vector<std::int8_t> high, low;
  std::vector<std::int16_t> whole;
  std::vector<float> scale, sum;
  std::vector<std::int32_t> total;
  std::vector<std::uint8_t> refined;
  Activations a;
};

struct Weights {
  TensorType type;
  std::size_t rows, cols;
  std::vector<std::byte> raw;
  AlignedBuffer<std::byte> packed;

  Weights(TensorType t, std::size_t r, std::size_t c, unsigned seed)
      : type(t), rows(r), cols(c), packed(packed_bytes(t, r, c)) {
    test::Random random(seed);
    raw = test::random_rows(t, r, c, random);
    pack_groups(t, raw.data(), r, c, 0, (r + kRowGroup - 1) / kRowGroup, packed.data());
  }
  Matrix matrix(const KernelTable& table) const {
    return {type, rows, cols, table.packed ? packed.data() : raw.data()};
  }
};

struct Options {
  const float* bias = nullptr;
  bool add = false;
  std::size_t step = 0;  // rows of one call; 0: all
  float refine = 0;      // as QuantizeArgs::refine_above
};

std::vector<float> multiply(const KernelTable& table, const Weights& w,
                            const std::vector<float>& values, std::size_t n, Options options = {}) {
  const Input input(table, values, n, w.cols, options.refine);
  AlignedBuffer<std::byte> scratch(matmul_scratch_bytes(w.cols));
  std::vector<float> y(n * w.rows, options.add ? 2.5F : -77.0F);
  const std::size_t step = options.step == 0 ? w.rows : options.step;
  for (std::size_t row = 0; row < w.rows; row += step) {
    table.matmul({.w = w.matrix(table),
                  .a = input.a,
                  .n = n,
                  .row_begin = row,
                  .row_end = std::min(row + step, w.rows),
                  .y = y.data() + row,
                  .y_stride = w.rows,
                  .bias = options.bias,
                  .add = options.add,
                  .scratch = scratch.data()});
  }
  return y;
}

double square_sum(const float* x, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}

// Size a result of these weights and activations has on average; single ones may cancel to zero.
double typical_size(const Weights& w, const std::vector<float>& values) {
  const std::size_t row_bytes = w.raw.size() / w.rows;
  std::vector<float> row(w.cols);
  double weights = 0;
  for (std::size_t r = 0; r < w.rows; ++r) {
    dequantize_row(w.type, w.raw.data() + r * row_bytes, row.data(), w.cols);
    weights += square_sum(row.data(), w.cols);
  }
  return std::sqrt(weights * square_sum(values.data(), values.size()) /
                   static_cast<double>(w.cols));
}

// Root of the summed squared differences relative to the results' typical size.
double relative_error(const Weights& w, const std::vector<float>& values,
                      const std::vector<float>& got, const std::vector<float>& expected) {
  double difference = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    difference += std::pow(static_cast<double>(got[i]) - static_cast<double>(expected[i]), 2);
  }
  return std::sqrt(difference) / typical_size(w, values);
}

std::vector<TensorType> all_types() {
  std::vector<TensorType> types;
  for (const TensorTypeTraits& traits : kTensorTypes) types.push_back(traits.type);
  return types;
}

const KernelTable& ref() { return *find_kernel_table("ref"); }

}  // namespace

TEST_CASE("kernel tables: each is found by its name where the processor can run it", "[kernels]") {
  const auto available = available_kernel_tables();
  CHECK(available.back()->name == "ref");
  CHECK(find_kernel_table("") == available.front());
  CHECK(find_kernel_table("none") == nullptr);
  const std::string name = GENERATE("ref", "avx2", "avxvnni", "avx512");
  const KernelTable* table = find_kernel_table(name);
  if (table == nullptr) SKIP("this processor cannot run " << name << ": it is not tested here");
  CHECK(table->name == name);
  CHECK(std::find(available.begin(), available.end(), table) != available.end());
}

TEST_CASE("matmul: every table agrees with the reference for every type and shape", "[kernels]") {
  struct Shape {
    const char* why;
    std::size_t rows, blocks, n;
  };
  const TensorType type = GENERATE(from_range(all_types()));
  const auto shape = GENERATE(values<Shape>({
      {"one row, one token", 1, 1, 1},
      {"a full group", 16, 2, 1},
      {"a partial last group, few tokens", 19, 1, 3},
      {"a pass of eight", 35, 1, 8},
      {"two passes of eight", 35, 1, 16},
      {"first size of the panel path", 48, 2, 17},
      {"panel with left-over groups and tokens", 101, 1, 23},
      {"large", 160, 5, 64},
      {"more columns than a panel, few groups", 32, 23, 18},
      {"more columns than a panel, in all its groups", 48, 23, 20},
  }));
  const std::size_t cols = std::max<std::size_t>(traits_of(type).block_values, 32) * shape.blocks;
  const Weights w(type, shape.rows, cols, 7);
  test::Random random(11);
  const auto values = test::random_floats(shape.n * cols, random);
  const auto expected = multiply(ref(), w, values, shape.n);
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " " << traits_of(type).name << ": " << shape.why);
    CHECK(relative_error(w, values, multiply(*table, w, values, shape.n), expected) < 5e-5);
  }
}

TEST_CASE("matmul: a token's result has the same bits alone and in any batch", "[kernels]") {
  const TensorType type = GENERATE(from_range(all_types()));
  const std::size_t rows = 67, n = 23;
  // More columns than a panel holds, and not a multiple of it.
  const std::size_t cols = traits_of(type).block_values == 256 ? 5 * 256 : 23 * 32;
  const Weights w(type, rows, cols, 3);
  test::Random random(5);
  const auto values = test::random_floats(n * cols, random);
  for (const KernelTable* table : available_kernel_tables()) {
    // At 2.2 some blocks of some tokens are refined: those of the others must not change.
    for (const float refine : {0.0F, 2.2F}) {
      INFO(table->name << " " << traits_of(type).name << " " << refine);
      const auto batch = multiply(*table, w, values, n, {.refine = refine});
      CHECK(multiply(*table, w, values, n, {.step = 32, .refine = refine}) == batch);
      for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 16U, 17U}) {
        const std::vector<float> some(values.begin(),
                                      values.begin() + static_cast<std::ptrdiff_t>(size * cols));
        const std::vector<float> head(batch.begin(),
                                      batch.begin() + static_cast<std::ptrdiff_t>(size * rows));
        CHECK(multiply(*table, w, some, size, {.refine = refine}) == head);
      }
    }
  }
}

TEST_CASE("matmul: more tokens than a panel serves at once keep their bits", "[kernels]") {
  const std::size_t cols = 20 * 32, rows = 16, n = kPanelTokens + 5;
  const Weights w(TensorType::kQ4_1, rows, cols, 3);
  test::Random random(5);
  const auto values = test::random_floats(n * cols, random);
  const std::vector<float> last(values.end() - static_cast<std::ptrdiff_t>(cols), values.end());
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name);
    const auto batch = multiply(*table, w, values, n);
    CHECK(multiply(*table, w, last, 1) ==
          std::vector<float>(batch.end() - static_cast<std::ptrdiff_t>(rows), batch.end()));
  }
}

TEST_CASE("matmul: rows of any number of panels keep their bits", "[kernels]") {
  const TensorType type = GENERATE(TensorType::kQ4_K, TensorType::kQ6_K, TensorType::kQ5_0);
  const std::size_t step = traits_of(type).block_values, n = 30, rows = 48;
  test::Random random(5);
  for (std::size_t cols = step; cols <= 40 * 256; cols += step == 256 ? 512 : 37 * 32) {
    const Weights w(type, rows, cols, 3);
    const auto values = test::random_floats(n * cols, random);
    const std::vector<float> first(values.begin(),
                                   values.begin() + static_cast<std::ptrdiff_t>(cols));
    for (const KernelTable* table : available_kernel_tables()) {
      if (!table->packed) continue;
      INFO(table->name << " " << traits_of(type).name << " " << cols);
      const auto batch = multiply(*table, w, values, n);
      const auto alone = multiply(*table, w, first, 1);
      CHECK(std::equal(alone.begin(), alone.end(), batch.begin()));
    }
  }
}

TEST_CASE("matmul: activations of one byte agree with the reference to one byte", "[kernels]") {
  const std::size_t n = GENERATE(1U, 5U, 40U);
  const TensorType type = GENERATE(TensorType::kQ4_K, TensorType::kQ8_0, TensorType::kQ2_K);
  const Weights w(type, 64, 512, 3);
  test::Random random(5);
  const auto values = test::random_floats(n * 512, random);
  const auto expected = multiply(ref(), w, values, n);
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " " << traits_of(type).name);
    const auto coarse = multiply(*table, w, values, n, {.refine = 100});
    CHECK(relative_error(w, values, coarse, expected) < 8e-3);
    const auto fine = multiply(*table, w, values, n, {.refine = 2.2F});
    CHECK(relative_error(w, values, fine, expected) < 5e-3);
  }
}

TEST_CASE("matmul: bias and addition to what is there", "[kernels]") {
  const std::size_t n = GENERATE(1U, 11U);
  const Weights w(TensorType::kQ4_0, 37, 64, 3);
  test::Random random(5);
  const auto values = test::random_floats(n * 64, random);
  const auto bias = test::random_floats(37, random);
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name);
    auto expected = multiply(ref(), w, values, n);
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += bias[i % 37] + 2.5F;
    const auto got = multiply(*table, w, values, n, {.bias = bias.data(), .add = true});
    CHECK(relative_error(w, values, got, expected) < 5e-5);
  }
}

TEST_CASE("matmul: rows of zeros and of huge and tiny activations keep their sizes", "[kernels]") {
  const Weights w(TensorType::kQ8_0, 16, 64, 3);
  test::Random random(5);
  for (const float size : {0.0F, 1e-38F, 1e-20F, 1e20F}) {
    auto values = test::random_floats(64, random);
    for (float& v : values) v *= size;
    const auto expected = multiply(ref(), w, values, 1);
    for (const KernelTable* table : available_kernel_tables()) {
      INFO(table->name << " " << size);
      const auto got = multiply(*table, w, values, 1);
      if (size < 1e-30F) {
        for (const float y : got) CHECK(std::abs(y) < 1e-30F);
      } else {
        CHECK(relative_error(w, values, got, expected) < 5e-5);
      }
    }
  }
}

// Not a check: the numbers of docs/kernels/formats.md. test_kernels "[accuracy]"
TEST_CASE("matmul: accuracy of every type and table, printed", "[.accuracy]") {
  for (const TensorTypeTraits& traits : kTensorTypes) {
    const std::size_t rows = 64, cols = 1536, n = 32;
    const Weights w(traits.type, rows, cols, 7);
    test::Random random(11);
    const auto values = test::random_floats(n * cols, random);
    const auto expected = multiply(ref(), w, values, n);
    for (const KernelTable* table : available_kernel_tables()) {
      const auto got = multiply(*table, w, values, n);
      fmt::print("{:8} {:8} {:.1e}\n", traits.name, table->name,
                 relative_error(w, values, got, expected));
    }
  }
}

}  // namespace engram
