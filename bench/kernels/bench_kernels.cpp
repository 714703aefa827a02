// Speed of one matrix product on one core, beside the byte multiplier's ceiling: one JSON line a
// type, shape and number of tokens.
//
//   bench_kernels [--kernels NAME] [--rows R] [--cols C] [--refine X] [--types A,B] [n...]
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "engine/compute/aligned_buffer.h"
#include "kernels/kernel_table.h"
#include "kernels/pack.h"

namespace engram {
namespace {

constexpr double kSecondsPerCase = 0.15;

struct Arguments {
  std::string kernels;
  std::size_t rows = 1536, cols = 1536;
  float refine = 4;
  std::vector<std::string> types = {"Q4_K", "Q6_K", "Q5_0", "Q8_0", "Q4_0", "Q4_1"};
  std::vector<std::size_t> tokens = {1, 4, 8, 16, 512};
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The fastest of the runs that fit the time of a case.
template <class Work>
double best_seconds(Work work) {
  double best = 1e30;
  const auto all = std::chrono::steady_clock::now();
  do {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, seconds_since(begin));
  } while (seconds_since(all) < kSecondsPerCase);
  return best;
}

struct Operands {
  AlignedBuffer<float> values, scale, sum, y;
  AlignedBuffer<std::int8_t> high, low;
  AlignedBuffer<std::int16_t> whole;
  AlignedBuffer<std::int32_t> total;
  AlignedBuffer<std::uint8_t> refined;
  AlignedBuffer<std::byte> weights, scratch;
  Activations a;

  Operands(const Arguments& args, TensorType type, std::size_t n)
      : values(n * args.cols),
        scale(n * args.cols / kBlock),
        sum(n * args.cols / kBlock),
        y(n * args.rows),
        high(n * args.cols),
        low(n * args.cols),
        whole(n * args.cols),
        total(n * args.cols / kHalfBlock),
        refined(n * args.cols / kBlock),
        weights(packed_bytes(type, args.rows, args.cols)),
        scratch(matmul_scratch_bytes(args.cols)) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < n * args.cols; ++i) values.data()[i] = normal(random);
    // Codes are any bytes; scales are whatever they spell, made small so that nothing overflows.
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights.data()[i] = static_cast<std::byte>(random() & 0x3FU);
    }
    a = {.dim = args.cols,
         .values = values.data(),
         .high = high.data(),
         .low = low.data(),
         .whole = whole.data(),
         .scale = scale.data(),
         .sum = sum.data(),
         .total = total.data(),
         .refined = refined.data()};
  }
};

void measure(const KernelTable& table, const Arguments& args, TensorType type, std::size_t n,
             double peak) {
  Operands o(args, type, n);
  const double quantize = best_seconds([&] { table.quantize({o.a, 0, n, args.refine}); });
  const double seconds = best_seconds([&] {
    table.matmul({.w = {type, args.rows, args.cols, o.weights.data()},
                  .a = o.a,
                  .n = n,
                  .row_begin = 0,
                  .row_end = args.rows,
                  .y = o.y.data(),
                  .y_stride = args.rows,
                  .scratch = o.scratch.data()});
  });
  const double macs = static_cast<double>(args.rows * args.cols * n);
  fmt::print(
      R"({{"bench":"kernels","kernels":"{}","type":"{}","rows":{},"cols":{},"n":{},"us":{:.1f},)"
      R"("gmac_per_s":{:.1f},"fraction":{:.3f},"gb_per_s":{:.1f},"quantize_ns_per_row":{:.0f}}})"
      "\n",
      table.name, traits_of(type).name, args.rows, args.cols, n, seconds * 1e6,
      macs / seconds * 1e-9, macs / seconds * 1e-9 / peak,
      static_cast<double>(o.weights.size()) / seconds * 1e-9,
      quantize * 1e9 / static_cast<double>(n));
}

int main_of(int argc, char** argv) {
  Arguments args;
  CLI::App app("Speed of one matrix product on one core");
  app.add_option("--kernels", args.kernels, "a kernel table; the best by default");
  app.add_option("--rows", args.rows);
  app.add_option("--cols", args.cols);
  app.add_option("--refine", args.refine, "see kernels/activations.h");
  app.add_option("--types", args.types)->delimiter(',')->allow_extra_args(false);
  app.add_option("n", args.tokens, "tokens of a product");
  CLI11_PARSE(app, argc, argv);
  const KernelTable* table = find_kernel_table(args.kernels);
  if (table == nullptr || table->multiply_peak == nullptr) {
    fmt::print(stderr, "no such kernel table with integer products here: {}\n", args.kernels);
    return 1;
  }
  PeakResult result;
  const double peak_seconds = best_seconds([&] { result = table->multiply_peak(100'000); });
  const double peak = static_cast<double>(result.macs) / peak_seconds * 1e-9;
  fmt::print(R"({{"bench":"kernels","kernels":"{}","multiply_gmac_per_s":{:.1f}}})"
             "\n",
             table->name, peak);
  for (const TensorTypeTraits& traits : kTensorTypes) {
    if (std::find(args.types.begin(), args.types.end(), traits.name) == args.types.end()) continue;
    for (const std::size_t n : args.tokens) measure(*table, args, traits.type, n, peak);
  }
  return 0;
}

}  // namespace
}  // namespace engram

int main(int argc, char** argv) { return engram::main_of(argc, argv); }
