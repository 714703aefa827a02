#include "kernels/attention.h"

#include <algorithm>
#include <cmath>

#include "engine/compute/aligned_buffer.h"
#include "kernels/half.h"
#include "kernels/kernel_table.h"
#include "tests/kernels/random_weights.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

// One KV head with n positions written by a table.
struct Cache {
  std::size_t head_dim, value_dim;
  std::vector<std::uint16_t> k, v, fine;

  Cache(const KernelTable& table, std::size_t n, std::size_t dim) : Cache(table, n, dim, dim) {}
  Cache(const KernelTable& table, std::size_t n, std::size_t dim, std::size_t v_dim,
        std::vector<std::uint16_t> fine_dims = {}, float fine_size = 1)
      : head_dim(dim), value_dim(v_dim), fine(std::move(fine_dims)) {
    const std::size_t capacity = (n + kKeyBlock - 1) / kKeyBlock * kKeyBlock;
    k.assign(capacity * (dim + fine.size()),
             0x7E00);  // NaN: whoever reads an unwritten position is found out
    v.assign(capacity * v_dim, 0x7E00);
    test::Random random(17);
    keys = test::random_floats(n * dim, random);
    values = test::random_floats(n * v_dim, random);
    for (std::size_t p = 0; p < n; ++p) {
      for (const std::uint16_t d : fine) keys[p * dim + d] *= fine_size;
    }
    table.store_kv({.k = keys.data(),
                    .v = values.data(),
                    .k_stride = dim,
                    .v_stride = v_dim,
                    .k_cache = k.data(),
                    .v_cache = v.data(),
                    .first_position = 0,
                    .n = n,
                    .head_dim = dim,
                    .value_dim = value_dim,
                    .fine = fine.data(),
                    .n_fine = fine.size()});
  }

  std::vector<float> keys, values;  // what was given
};

struct Query {
  std::size_t first_position, n, group;
  std::size_t window = 0;
  float softcap = 0;
};

class Call {
 public:
  Call(const Cache& cache, const Query& query)
      : cache_(cache),
        query_(query),
        scratch_(attention_scratch_bytes(cache.head_dim + cache.fine.size(), cache.value_dim)) {
    test::Random random(23);
    // Of all positions, so that any subset of tokens has the same queries.
    q_ = test::random_floats((query.first_position + query.n) * stride(), random);
    out_.assign(query.n * out_stride(), -5.0F);
  }
  AttentionArgs args() {
    return {.q = q_.data() + query_.first_position * stride(),
            .out = out_.data(),
            .q_stride = stride(),
            .out_stride = out_stride(),
            .k_cache = cache_.k.data(),
            .v_cache = cache_.v.data(),
            .first_position = query_.first_position,
            .token_begin = 0,
            .token_end = query_.n,
            .group = query_.group,
            .head_dim = cache_.head_dim,
            .value_dim = cache_.value_dim,
            .window = query_.window,
            .scale = 1.0F / std::sqrt(static_cast<float>(cache_.head_dim)),
            .softcap = query_.softcap,
            .scratch = scratch_.data(),
            .fine = cache_.fine.data(),
            .n_fine = cache_.fine.size()};
  }
  std::vector<float> attend(const KernelTable& table) {
    table.attend(args());
    return out_;
  }
  std::vector<float> attend_in_parts(const KernelTable& table) {
    const std::size_t first = first_key(query_.first_position, query_.window) / kAttentionPart;
    const std::size_t n_parts = query_.first_position / kAttentionPart + 1 - first;
    const std::size_t floats = query_.n * query_.group * partial_floats(cache_.value_dim);
    std::vector<float> partials(n_parts * floats);
    for (std::size_t p = n_parts; p-- > 0;) {  // the order in which parts are computed is free
      table.attend_part(args(), first + p, partials.data() + p * floats);
    }
    table.merge_parts(args(), first, n_parts, partials.data());
    return out_;
  }
  const float* query(std::size_t t, std::size_t head) const {
    return q_.data() + (query_.first_position + t) * stride() + head * cache_.head_dim;
  }

