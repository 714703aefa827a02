#include "indexer/run_costs.h"

#include "core/process_costs.h"

namespace engram {

RunCosts::RunCosts() : start_(std::chrono::steady_clock::now()), cpu_(own_processor_seconds()) {}

void RunCosts::write_to(IndexReport& report) const {
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  report.cpu_seconds = own_processor_seconds() - cpu_;
  report.peak_rss_bytes = own_peak_bytes();
}

}  // namespace engram
