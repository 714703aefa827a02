// Every architecture against PyTorch: tiny random models with the logits transformers gives them,
// from tools/oracle/tiny_models.py. Their prompts go beyond each sliding window and beyond YaRN's
// original context.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "core/atomic_file.h"
#include "engine/transformer.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(ENGRAM_TEST_DATA) / "architectures";

struct Oracle {
  std::uint32_t vocab_size = 0;
  std::vector<TokenId> tokens;
  std::vector<std::uint32_t> positions;
  std::vector<float> logits;  // [positions, vocab_size]
};

Oracle read_oracle(const std::string& name) {
  const auto text = read_file(kFolder / (name + ".logits"));
  REQUIRE(text);
  REQUIRE(text->substr(0, 4) == "EARC");
  std::uint32_t sizes[3];  // tokens, vocabulary, scored positions
  std::memcpy(sizes, text->data() + 4, sizeof sizes);
  Oracle oracle;
  oracle.vocab_size = sizes[1];
  oracle.tokens.resize(sizes[0]);
  oracle.positions.resize(sizes[2]);
  oracle.logits.resize(std::size_t{sizes[2]} * sizes[1]);
  const char* p = text->data() + 16;
  const auto take = [&](auto& values) {
    const std::size_t bytes = values.size() * sizeof values[0];
    REQUIRE(p + bytes <= text->data() + text->size());
    std::memcpy(values.data(), p, bytes);
    p += bytes;
  };
  take(oracle.tokens);
  take(oracle.positions);
  take(oracle.logits);
  return oracle;
}

std::unique_ptr<Transformer> load(const std::string& name, std::string_view kernels) {
  auto file = GgufFile::open(kFolder / (name + ".gguf"));
  REQUIRE(file);
  auto made = Transformer::create(
      *file, {.kernels = std::string(kernels), .threads = 2, .keep_packed = false});
  if (!made) FAIL(made.error().message);
  return *std::move(made);
}

// Logits of all tokens, computed in passes of `piece`.
std::vector<float> logits_of(Transformer& model, const std::vector<TokenId>& tokens,
                             std::size_t piece) {
  const std::size_t vocab = model.config().vocab_size;
  auto cache = model.make_cache(tokens.size());
  REQUIRE(cache);
  std::vector<float> logits(tokens.size() * vocab);
  for (std::size_t begin = 0; begin < tokens.size(); begin += piece) {
    const std::size_t n = std::min(piece, tokens.size() - begin);
    REQUIRE(model.forward(**cache, std::span(tokens).subspan(begin, n), n,
                          std::span(logits).subspan(begin * vocab, n * vocab), {}));
  }
  return logits;
}

struct Difference {
  double relative = 0;  // largest, to the largest logit of its row
  double mean_kl = 0;
};

std::vector<double> log_softmax(std::span<const float> logits) {
  const double largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x) - largest);
  std::vector<double> out;
  for (const float x : logits) out.push_back(static_cast<double>(x) - largest - std::log(sum));
  return out;
}

Difference compare(const Oracle& oracle, const std::vector<float>& logits) {
  Difference difference;
  for (std::size_t i = 0; i < oracle.positions.size(); ++i) {
    const auto theirs = std::span(oracle.logits).subspan(i * oracle.vocab_size, oracle.vocab_size);
    const auto ours =
        std::span(logits).subspan(oracle.positions[i] * oracle.vocab_size, oracle.vocab_size);
    double most = 0, off = 0;
    for (std::size_t t = 0; t < theirs.size(); ++t) {
      most = std::max(most, std::abs(static_cast<double>(theirs[t])));
      off = std::max(off, std::abs(static_cast<double>(theirs[t]) - static_cast<double>(ours[t])));
    }
    difference.relative = std::max(difference.relative, off / most);
    const auto p = log_softmax(theirs), q = log_softmax(ours);
    for (std::size_t t = 0; t < p.size(); ++t) {
      difference.mean_kl +=
          std::exp(p[t]) * (p[t] - q[t]) / static_cast<double>(oracle.positions.size());
    }
  }
  return difference;
}

}  // namespace

TEST_CASE("architectures: logits are PyTorch's, prefilled and token by token, the same bits",
          "[engine]") {
  const std::string name =
      GENERATE("llama", "llama3", "llama-linear", "mixtral", "mixtral-older", "deepseek2-older",
               "smollm3", "qwen2", "qwen2-yarn", "qwen3", "qwen3moe", "starcoder2", "granite",
               "gemma2", "gemma3", "deepseek2-lite", "deepseek2-v3");
  const Oracle oracle = read_oracle(name);
  for (const std::string_view kernels : available_kernels()) {
    INFO(name << " " << kernels);
    const auto model = load(name, kernels);
    REQUIRE(model->config().vocab_size == oracle.vocab_size);
    const auto logits = logits_of(*model, oracle.tokens, oracle.tokens.size());
    const Difference difference = compare(oracle, logits);
    if (kernels == "ref") {
      CHECK(difference.relative <= 1e-4);
    } else {
      CHECK(difference.mean_kl <= 1e-3);
    }
    for (const std::size_t piece : {1U, 5U, 20U}) {
      INFO("pieces of " << piece);
      CHECK(logits_of(*model, oracle.tokens, piece) == logits);
    }
  }
}