 private:
  std::size_t stride() const { return query_.group * cache_.head_dim; }
  std::size_t out_stride() const { return query_.group * cache_.value_dim; }
  const Cache& cache_;
  Query query_;
  AlignedBuffer<std::byte> scratch_;
  std::vector<float> q_, out_;
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    most = difference > most || std::isnan(difference) ? difference : most;
  }
  return most;
}

const KernelTable& ref() { return *find_kernel_table("ref"); }

}  // namespace

TEST_CASE("attention: every table agrees with the reference", "[kernels]") {
  struct Case {
    const char* why;
    std::size_t head_dim;
    Query query;
    std::size_t value_dim = 0;  // 0: as head_dim
  };
  const auto c = GENERATE(values<Case>({
      {"the first token sees itself", 64, {0, 1, 1}},
      {"a prompt of less than a tile", 64, {0, 7, 3}},
      {"a prompt across key blocks", 64, {0, 21, 3}},
      {"decode at the last key of a block", 64, {63, 1, 3}},
      {"decode at the first key of a block", 64, {64, 1, 3}},
      {"head of 128, six heads a group", 128, {130, 10, 6}},
      {"head of 80", 80, {70, 5, 7}},
      {"more than one part", 64, {1030, 4, 3}},
      {"a batch across a part's end", 64, {508, 9, 2}},
      {"64 rows at once", 32, {100, 16, 4}},
      {"a window within a block", 64, {70, 9, 2, 5}},
      {"a window of one key", 64, {50, 20, 1, 1}},
      {"a window across blocks", 64, {300, 7, 3, 100}},
      {"a window that leaves out whole parts", 64, {1200, 12, 2, 70}},
      {"a window longer than the past", 64, {30, 4, 2, 500}},
      {"rows of a batch begin in different parts", 64, {1020, 16, 2, 505}},
      {"scores capped softly", 64, {100, 9, 2, 0, 0.7F}},
      {"capped and windowed", 64, {100, 9, 2, 20, 0.7F}},
      {"values narrower than keys", 96, {200, 5, 3}, 64},
      {"latents of 512 and 64", 576, {60, 4, 16}, 512},
  }));
  const Cache cache(ref(), c.query.first_position + c.query.n, c.head_dim,
                    c.value_dim == 0 ? c.head_dim : c.value_dim);
  const auto expected = Call(cache, c.query).attend(ref());
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << ": " << c.why);
    CHECK(largest_difference(Call(cache, c.query).attend(*table), expected) < 2e-5);
  }
}

TEST_CASE("attention: keys and values are stored alike by every table", "[kernels]") {
  const Cache expected(ref(), 77, 96);
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name);
    const Cache got(*table, 77, 96);
    CHECK(got.k == expected.k);
    CHECK(got.v == expected.v);
    std::vector<std::uint16_t> keys(expected.k.size(), 0x7E00);
    test::Random random(17);
    const auto rows = test::random_floats(77 * 96, random);
    table->store_kv({.k = rows.data(),
                     .k_stride = 96,
                     .k_cache = keys.data(),
                     .first_position = 0,
                     .n = 77,
                     .head_dim = 96,
                     .value_dim = 64});
    CHECK(keys == expected.k);
  }
}

TEST_CASE("attention: same bits alone, in a batch and split into parts", "[kernels]") {
  const std::size_t n = 6, group = 6, dim = 32;
  const std::size_t first = GENERATE(0U, 60U, 509U, 1533U);
  const std::size_t window = GENERATE(0U, 30U, 1020U);
  const float softcap = window == 30 ? 0.9F : 0.0F;
  const Cache cache(ref(), first + n, dim);
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " at " << first << " window " << window);
    const auto batch = Call(cache, {first, n, group, window, softcap}).attend(*table);
    for (std::size_t t = 0; t < n; ++t) {
      const auto begin = batch.begin() + static_cast<std::ptrdiff_t>(t * group * dim);
      const std::vector<float> of_token(begin, begin + group * dim);
      CHECK(Call(cache, {first + t, 1, group, window, softcap}).attend(*table) == of_token);
      if (table->attend_part != nullptr) {
        CHECK(Call(cache, {first + t, 1, group, window, softcap}).attend_in_parts(*table) ==
              of_token);
      }
    }
  }
}

