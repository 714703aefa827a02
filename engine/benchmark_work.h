// engine/benchmark_work.h: what a pass through a model has to do, counted from its tensors.
//
// Whatever the architecture, a matrix of a block is multiplied once a row, and a tensor of experts
// as many times as experts are used; so the counts need no knowledge of layers. Attention is
// counted from the configuration, with windows.
//
// Threads: immutable after construction.  Errors: none.
#pragma once

#include <cstddef>

#include "engine/gguf.h"
#include "engine/model_config.h"

namespace engram {

class BenchmarkWork {
 public:
  BenchmarkWork(const GgufFile& file, const ModelConfig& config);

  double block_macs() const { return dense_macs_ + used_share_ * expert_macs_; }  // of a row
  double head_macs() const;
  double attention_macs(double keys) const;  // of one row that sees so many keys
  // Keys a layer sees when there are so many, on average: fewer where layers have windows.
  double seen_keys(double keys) const;
  // The part of the weights read by a pass of so many rows: with several, more experts are met.
  double read_share(std::size_t rows) const;

 private:
  const ModelConfig& config_;
  double dense_macs_ = 0, expert_macs_ = 0;
  double dense_bytes_ = 0, expert_bytes_ = 0;
  double used_share_ = 1;  // of experts, by one row
};

}  // namespace engram
