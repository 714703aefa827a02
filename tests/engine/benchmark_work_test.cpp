#include "engine/benchmark_work.h"

#include <cmath>
#include <filesystem>

#include "tests/support/catch.h"

namespace engram {
namespace {

std::shared_ptr<const GgufFile> tiny(const std::string& name) {
  const auto file =
      GgufFile::open(std::filesystem::path(ENGRAM_TEST_DATA) / "architectures" / (name + ".gguf"));
  REQUIRE(file);
  return *file;
}

}  // namespace

TEST_CASE("benchmark_work: a dense block is its projections, gated or not", "[engine]") {
  for (const auto& [name, feed_forward] :
       {std::pair{"llama", 3.0}, std::pair{"qwen2", 3.0}, std::pair{"starcoder2", 2.0}}) {
    INFO(name);
    const auto file = tiny(name);
    const ModelConfig c = *read_model_config(*file);
    const double d = c.d_model, q = double{1} * c.n_heads * c.head_dim,
                 kv = double{1} * c.n_kv_heads * c.head_dim;
    const BenchmarkWork work(*file, c);
    CHECK(work.block_macs() == c.n_layers * (d * (2 * q + 2 * kv) + feed_forward * d * c.d_ff));
    CHECK(work.read_share(1) == 1);
  }
}

TEST_CASE("benchmark_work: of experts only those used count, and more with more rows", "[engine]") {
  const auto file = tiny("qwen3moe");
  const ModelConfig c = *read_model_config(*file);
  const double d = c.d_model, q = double{1} * c.n_heads * c.head_dim,
               kv = double{1} * c.n_kv_heads * c.head_dim;
  const double experts = 3 * d * c.experts.d_ff * c.experts.used;
  const BenchmarkWork work(*file, c);
  CHECK(std::abs(work.block_macs() -
                 c.n_layers * (d * (2 * q + 2 * kv) + d * c.experts.count + experts)) < 1);
  CHECK(work.read_share(1) < work.read_share(4));
  CHECK(work.read_share(1) < 1);
  CHECK(work.read_share(1000) > 0.999);
}

TEST_CASE("benchmark_work: layers with a window see no more than that", "[engine]") {
  const auto file = tiny("gemma3");
  const ModelConfig c = *read_model_config(*file);
  REQUIRE(c.window > 0);
  const BenchmarkWork work(*file, c);
  CHECK(work.seen_keys(1) == 1);
  CHECK(work.seen_keys(100000) < 100000);
  CHECK(work.seen_keys(100000) >= c.window);
}

}  // namespace engram
