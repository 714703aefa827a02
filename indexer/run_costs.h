// indexer/run_costs.h: what a run has cost: wall time, processor time, memory.
//
// Threads: confined to one thread (processor time and memory are the whole process's).
#pragma once

#include <chrono>

#include "indexer/pipeline.h"

namespace engram {

class RunCosts {
 public:
  RunCosts();  // starts counting
  void write_to(IndexReport& report) const;

 private:
  std::chrono::steady_clock::time_point start_;
  double cpu_;
};

}  // namespace engram
