#include "engine/model_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/models/architecture.h"
#include "kernels/attention.h"

namespace engram {
namespace {

// Larger than any model of today; keeps every product of two sizes far from overflow.
constexpr std::uint64_t kMaxSize = 1U << 24U;
constexpr std::uint64_t kMaxLayers = 1U << 10U;

class Reader {
 public:
  Reader(const GgufFile& file, std::string architecture)
      : file_(file), prefix_(std::move(architecture) + ".") {}

  std::uint32_t size(std::string_view key, std::uint64_t most = kMaxSize) {
    const std::string name = prefix_ + std::string(key);
    const auto value = file_.unsigned_integer(name);
    if (!value || *value == 0 || *value > most) {
      fail(fmt::format("key '{}' {}", name,
                       value ? fmt::format("is {}, which is absurd", *value) : "is missing"));
      return 1;
    }
    return static_cast<std::uint32_t>(*value);
  }
  std::uint32_t size_or(std::string_view key, std::uint32_t fallback) {
    return file_.unsigned_integer(prefix_ + std::string(key)) ? size(key) : fallback;
  }
  float positive(std::string_view key, float fallback) {
    const std::string name = prefix_ + std::string(key);
    const auto value = file_.number(name);
    if (!value) return fallback;
    if (!(*value > 0) || *value > 1e12) fail(fmt::format("key '{}' is {}", name, *value));
    return static_cast<float>(*value);
  }
  void require(bool holds, std::string_view what) {
    if (!holds) fail(what);
  }
  void fail(std::string_view what) {
    if (!error_) return;
    error_ = Error{Errc::kCorrupt, fmt::format("cannot load {}: {}", file_.path().string(), what)};
  }
  const Result<void>& error() const { return error_; }

 private:
  const GgufFile& file_;
  std::string prefix_;
  Result<void> error_;
};

Result<std::string> known_architecture(const GgufFile& file) {
  const auto name = file.string("general.architecture");
  if (!name) {
    return Error{
        Errc::kCorrupt,
        fmt::format("cannot load {}: key 'general.architecture' is missing", file.path().string())};
  }
  const auto supported = supported_architectures();
  if (std::find(supported.begin(), supported.end(), *name) == supported.end()) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot load {}: architecture '{}' is not supported; these are: {}",
                             file.path().string(), *name, fmt::join(supported, ", "))};
  }
  return std::string(*name);
}

Result<void> check_rope(const GgufFile& file, const ModelConfig& config) {
  const auto scaling = file.string(config.architecture + ".rope.scaling.type");
  const auto turned = file.unsigned_integer(config.architecture + ".rope.dimension_count");
  if (scaling && *scaling != "none") {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot load {}: RoPE scaling '{}' is not supported",
                             file.path().string(), *scaling)};
  }
  if (turned && *turned != config.head_dim) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot load {}: RoPE over {} of {} dimensions is not supported",
                             file.path().string(), *turned, config.head_dim)};
  }
  return {};
}

}  // namespace

Result<ModelConfig> read_model_config(const GgufFile& file) {
  ENGRAM_TRY(architecture, known_architecture(file));
  Reader read(file, architecture);
  ModelConfig c;
  c.architecture = architecture;
  c.name = std::string(file.string("general.name").value_or(architecture));
  c.n_layers = read.size("block_count", kMaxLayers);
  c.d_model = read.size("embedding_length");
  c.n_heads = read.size("attention.head_count");
  c.n_kv_heads = read.size_or("attention.head_count_kv", c.n_heads);
  c.head_dim = read.size_or("attention.key_length", std::max(c.d_model / c.n_heads, 1U));
  c.d_ff = read.size("feed_forward_length");
  c.context_length = read.size("context_length");
  c.rms_eps = read.positive("attention.layer_norm_rms_epsilon", 1e-5F);
  c.rope_base = read.positive("rope.freq_base", 10000.0F);
  const GgufTensor* embedding = file.find_tensor("token_embd.weight");
  if (embedding == nullptr) read.fail("tensor 'token_embd.weight' is missing");
  if (embedding != nullptr) {
    read.require(embedding->shape[0] == c.d_model && embedding->rows() <= kMaxSize,
                 "tensor 'token_embd.weight' does not match embedding_length");
    c.vocab_size = static_cast<std::uint32_t>(std::min(embedding->rows(), kMaxSize));
  }
  c.tied_head = file.find_tensor("output.weight") == nullptr;
  read.require(std::uint64_t{c.n_heads} * c.head_dim <= kMaxSize, "its attention is absurdly wide");
  read.require(c.n_heads % c.n_kv_heads == 0, "head_count is not a multiple of head_count_kv");
  read.require(c.n_heads / c.n_kv_heads <= kAttentionRows, "too many heads share one KV head");
  read.require(c.head_dim % 16 == 0 && c.head_dim <= 512,
               fmt::format("a head of {} dimensions is not supported", c.head_dim));
  if (!read.error()) return read.error().error();
  ENGRAM_TRY_VOID(check_rope(file, c));
  return c;
}

}  // namespace engram
