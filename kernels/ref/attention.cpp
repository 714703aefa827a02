#include <algorithm>
#include <cmath>

#include "kernels/half.h"
#include "kernels/ref/ops.h"

namespace engram {

// Scores of a block of keys, keys and values as floats, running and partial results of 64 rows.
std::size_t attention_scratch_bytes(std::size_t key_dim, std::size_t value_dim) {
  constexpr std::size_t kKeys = 64;
  const std::size_t dim = std::max(key_dim, value_dim);
  return sizeof(float) * (kAttentionRows * kKeys + 2 * kKeys * dim +
                          2 * kAttentionRows * (dim + 2) + kAttentionRows * dim) +
         4096;
}

namespace ref {
namespace {

double score(const AttentionArgs& args, const float* q, std::size_t key) {
  const std::size_t position = row_of(args.pages, key);
  const std::uint16_t* tile = args.k_cache + position / kKeyTile * kKeyTile * args.key_dim();
  double sum = 0;
  for (std::size_t d = 0; d < args.head_dim; ++d) {
    const float k = float_from_half(tile[d * kKeyTile + position % kKeyTile]);
    sum += static_cast<double>(q[d]) * static_cast<double>(k);
  }
  for (std::size_t i = 0; i < args.n_fine; ++i) {
    const float rest = float_from_half(tile[(args.head_dim + i) * kKeyTile + position % kKeyTile]);
    sum += static_cast<double>(q[args.fine[i]]) * static_cast<double>(rest);
  }
  const double scaled = sum * static_cast<double>(args.scale);
  const auto cap = static_cast<double>(args.softcap);
  return cap > 0 ? cap * std::tanh(scaled / cap) : scaled;
}

float value_at(const AttentionArgs& args, std::size_t key, std::size_t d) {
  const std::size_t position = row_of(args.pages, key);
  if (args.v_cache != nullptr) {
    return float_from_half(args.v_cache[position * args.value_dim + d]);
  }
  const std::uint16_t* tile = args.k_cache + position / kKeyTile * kKeyTile * args.key_dim();
  return float_from_half(tile[d * kKeyTile + position % kKeyTile]);
}

}  // namespace

void store_kv(const StoreKvArgs& args) {
  for (std::size_t t = 0; t < args.n; ++t) {
    const std::size_t position = row_of(args.pages, args.first_position + t);
    std::uint16_t* tile =
        args.k_cache + position / kKeyTile * kKeyTile * args.key_dim() + position % kKeyTile;
    const float* k = args.k + t * args.k_stride;
    for (std::size_t d = 0; d < args.head_dim; ++d) tile[d * kKeyTile] = half_from_float(k[d]);
    for (std::size_t i = 0; i < args.n_fine; ++i) {
      const float x = k[args.fine[i]];
      const float rest = x - float_from_half(half_from_float(x));
      tile[(args.head_dim + i) * kKeyTile] = half_from_float(rest);
    }
    for (std::size_t d = 0; args.v_cache != nullptr && d < args.value_dim; ++d) {
      args.v_cache[position * args.value_dim + d] = half_from_float(args.v[t * args.v_stride + d]);
    }
  }
}

void attend(const AttentionArgs& args) {
  auto* o = reinterpret_cast<double*>(args.scratch);
  for (std::size_t t = args.token_begin; t < args.token_end; ++t) {
    const std::size_t n_keys = args.first_position + t + 1;
    const std::size_t first = first_key(n_keys - 1, args.window);
    for (std::size_t h = 0; h < args.group; ++h) {
      const float* q = args.q + t * args.q_stride + h * args.head_dim;
      double largest = score(args, q, first);
      for (std::size_t p = first + 1; p < n_keys; ++p)
        largest = std::max(largest, score(args, q, p));
      double sum = 0;
      std::fill_n(o, args.value_dim, 0.0);
      for (std::size_t p = first; p < n_keys; ++p) {
        const double weight = std::exp(score(args, q, p) - largest);
        sum += weight;
        for (std::size_t d = 0; d < args.value_dim; ++d) {
          o[d] += weight * static_cast<double>(value_at(args, p, d));
        }
      }
      float* out = args.out + t * args.out_stride + h * args.value_dim;
      for (std::size_t d = 0; d < args.value_dim; ++d) out[d] = static_cast<float>(o[d] / sum);
    }
  }
}

}  // namespace ref
}  // namespace engram