TEST_CASE("attention: without a cache of values they are the beginnings of the keys, to the bit",
          "[kernels]") {
  const std::size_t dim = 96, value_dim = 64, n = 5;
  const std::size_t first = GENERATE(0U, 59U, 530U);
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " at " << first);
    Cache both(*table, first + n, dim, value_dim);
    for (std::size_t p = 0; p < first + n; ++p) {
      for (std::size_t d = 0; d < value_dim; ++d) {
        both.v[p * value_dim + d] =
            both.k[p / kKeyTile * kKeyTile * dim + d * kKeyTile + p % kKeyTile];
      }
    }
    const auto of = [&](AttentionArgs args) {
      table->attend(args);
      return std::vector<float>(args.out, args.out + n * 3 * value_dim);
    };
    Call with(both, {first, n, 3}), without(both, {first, n, 3});
    AttentionArgs keys_only = without.args();
    keys_only.v_cache = nullptr;
    CHECK(of(keys_only) == of(with.args()));
  }
}

// What attention is by its definition, in double precision, on keys as they were given.
std::vector<float> exact_attention(const Cache& cache, const Call& call, const Query& query) {
  std::vector<float> out;
  const double scale = 1 / std::sqrt(static_cast<double>(cache.head_dim));
  for (std::size_t t = 0; t < query.n; ++t) {
    for (std::size_t h = 0; h < query.group; ++h) {
      std::vector<double> weights(query.first_position + t + 1);
      for (std::size_t p = 0; p < weights.size(); ++p) {
        for (std::size_t d = 0; d < cache.head_dim; ++d) {
          weights[p] += static_cast<double>(call.query(t, h)[d]) *
                        static_cast<double>(cache.keys[p * cache.head_dim + d]) * scale;
        }
      }
      const double most = *std::ranges::max_element(weights);
      double total = 0;
      for (double& weight : weights) total += weight = std::exp(weight - most);
      for (std::size_t d = 0; d < cache.value_dim; ++d) {
        double sum = 0;
        for (std::size_t p = 0; p < weights.size(); ++p) {
          const float value = float_from_half(cache.v[p * cache.value_dim + d]);
          sum += weights[p] * static_cast<double>(value);
        }
        out.push_back(static_cast<float>(sum / total));
      }
    }
  }
  return out;
}

TEST_CASE("attention: fine dimensions keep what the others are drowned in otherwise", "[kernels]") {
  const std::vector<std::uint16_t> fine = {0,  3,  5,  8,  9,  17, 20, 31,
                                           32, 35, 37, 40, 41, 49, 52, 63};
  constexpr float kSize = 300;
  const Query query{GENERATE(0U, 70U, 1030U), 5, 3};
  const std::size_t n = query.first_position + query.n;
  const Cache cache(ref(), n, 64, 64, fine, kSize);
  const Call call(cache, query);
  const auto exact = exact_attention(cache, call, query);
  const auto expected = Call(cache, query).attend(ref());
  CHECK(largest_difference(expected, exact) < 3e-4);
  for (const KernelTable* table : available_kernel_tables()) {
    INFO(table->name << " at " << query.first_position);
    const Cache stored(*table, n, 64, 64, fine, kSize);
    CHECK(stored.k == cache.k);
    CHECK(largest_difference(Call(stored, query).attend(*table), expected) < 5e-4);
    if (table->attend_part != nullptr && query.first_position == 1030) {
      CHECK(Call(stored, query).attend_in_parts(*table) == Call(stored, query).attend(*table));
    }
  }
  // The same keys as single halves.
  Cache coarse(ref(), n, 64, 64, fine, kSize);
  coarse.fine.clear();
  coarse.k.assign(coarse.k.size() / 80 * 64, 0x7E00);
  ref().store_kv({.k = coarse.keys.data(),
                  .v = coarse.values.data(),
                  .k_stride = 64,
                  .v_stride = 64,
                  .k_cache = coarse.k.data(),
                  .v_cache = coarse.v.data(),
                  .first_position = 0,
                  .n = n,
                  .head_dim = 64,
                  .value_dim = 64});
  if (n > 64) CHECK(largest_difference(Call(coarse, query).attend(ref()), exact) > 2e-3);
}

}  // namespace engram
