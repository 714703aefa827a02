#include "engine/benchmark_work.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace engram {

BenchmarkWork::BenchmarkWork(const GgufFile& file, const ModelConfig& config) : config_(config) {
  if (config.experts.count > 0) {
    used_share_ = static_cast<double>(config.experts.used) / config.experts.count;
  }
  for (const GgufTensor& tensor : file.tensors()) {
    const std::string_view name = tensor.name;
    const bool experts = name.find("_exps.") != std::string_view::npos;
    // A row of the embedding is nothing; all of it is read where it is the head, too.
    const bool counts = name != "token_embd.weight" || config.tied_head;
    (experts ? expert_bytes_ : dense_bytes_) +=
        counts ? static_cast<double>(tensor.data.size()) : 0.0;
    const bool matrix = tensor.rows() > 1 && name.starts_with("blk.");
    if (!matrix) continue;
    const double macs = static_cast<double>(tensor.shape[0]) * static_cast<double>(tensor.rows());
    (experts ? expert_macs_ : dense_macs_) += macs;
  }
}

double BenchmarkWork::head_macs() const {
  return static_cast<double>(config_.d_model) * config_.vocab_size;
}

double BenchmarkWork::seen_keys(double keys) const {
  double sum = 0;
  for (std::size_t layer = 0; layer < config_.n_layers; ++layer) {
    const std::uint32_t window = config_.window_of(layer);
    sum += window == 0 ? keys : std::min<double>(keys, window);
  }
  return config_.n_layers == 0 ? 0 : sum / config_.n_layers;
}

double BenchmarkWork::attention_macs(double keys) const {
  return static_cast<double>(config_.n_layers) * config_.n_heads *
         (config_.head_dim + config_.value_dim) * seen_keys(keys);
}

double BenchmarkWork::read_share(std::size_t rows) const {
  const double all = dense_bytes_ + expert_bytes_;
  if (!(all > 0)) return 1;
  const double met = 1 - std::pow(1 - used_share_, static_cast<double>(rows));
  return (dense_bytes_ + met * expert_bytes_) / all;
}

}  // namespace engram
