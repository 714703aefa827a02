// Routed experts: each token's row goes to the few experts its router scores highest. Rows are
// sorted by expert, so that an expert's weights stream past all of its tokens at once; a token's
// result is summed in the order of its own choices, whatever else is in the batch.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/host/host_decoder.h"

namespace engram {
namespace {

std::vector<double> gate_scores(std::span<const float> logits, ExpertGating gating) {
  std::vector<double> scores(logits.begin(), logits.end());
  if (gating == ExpertGating::kSigmoid) {
    for (double& s : scores) s = 1.0 / (1.0 + std::exp(-s));
    return scores;
  }
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& s : scores) sum += s = std::exp(s - largest);
  for (double& s : scores) s /= sum;
  return scores;
}

// Of the `n` largest values, largest first; of equals the lower index.
std::vector<std::uint32_t> largest_of(std::span<const double> values, std::size_t n) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      return values[a] != values[b] ? values[a] > values[b] : a < b;
                    });
  order.resize(n);
  return order;
}

// DeepSeek-V2 scores a group of experts by its best one, V3 (sigmoid gating) by its best two.
double group_score(std::span<const double> scores, ExpertGating gating) {
  const std::size_t n = gating == ExpertGating::kSigmoid ? 2 : 1;
  double score = 0;
  for (const std::uint32_t i : largest_of(scores, std::min(n, scores.size()))) score += scores[i];
  return score;
}

void exclude_weak_groups(const ExpertsConfig& config, std::vector<double>& scores) {
  const std::size_t size = config.count / config.groups;
  std::vector<double> groups;
  for (std::size_t g = 0; g < config.groups; ++g) {
    groups.push_back(group_score(std::span(scores).subspan(g * size, size), config.gating));
  }
  std::vector<bool> kept(config.groups, false);
  for (const std::uint32_t g : largest_of(groups, config.groups_used)) kept[g] = true;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!kept[i / size]) scores[i] = -HUGE_VAL;
  }
}

}  // namespace

void HostDecoder::choose_experts(std::size_t token, const Experts& w) {
  const ExpertsConfig& c = config_.experts;
  const auto logits = std::span<const float>(router_logits_.data() + token * c.count, c.count);
  const std::vector<double> scores = gate_scores(logits, c.gating);
  std::vector<double> eligible = scores;
  if (const float* bias = tensors_[w.selection_bias]) {
    for (std::size_t i = 0; i < c.count; ++i) eligible[i] += static_cast<double>(bias[i]);
  }
  // NaN weights must not order anything: the sort requires an order.
  for (double& s : eligible) s = std::isnan(s) ? -HUGE_VAL : s;
  if (c.groups_used < c.groups) exclude_weak_groups(c, eligible);
  const std::vector<std::uint32_t> chosen = largest_of(eligible, c.used);
  double sum = 0;
  for (const std::uint32_t e : chosen) sum += scores[e];
  const double divisor = c.normalised ? sum + 1e-20 : 1.0;
  for (std::size_t i = 0; i < c.used; ++i) {
    const double weight = scores[chosen[i]] / divisor * static_cast<double>(c.scale);
    uses_[token * c.used + i] = {.token = static_cast<std::uint32_t>(token),
                                 .expert = chosen[i],
                                 .weight = static_cast<float>(weight)};
  }
}

void HostDecoder::route(const Experts& w) {
  const ExpertsConfig& c = config_.experts;
  grow(router_logits_, capacity_ * c.count);
  multiply(normed_, n_, {product({w.router}, router_logits_.data(), c.count)});
  uses_.resize(n_ * c.used);
  pool_.for_each(n_, rows_at_once(n_), [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t t = begin; t < end; ++t) choose_experts(t, w);
  });
}

void HostDecoder::sort_by_expert() {
  expert_begin_.assign(config_.experts.count + 1, 0);
  for (const RoutedRow& use : uses_) ++expert_begin_[use.expert + 1];
  std::partial_sum(expert_begin_.begin(), expert_begin_.end(), expert_begin_.begin());
  std::vector<std::uint32_t> next(expert_begin_.begin(), expert_begin_.end() - 1);
  for (RoutedRow& use : uses_) use.row = next[use.expert]++;
}

void HostDecoder::gather_rows() {
  const std::size_t dim = config_.d_model, capacity = capacity_ * config_.experts.used;
  routed_.allocate(capacity, dim, memory_);
  routed_hidden_.allocate(capacity, config_.experts.d_ff, memory_);
  grow(expert_output_, capacity * dim);
  pool_.for_each(uses_.size(), 16, [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin; i < end; ++i) {
      const float* from = normed_.values.data() + uses_[i].token * dim;
      std::copy_n(from, dim, routed_.values.data() + uses_[i].row * dim);
      kernels_.quantize({routed_.a, uses_[i].row, uses_[i].row + 1, precision_.normed});
    }
  });
}

