#include "indexer/run_costs.h"

#include <sys/resource.h>

namespace engram {

namespace {

double seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

rusage own_usage() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

double cpu_seconds() {
  const rusage usage = own_usage();
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

RunCosts::RunCosts() : start_(std::chrono::steady_clock::now()), cpu_(cpu_seconds()) {}

void RunCosts::write_to(IndexReport& report) const {
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  report.cpu_seconds = cpu_seconds() - cpu_;
  report.peak_rss_bytes = static_cast<std::uint64_t>(own_usage().ru_maxrss) * 1024;
}

}  // namespace engram
