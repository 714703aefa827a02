#include "engine/benchmark.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "engine/benchmark_ceilings.h"
#include "engine/benchmark_foreign_load.h"
#include "engine/benchmark_work.h"

namespace engram {
namespace {

constexpr std::size_t kDecodeTokens = 24;       // averaged in one run of a decode case
constexpr std::size_t kForeignLoadTokens = 60;  // of each run: enough for a 99th percentile
constexpr std::string_view kForeignLoad = "foreign_load";

enum class Kind { kPrefill, kDecode, kVerify, kCancel };
struct Plan {
  std::string_view name;
  Kind kind;
  std::size_t n;  // tokens of the pass, or tokens already in the cache
};
constexpr Plan kPlans[] = {
    {"prefill_64", Kind::kPrefill, 64},   {"prefill_128", Kind::kPrefill, 128},
    {"prefill_512", Kind::kPrefill, 512}, {"prefill_4096", Kind::kPrefill, 4096},
    {"decode_0", Kind::kDecode, 0},       {"decode_2048", Kind::kDecode, 2048},
    {"decode_8192", Kind::kDecode, 8192}, {"verify_1", Kind::kVerify, 1},
    {"verify_2", Kind::kVerify, 2},       {"verify_4", Kind::kVerify, 4},
    {"verify_8", Kind::kVerify, 8},       {"verify_16", Kind::kVerify, 16},
    {"cancel", Kind::kCancel, 4096},
};

bool is_wanted(const BenchmarkOptions& options, std::string_view name) {
  if (options.cases.empty()) return true;
  return std::any_of(options.cases.begin(), options.cases.end(),
                     [&](const std::string& wanted) { return name.starts_with(wanted); });
}

Result<void> check(const BenchmarkOptions& options) {
  if (options.runs == 0) {
    return Error{Errc::kInvalidArgument, "cannot measure in 0 runs; ask for at least 1"};
  }
  const auto names = benchmark_case_names();
  for (const std::string& wanted : options.cases) {
    const bool known = std::any_of(names.begin(), names.end(),
                                   [&](std::string_view name) { return name.starts_with(wanted); });
    if (known) continue;
    return Error{Errc::kInvalidArgument,
                 fmt::format("'{}' is no case of this benchmark; there are {}", wanted,
                             fmt::join(names, ", "))};
  }
  return {};
}

std::vector<BenchmarkCase> describe_foreign_load(const ForeignLoadResult& load) {
  return {{.name = std::string(kForeignLoad),
           .value = load.tokens_per_s,
           .unit = "tokens/s",
           .least = 1e3 / load.longest_ms,
           .most = 1e3 / load.median_ms,
           .runs = load.tokens,
           .rate = load.tokens_per_s,
           .rate_unit = "tokens/s",
           .ceiling = load.quiet_one_thread},
          {.name = "foreign_load_p99",
           .value = load.p99_ms,
           .unit = "ms",
           .least = load.median_ms,
           .most = load.longest_ms,
           .runs = load.tokens,
           .rate = load.p99_ms,
           .rate_unit = "ms",
           .ceiling = load.median_ms}};
}

class Bench {
 public:
  Bench(const GgufFile& file, Transformer& transformer, const BenchmarkOptions& options,
        std::stop_token stop)
      : transformer_(transformer),
        config_(transformer.config()),
        work_(file, config_),
        options_(options),
        stop_(std::move(stop)),
        logits_(std::size_t{16} * config_.vocab_size) {}

  Result<BenchmarkReport> run();

 private:
  // Seconds of appending n tokens with logits for the last `n_logits`.
  Result<double> append(std::size_t n, std::size_t n_logits);
  Result<double> cancel_within(std::size_t n);
  Result<void> fill_to(std::size_t depth);
  Result<std::vector<double>> measure(const Plan& plan);
  Result<double> measure_once(const Plan& plan, std::size_t depth);
  std::size_t depth_of(const Plan& plan) const;
  BenchmarkCase describe(const Plan& plan, std::vector<double> seconds) const;

  double kv_bytes(double keys) const {
    return static_cast<double>(cache_->memory().page_bytes()) / kPageTokens * work_.seen_keys(keys);
  }