// body(expert's first routed row, its number of rows, row range of the stacked matrices) as tasks.
template <class Body>
void HostDecoder::for_each_expert_task(std::size_t rows_of_expert, Body&& body) {
  struct Task {
    std::uint32_t expert, row_begin, row_end;
  };
  const std::size_t groups = (rows_of_expert + kRowGroup - 1) / kRowGroup;
  std::size_t active = 0;
  for (std::size_t e = 0; e < config_.experts.count; ++e) {
    active += expert_begin_[e + 1] > expert_begin_[e] ? 1 : 0;
  }
  std::vector<Task> tasks;
  for (std::uint32_t e = 0; e < config_.experts.count; ++e) {
    const std::size_t n = expert_begin_[e + 1] - expert_begin_[e];
    if (n == 0) continue;
    const std::size_t grain = groups_per_task(active * groups, n) * kRowGroup;
    for (std::size_t row = 0; row < rows_of_expert; row += grain) {
      tasks.push_back({e, static_cast<std::uint32_t>(row),
                       static_cast<std::uint32_t>(std::min(row + grain, rows_of_expert))});
    }
  }
  pool_.for_each(tasks.size(), 1, [&](std::size_t i, std::size_t, unsigned thread) {
    const Task& task = tasks[i];
    body(task.expert, task.row_begin, task.row_end, thread);
  });
}

// The arguments of one task: the expert's rows of `a` times rows of its part of `stacked`.
MatmulArgs HostDecoder::expert_args(const Rows& rows, const Matrix& stacked, std::size_t expert,
                                    std::size_t row_begin, std::size_t row_end, unsigned thread) {
  const std::size_t first = expert_begin_[expert];
  const std::size_t rows_of_expert = stacked.rows / config_.experts.count;
  return {.w = stacked,
          .a = columns_from(rows.a, first * rows.a.dim),
          .n = expert_begin_[expert + 1] - first,
          .row_begin = expert * rows_of_expert + row_begin,
          .row_end = expert * rows_of_expert + row_end,
          .scratch = scratch(thread)};
}

void HostDecoder::expert_hidden(const Experts& w) {
  const std::size_t d_ff = config_.experts.d_ff;
  for_each_expert_task(
      d_ff, [&](std::size_t e, std::size_t begin, std::size_t end, unsigned thread) {
        MatmulArgs args = expert_args(routed_, tensors_[w.gate], e, begin, end, thread);
        float* hidden = routed_hidden_.values.data() + expert_begin_[e] * d_ff + begin;
        args.y = hidden;
        args.y_stride = d_ff;
        kernels_.matmul(args);
        args.w = tensors_[w.up];
        args.y = up_[thread].data();
        args.y_stride = end - begin;
        kernels_.matmul(args);
        kernels_.nonlinearity({.f = Nonlinearity::kSilu,
                               .gate = hidden,
                               .up = up_[thread].data(),
                               .n = args.n,
                               .n_cols = end - begin,
                               .gate_stride = d_ff,
                               .up_stride = end - begin});
      });
  pool_.for_each(uses_.size(), 16, [&](std::size_t begin, std::size_t end, unsigned) {
    kernels_.quantize({routed_hidden_.a, begin, end, precision_.hidden});
  });
}

void HostDecoder::expert_output(const Experts& w) {
  const std::size_t dim = config_.d_model;
  for_each_expert_task(
      dim, [&](std::size_t e, std::size_t begin, std::size_t end, unsigned thread) {
        MatmulArgs args = expert_args(routed_hidden_, tensors_[w.down], e, begin, end, thread);
        args.y = expert_output_.data() + expert_begin_[e] * dim + begin;
        args.y_stride = dim;
        kernels_.matmul(args);
      });
  const std::size_t used = config_.experts.used;
  pool_.for_each(n_, rows_at_once(n_), [&](std::size_t begin, std::size_t end, unsigned) {
    for (std::size_t i = begin * used; i < end * used; ++i) {
      const float* y = expert_output_.data() + uses_[i].row * dim;
      float* x = x_.data() + uses_[i].token * dim;
      for (std::size_t d = 0; d < dim; ++d) x[d] += uses_[i].weight * y[d];
    }
  });
}

void HostDecoder::expert_feed_forward(const Experts& w) {
  route(w);
  sort_by_expert();
  gather_rows();
  expert_hidden(w);
  expert_output(w);
}

}  // namespace engram
