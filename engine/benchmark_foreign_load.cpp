#include "engine/benchmark_foreign_load.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <numeric>
#include <vector>

namespace engram {
namespace {

constexpr std::size_t kWarmUpTokens = 8;

// A process that computes for as long as this object lives, or as this process does.
class BusyProcess {
 public:
  static Result<std::unique_ptr<BusyProcess>> start() {
    const pid_t pid = ::fork();
    if (pid < 0) {
      return Error{Errc::kIo, fmt::format("cannot start a process: {}", std::strerror(errno))};
    }
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (std::atomic<unsigned> i{0};; i.fetch_add(1, std::memory_order_relaxed)) {
      }
    }
    return std::unique_ptr<BusyProcess>(new BusyProcess(pid));
  }
  ~BusyProcess() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  BusyProcess(const BusyProcess&) = delete;
  BusyProcess& operator=(const BusyProcess&) = delete;

 private:
  explicit BusyProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

// Seconds of each of `n` tokens, decoded one by one.
Result<std::vector<double>> decode(Transformer& transformer, std::size_t n,
                                   const std::stop_token& stop) {
  ENGRAM_TRY(cache, transformer.make_cache(n + kWarmUpTokens));
  std::vector<float> logits(transformer.config().vocab_size);
  std::vector<double> seconds;
  for (std::size_t i = 0; i < n + kWarmUpTokens; ++i) {
    const auto token = static_cast<TokenId>(i * 7919 % transformer.config().vocab_size);
    const auto begin = std::chrono::steady_clock::now();
    ENGRAM_TRY_VOID(transformer.forward(*cache, {&token, 1}, 1, logits, stop));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (i >= kWarmUpTokens) seconds.push_back(took.count());
  }
  return seconds;
}

double rate_of(const std::vector<double>& seconds) {
  return static_cast<double>(seconds.size()) / std::accumulate(seconds.begin(), seconds.end(), 0.0);
}

}  // namespace

Result<ForeignLoadResult> measure_foreign_load(const std::shared_ptr<const GgufFile>& file,
                                               const TransformerOptions& options,
                                               std::size_t tokens, const std::stop_token& stop) {
  ForeignLoadResult result;
  result.tokens = tokens;
  {
    TransformerOptions one = options;
    one.threads = 1;
    ENGRAM_TRY(transformer, Transformer::create(file, one));
    ENGRAM_TRY(seconds, decode(*transformer, tokens, stop));
    result.quiet_one_thread = rate_of(seconds);
  }
  ENGRAM_TRY(transformer, Transformer::create(file, options));
  ENGRAM_TRY(busy, BusyProcess::start());
  ENGRAM_TRY(seconds, decode(*transformer, tokens, stop));
  result.tokens_per_s = rate_of(seconds);
  std::sort(seconds.begin(), seconds.end());
  result.median_ms = seconds[seconds.size() / 2] * 1e3;
  result.p99_ms = seconds[(seconds.size() - 1) * 99 / 100] * 1e3;
  result.longest_ms = seconds.back() * 1e3;
  return result;
}

}  // namespace engram