  Transformer& transformer_;
  const ModelConfig& config_;
  const BenchmarkWork work_;
  const BenchmarkOptions& options_;
  std::stop_token stop_;
  std::vector<float> logits_;
  std::unique_ptr<KvCache> cache_;
  BenchmarkReport report_;
  std::uint64_t cancels_ = 1;  // random state
};

Result<double> Bench::append(std::size_t n, std::size_t n_logits) {
  std::vector<TokenId> tokens(n);
  for (std::size_t i = 0; i < n; ++i) {  // any ids will do; spread over the embedding
    tokens[i] = static_cast<TokenId>((i * 7919 + cache_->size()) % config_.vocab_size);
  }
  const auto begin = std::chrono::steady_clock::now();
  ENGRAM_TRY_VOID(transformer_.forward(*cache_, tokens, n_logits, logits_, stop_));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Seconds from a stop, somewhere in the prefill of n tokens, until it returned.
Result<double> Bench::cancel_within(std::size_t n) {
  using Clock = std::chrono::steady_clock;
  std::vector<TokenId> tokens(n, 1);
  std::stop_source source;
  std::atomic<Clock::time_point> stopped{Clock::time_point{}};
  cancels_ = cancels_ * 6364136223846793005ULL + 1442695040888963407ULL;
  const std::chrono::microseconds wait(20'000 + (cancels_ >> 33U) % 200'000);
  std::jthread other([&] {
    std::this_thread::sleep_for(wait);
    stopped = Clock::now();
    source.request_stop();
  });
  const auto done = transformer_.forward(*cache_, tokens, 1, logits_, source.get_token());
  const auto now = Clock::now();
  other.join();
  if (done) {
    return Error{Errc::kInvalidArgument,
                 "cannot measure cancelling: the prefill was done before it was cancelled"};
  }
  if (done.error().code != Errc::kCancelled) return done.error();
  return std::chrono::duration<double>(now - stopped.load()).count();
}

Result<void> Bench::fill_to(std::size_t depth) {
  cache_->truncate(depth);
  if (cache_->size() == depth) return {};
  ENGRAM_TRY_VOID(append(depth - cache_->size(), 0));
  return {};
}

// A decode case deeper than the context measures at its end.
std::size_t Bench::depth_of(const Plan& plan) const {
  if (plan.kind != Kind::kDecode) return 0;
  return std::min(plan.n, cache_->capacity() - kDecodeTokens);
}

Result<double> Bench::measure_once(const Plan& plan, std::size_t depth) {
  ENGRAM_TRY_VOID(fill_to(depth));
  if (plan.kind == Kind::kCancel) return cancel_within(plan.n);
  if (plan.kind == Kind::kPrefill) return append(plan.n, 1);
  if (plan.kind == Kind::kVerify) return append(plan.n, plan.n);
  double total = 0;
  for (std::size_t i = 0; i < kDecodeTokens; ++i) {
    ENGRAM_TRY(seconds, append(1, 1));
    total += seconds;
  }
  return total / kDecodeTokens;
}

Result<std::vector<double>> Bench::measure(const Plan& plan) {
  const std::size_t depth = depth_of(plan);
  std::vector<double> seconds;
  for (std::size_t i = 0; i <= options_.runs; ++i) {
    ENGRAM_TRY(once, measure_once(plan, depth));
    if (i > 0) seconds.push_back(once);  // the first warms up
  }
  return seconds;
}

BenchmarkCase Bench::describe(const Plan& plan, std::vector<double> seconds) const {
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];
  const bool pass = plan.kind == Kind::kVerify || plan.kind == Kind::kCancel;
  const double tokens = plan.kind == Kind::kPrefill ? static_cast<double>(plan.n) : 1;
  const auto value = [&](double s) { return pass ? s * 1e3 : tokens / s; };
  BenchmarkCase result{.name = std::string(plan.name),
                       .value = value(median),
                       .unit = pass ? "ms" : "tokens/s",
                       .least = value(pass ? seconds.front() : seconds.back()),
                       .most = value(pass ? seconds.back() : seconds.front()),
                       .runs = seconds.size()};
  if (plan.kind == Kind::kCancel) return result;  // nothing bounds it
  if (plan.kind == Kind::kPrefill) {
    const double n = static_cast<double>(plan.n);
    const double macs = n * (work_.block_macs() + work_.attention_macs(n / 2)) + work_.head_macs();
    result.rate = macs / median * 1e-9;
    result.rate_unit = "GMAC/s";
    result.ceiling = report_.multiply_gmac_per_s;
  } else {
    const auto depth = static_cast<double>(depth_of(plan));
    const std::size_t rows = plan.kind == Kind::kVerify ? plan.n : 1;
    const double bytes =
        static_cast<double>(report_.weight_bytes) * work_.read_share(rows) + kv_bytes(depth);
    result.rate = bytes / median * 1e-9;
    result.rate_unit = "GB/s";
    result.ceiling = report_.read_gb_per_s;
  }
  return result;
}

Result<BenchmarkReport> Bench::run() {
  report_.model = config_.name;
  report_.kernels = std::string(transformer_.kernels());
  report_.threads = transformer_.threads();
  report_.weight_bytes = transformer_.weight_bytes();
  const std::size_t context = std::min<std::size_t>(config_.context_length, 8192 + kDecodeTokens);
  ENGRAM_TRY(cache, transformer_.make_cache(context));
  cache_ = std::move(cache);
  report_.read_gb_per_s = measure_read_gb_per_s(report_.threads, report_.weight_bytes);
  report_.multiply_gmac_per_s = measure_multiply_gmac_per_s(report_.threads, report_.kernels);
  for (const Plan& plan : kPlans) {
    if (!is_wanted(options_, plan.name)) continue;
    if (plan.kind != Kind::kDecode && plan.n > cache_->capacity()) continue;
    if (options_.on_case) options_.on_case(plan.name);
    ENGRAM_TRY(seconds, measure(plan));
    report_.cases.push_back(describe(plan, std::move(seconds)));
  }
  return report_;
}

}  // namespace

std::vector<std::string_view> benchmark_case_names() {
  std::vector<std::string_view> names;
  for (const Plan& plan : kPlans) names.push_back(plan.name);
  names.push_back(kForeignLoad);
  return names;
}

Result<BenchmarkReport> benchmark_model(const std::shared_ptr<const GgufFile>& file,
                                        const TransformerOptions& transformer_options,
                                        const BenchmarkOptions& options,
                                        const std::stop_token& stop) {
  ENGRAM_TRY_VOID(check(options));
  BenchmarkReport report;
  {
    ENGRAM_TRY(transformer, Transformer::create(file, transformer_options));
    ENGRAM_TRY(measured, Bench(*file, *transformer, options, stop).run());
    report = std::move(measured);
  }
  if (!is_wanted(options, kForeignLoad)) return report;
  if (options.on_case) options.on_case(kForeignLoad);
  const std::size_t tokens = kForeignLoadTokens * options.runs;
  ENGRAM_TRY(load, measure_foreign_load(file, transformer_options, tokens, stop));
  for (BenchmarkCase& c : describe_foreign_load(load)) report.cases.push_back(std::move(c));
  return report;
}

json::object to_json(const BenchmarkReport& report) {
  json::array cases;
  for (const BenchmarkCase& c : report.cases) {
    cases.push_back(json::object{
        {"name", c.name},
        {"value", c.value},
        {"unit", c.unit},
        {"min", c.least},
        {"max", c.most},
        {"runs", c.runs},
        {"rate", c.rate},
        {"rate_unit", c.rate_unit},
        {"ceiling", c.ceiling},
        {"fraction", c.ceiling > 0 ? c.rate / c.ceiling : 0},
    });
  }
  return {{"model", json_string(report.model)},
          {"kernels", report.kernels},
          {"threads", report.threads},
          {"weight_bytes", report.weight_bytes},
          {"read_gb_per_s", report.read_gb_per_s},
          {"multiply_gmac_per_s", report.multiply_gmac_per_s},
          {"cases", std::move(cases)}};
}

}  // namespace engram
