// engine/rope_table.h: by how much each pair of a head turns at a position.
//
// Pair i turns by position * base^(-2i / dimensions), slowed down where the context was stretched:
// linearly (every pair by `factor`), as in YaRN (Peng et al., 2023: pairs that turn less than
// beta_slow times in the original context by `factor`, those that turn more than beta_fast times
// not at all, a ramp between), and by factors from the file (Llama 3.1).
//
// Threads: immutable after set_factors.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/model_config.h"

namespace engram {

class RopeTable {
 public:
  RopeTable() = default;
  explicit RopeTable(const RopeConfig& config);

  void set_factors(std::span<const float> factors);  // REQUIRES: one for each pair
  std::size_t pairs() const { return speed_.size(); }
  void fill(std::size_t position, float* cosine, float* sine) const;  // [pairs] each

 private:
  std::vector<double> speed_;  // radians per position
  double magnitude_ = 1;
};

}  // namespace engram
