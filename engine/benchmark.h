// engine/benchmark.h: how fast a model runs here, beside what this machine could give.
//
// Cases: prefill_N (N tokens into an empty cache, one row of logits), decode_D (single tokens after
// D others), verify_N (one pass over N tokens with logits for all, as speculation needs), cancel
// (ms from a stop at a random moment of a prefill of 4096 tokens until it returned). Every other
// case says which ceiling bounds it: memory reads (weights and KV) or byte multiplications, both
// measured in the same run with the same number of threads. Medians; the spread is kept.
// foreign_load: tokens/s while another process takes a core, beside one thread's quiet speed;
// foreign_load_p99: the 99th percentile of those tokens' times, beside their median.
//
// Threads: blocks the caller; confined to it.  Errors: those of Transformer; kCancelled;
// kInvalidArgument a case nobody knows (names those there are), no runs.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "engine/transformer.h"

namespace engram {

struct BenchmarkCase {
  std::string name;  // "prefill_512"
  double value = 0;  // median
  std::string unit;  // "tokens/s" or "ms" per pass
  double least = 0, most = 0;
  std::size_t runs = 0;
  double rate = 0;          // of what bounds it
  std::string rate_unit{};  // "GB/s", "GMAC/s"; foreign load: "tokens/s", "ms"
  double ceiling = 0;       // the same, of this machine in this run
};

struct BenchmarkReport {
  std::string model, kernels;
  unsigned threads = 0;
  std::size_t weight_bytes = 0;
  double read_gb_per_s = 0;        // memory, as much of it as the weights are
  double multiply_gmac_per_s = 0;  // bytes; a weight takes two, see kernels/activations.h
  std::vector<BenchmarkCase> cases;
};

struct BenchmarkOptions {
  std::vector<std::string> cases;  // names or their beginnings ("prefill"); empty: all
  std::size_t runs = 5;            // of each case, after one to warm up
  std::function<void(std::string_view)> on_case;  // told before each case
};

std::vector<std::string_view> benchmark_case_names();
// The model of `file`, opened with `options` (and once more with one thread for foreign_load).
Result<BenchmarkReport> benchmark_model(const std::shared_ptr<const GgufFile>& file,
                                        const TransformerOptions& transformer_options,
                                        const BenchmarkOptions& options,
                                        const std::stop_token& stop = {});
json::object to_json(const BenchmarkReport& report);

}  // namespace engram