TEST_CASE("architectures: latents are kept once, as keys", "[engine]") {
  const auto model = load("deepseek2-v3", "ref");
  const ModelConfig& c = model->config();
  CHECK(model->kv_page_bytes() ==
        c.n_layers * kPageTokens * (c.latent.kv_rank + c.latent.rope_dim) * sizeof(std::uint16_t));
}

// A file whose key or tensor is misspelled.
Result<std::unique_ptr<Transformer>> try_without(const std::string& name, const std::string& what,
                                                 std::string& bytes) {
  auto text = read_file(kFolder / (name + ".gguf"));
  REQUIRE(text);
  bytes = *std::move(text);
  const std::size_t at = bytes.find(what);
  REQUIRE(at != std::string::npos);
  bytes[at + what.size() - 1] = '_';
  const auto view = std::span(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size());
  const auto file = GgufFile::parse(view, name);
  REQUIRE(file);
  return Transformer::create(*file, {.kernels = "ref", .threads = 2, .keep_packed = false});
}

// What the model does without it.
std::unique_ptr<Transformer> load_without(const std::string& name, const std::string& what,
                                          std::string& bytes) {
  auto made = try_without(name, what, bytes);
  if (!made) FAIL(made.error().message);
  return *std::move(made);
}

TEST_CASE("architectures: a part that an older layout lacks is named", "[engine]") {
  struct Case {
    const char* model;
    const char* what;
    const char* named;
  };
  const auto c = GENERATE(values<Case>({
      {"mixtral-older", "blk.1.ffn_up.2.weight", "'blk.1.ffn_up.2.weight' is missing"},
      {"mixtral-older", "blk.0.ffn_down.0.weight", "'blk.0.ffn_down_exps.weight' is missing"},
      {"deepseek2-older", "blk.1.attn_kv_b.weight", "'blk.1.attn_k_b.weight' is missing"},
      {"deepseek2-older", "attention.kv_lora_rank", "kv_lora_rank"},
  }));
  std::string bytes;
  const auto made = try_without(c.model, c.what, bytes);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Errc::kCorrupt);
  CHECK_THAT(made.error().message, Catch::Matchers::ContainsSubstring(c.named));
}

TEST_CASE("architectures: every key and tensor that a family may have is felt in the logits",
          "[engine]") {
  struct Case {
    const char* model;
    const char* what;
  };
  const auto c = GENERATE(values<Case>({{"llama", "rope.freq_base"},
                                        {"llama3", "rope_freqs.weight"},
                                        {"llama-linear", "rope.scaling.type"},
                                        {"llama-linear", "attn_q.bias"},
                                        {"qwen2-yarn", "rope.scaling.type"},
                                        {"qwen2-yarn", "original_context_length"},
                                        {"starcoder2", "sliding_window"},
                                        {"starcoder2", "ffn_up.bias"},
                                        {"granite", "embedding_scale"},
                                        {"granite", "residual_scale"},
                                        {"granite", "attention.scale"},
                                        {"granite", "logit_scale"},
                                        {"gemma2", "sliding_window"},
                                        {"gemma2", "attn_logit_softcapping"},
                                        {"gemma2", "final_logit_softcapping"},
                                        {"gemma3", "sliding_window"},
                                        {"gemma3", "rope.scaling.type"},
                                        {"deepseek2-lite", "yarn_log_multiplier"},
                                        {"deepseek2-lite", "expert_weights_scale"},
                                        {"deepseek2-lite", "expert_shared_count"},
                                        {"deepseek2-v3", "expert_gating_func"},
                                        {"deepseek2-v3", "expert_weights_norm"},
                                        {"deepseek2-v3", "expert_group_used_count"},
                                        {"deepseek2-v3", "exp_probs_b.bias"}}));
  INFO(c.model << " without " << c.what);
  const Oracle oracle = read_oracle(c.model);
  std::string bytes;
  const auto model = load_without(c.model, c.what, bytes);
  const auto logits = logits_of(*model, oracle.tokens, oracle.tokens.size());
  CHECK(compare(oracle, logits).relative > 2e-3);
}

}  // namespace engram
