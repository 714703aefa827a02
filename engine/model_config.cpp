#include "engine/model_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "engine/config_reader.h"
#include "engine/models/architecture.h"

namespace engram {
namespace {

constexpr std::uint64_t kMaxLayers = 1U << 10U;
constexpr std::uint64_t kMaxHeadDim = 1024;

Result<const Family*> known_family(const GgufFile& file) {
  const auto name = file.string("general.architecture");
  if (!name) {
    return Error{
        Errc::kCorrupt,
        fmt::format("cannot load {}: key 'general.architecture' is missing", file.path().string())};
  }
  if (const Family* family = find_family(*name)) return family;
  std::vector<std::string_view> known;
  for (const Family* family : all_families()) known.push_back(family->name);
  return Error{Errc::kInvalidArgument,
               fmt::format("cannot load {}: architecture '{}' is not supported; these are: {}",
                           file.path().string(), *name, fmt::join(known, ", "))};
}

void read_shape(ConfigReader& read, ModelConfig& c) {
  c.n_layers = read.size("block_count", kMaxLayers);
  c.d_model = read.size("embedding_length");
  c.n_heads = read.size("attention.head_count");
  c.n_kv_heads = read.size_or("attention.head_count_kv", c.n_heads);
  c.head_dim = read.size_or("attention.key_length", std::max(c.d_model / c.n_heads, 1U));
  c.value_dim = read.size_or("attention.value_length", c.head_dim);
  c.d_ff = read.size("feed_forward_length");
  c.context_length = read.size("context_length");
}

void read_embedding(ConfigReader& read, ModelConfig& c) {
  const GgufTensor* embedding = read.file().find_tensor("token_embd.weight");
  if (embedding == nullptr) return read.fail("tensor 'token_embd.weight' is missing");
  read.require(embedding->shape[0] == c.d_model && embedding->rows() <= ConfigReader::kMaxSize,
               "tensor 'token_embd.weight' does not match embedding_length");
  c.vocab_size = static_cast<std::uint32_t>(std::min(embedding->rows(), ConfigReader::kMaxSize));
  c.tied_head = read.file().find_tensor("output.weight") == nullptr;
}

void read_yarn(ConfigReader& read, ModelConfig& c) {
  c.rope.original_context = read.size_or("rope.scaling.original_context_length", c.context_length);
  c.rope.beta_fast = read.positive("rope.scaling.yarn_beta_fast", 32.0F);
  c.rope.beta_slow = read.positive("rope.scaling.yarn_beta_slow", 1.0F);
  // What stretched positions lose in the softmax's sharpness, YaRN's section 3.4 gives back.
  c.rope.magnitude = read.positive("rope.scaling.attn_factor", 1.0F) *
                     (1.0F + 0.1F * std::log(std::max(c.rope.factor, 1.0F)));
  if (read.not_negative("rope.scaling.yarn_ext_factor", 1.0F) != 1.0F) {
    read.unsupported("YaRN with an extrapolation factor other than 1 is not supported");
  }
}

void read_rope(ConfigReader& read, ModelConfig& c) {
  c.rope.dimensions = read.size_or("rope.dimension_count", c.head_dim, kMaxHeadDim);
  c.rope.base = read.positive("rope.freq_base", 10000.0F);
  const std::string_view scaling = read.text("rope.scaling.type", "none");
  if (scaling != "none") c.rope.factor = read.positive("rope.scaling.factor", 1.0F);
  if (scaling == "yarn") {
    c.rope.scaling = RopeScaling::kYarn;
    read_yarn(read, c);
  } else if (scaling == "linear") {
    c.rope.scaling = RopeScaling::kLinear;
  } else if (scaling != "none") {
    read.unsupported(
        fmt::format("RoPE scaling '{}' is not supported; these are: none, linear, yarn", scaling));
  }
}

// Biases on keys put a few dimensions hundreds of times above the others. A quarter of them, in
// whole vectors: docs/kernels/attention.md.
std::uint32_t fine_key_dims(const GgufFile& file, const ModelConfig& c) {
  const bool biased = file.find_tensor("blk.0.attn_k.bias") != nullptr;
  return biased && c.latent.kv_rank == 0 ? (c.head_dim / 4 + 15) / 16 * 16 : 0;
}

void check_shape(ConfigReader& read, const ModelConfig& c) {
  read.require(
      std::uint64_t{c.n_heads} * std::max(c.head_dim, c.value_dim) <= ConfigReader::kMaxSize,
      "its attention is absurdly wide");
  read.require(c.n_heads % c.n_kv_heads == 0, "head_count is not a multiple of head_count_kv");
  for (const std::uint32_t dim : {c.head_dim, c.value_dim}) {
    read.require(dim % 16 == 0 && dim <= kMaxHeadDim,
                 fmt::format("a head of {} dimensions is not supported", dim));
  }
  const std::uint32_t head = c.latent.kv_rank != 0 ? c.latent.rope_dim : c.head_dim;
  for (const RopeConfig* rope : {&c.rope, &c.windowed_rope}) {
    read.require(
        rope->dimensions <= head && rope->dimensions % 2 == 0,
        fmt::format("RoPE over {} of {} dimensions is not supported", rope->dimensions, head));
  }
}

}  // namespace

Result<ModelConfig> read_model_config(const GgufFile& file) {
  ENGRAM_TRY(family, known_family(file));
  ConfigReader read(file, std::string(family->name));
  ModelConfig c;
  c.architecture = family->name;
  c.name = std::string(file.string("general.name").value_or(family->name));
  read_shape(read, c);
  read_embedding(read, c);
  read_rope(read, c);
  c.norm_eps = read.positive("attention.layer_norm_rms_epsilon", 1e-5F);
  c.attention_scale = 1.0F / std::sqrt(static_cast<float>(c.head_dim));
  if (family->read_keys != nullptr && read.error()) family->read_keys(read, c);
  check_shape(read, c);
  c.fine_key_dims = fine_key_dims(file, c);
  if (!read.error()) return read.error().error();
  return c;
}

}  // namespace engram
