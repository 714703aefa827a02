#include "engine/transformer.h"

#include <cmath>

#include "core/check.h"
#include "engine/compute/compute_pool.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_model.h"

namespace engram {
namespace {

using Catch::Matchers::ContainsSubstring;
using test::TinyModel;

// The bytes of a model and a transformer over them.
struct Loaded {
  explicit Loaded(const TinyModel& model, const TransformerOptions& options)
      : bytes(test::TinyModelWriter(model).bytes()) {
    auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
    REQUIRE(file);
    auto made = Transformer::create(*file, options);
    REQUIRE(made);
    transformer = *std::move(made);
  }
  std::string bytes;
  std::unique_ptr<Transformer> transformer;
};

std::vector<TokenId> some_tokens(std::size_t n, std::uint32_t vocab) {
  std::vector<TokenId> tokens(n);
  for (std::size_t i = 0; i < n; ++i) {
    tokens[i] = static_cast<TokenId>((i * i * 31 + 7 * i + 3) % vocab);
  }
  return tokens;
}

std::unique_ptr<KvCache> new_cache(const Transformer& transformer, std::size_t capacity) {
  auto cache = transformer.make_cache(capacity);
  REQUIRE(cache);
  return *std::move(cache);
}

// Logits of all tokens, fed in the pieces given (the last piece is what remains).
std::vector<float> logits_of(Transformer& transformer, KvCache& cache,
                             std::span<const TokenId> tokens,
                             std::vector<std::size_t> pieces = {}) {
  const std::size_t vocab = transformer.config().vocab_size;
  std::vector<float> logits(tokens.size() * vocab);
  std::size_t begin = 0;
  pieces.push_back(tokens.size());
  for (const std::size_t piece : pieces) {
    const std::size_t n = std::min(piece, tokens.size() - begin);
    const auto out = std::span(logits).subspan(begin * vocab, n * vocab);
    if (n > 0) REQUIRE(transformer.forward(cache, tokens.subspan(begin, n), n, out, {}));
    begin += n;
  }
  return logits;
}

std::vector<float> logits_of(Transformer& transformer, std::span<const TokenId> tokens,
                             std::vector<std::size_t> pieces = {}) {
  const auto cache = new_cache(transformer, tokens.size());
  return logits_of(transformer, *cache, tokens, std::move(pieces));
}

TinyModel model_of(const std::string& architecture) {
  return {.architecture = architecture, .own_head = architecture == "qwen2"};
}

}  // namespace

TEST_CASE("transformer: the same bits for any batch size", "[engine]") {
  const std::string architecture = GENERATE("llama", "qwen2");
  const TensorType type = GENERATE(TensorType::kQ8_0, TensorType::kF32);
  for (const std::string_view kernels : available_kernels()) {
    INFO(architecture << " " << kernels);
    TinyModel model = model_of(architecture);
    model.type = type;
    Loaded loaded(model, {.kernels = std::string(kernels), .threads = 2});
    const auto tokens = some_tokens(40, 97);
    const auto whole = logits_of(*loaded.transformer, tokens);
    CHECK(logits_of(*loaded.transformer, tokens, std::vector<std::size_t>(40, 1)) == whole);
    CHECK(logits_of(*loaded.transformer, tokens, {3, 8, 9, 2}) == whole);
    CHECK(logits_of(*loaded.transformer, tokens, {17, 1, 1}) == whole);
  }
}

TEST_CASE("transformer: the same bits where activations have one byte or two", "[engine]") {
  TinyModel model = model_of("llama");
  model.d_model = 576;  // wide enough for activations of mixed precision
  model.heads = 9;
  model.kv_heads = 3;
  model.d_ff = 608;
  const auto tokens = some_tokens(40, 97);
  for (const std::string_view kernels : available_kernels()) {
    INFO(kernels);
    Loaded two(model, {.kernels = std::string(kernels), .threads = 2, .mixed_activations = true});
    const auto whole = logits_of(*two.transformer, tokens);
    CHECK(logits_of(*two.transformer, tokens, {3, 8, 9, 2, 1, 1}) == whole);
    CHECK(logits_of(*two.transformer, tokens, {17, 1, 1, 5}) == whole);
    Loaded one(model, {.kernels = std::string(kernels), .threads = 1, .mixed_activations = true});
    CHECK(logits_of(*one.transformer, tokens, {39, 1}) == whole);
    if (kernels == "ref") continue;
    Loaded exact(model, {.kernels = std::string(kernels), .mixed_activations = false});
    CHECK(logits_of(*exact.transformer, tokens) != whole);  // else this tests nothing
  }
}

TEST_CASE("transformer: the same bits for any number of threads", "[engine]") {
  for (const std::string_view kernels : available_kernels()) {
    INFO(kernels);
    const auto tokens = some_tokens(33, 97);
    std::vector<std::vector<float>> results;
    for (const unsigned threads : {1U, 2U, 3U, 5U}) {
      Loaded loaded(model_of("qwen2"), {.kernels = std::string(kernels), .threads = threads});
      CHECK(loaded.transformer->threads() == threads);
      results.push_back(logits_of(*loaded.transformer, tokens, {30, 1, 1}));
      CHECK(results.back() == results.front());
    }
  }
}

TEST_CASE("transformer: the same bits after a prefix was reused from a longer sequence",
          "[engine]") {
  for (const std::string_view kernels : available_kernels()) {
    INFO(kernels);
    Loaded loaded(model_of("llama"), {.kernels = std::string(kernels), .threads = 2});
    const auto tokens = some_tokens(30, 97);
    const auto other = some_tokens(61, 89);
    const auto expected = logits_of(*loaded.transformer, tokens);
    auto cache = new_cache(*loaded.transformer, 128);
    logits_of(*loaded.transformer, *cache, tokens);
    logits_of(*loaded.transformer, *cache, other);  // goes on with something else
    CHECK(cache->size() == 91);
    cache->truncate(18);  // back to a prefix
    const auto rest = logits_of(*loaded.transformer, *cache, std::span(tokens).subspan(18));
    CHECK(std::equal(rest.begin(), rest.end(), expected.begin() + 18 * 97));
  }
}

TEST_CASE("transformer: the same bits where attention is split over threads", "[engine]") {
  for (const std::string_view kernels : available_kernels()) {
    if (kernels == "ref") continue;  // slow, and never splits
    INFO(kernels);
    TinyModel model = model_of("llama");
    model.layers = 1;
    const auto tokens = some_tokens(1100, 97);
    Loaded one(model, {.kernels = std::string(kernels), .threads = 1});
    Loaded two(model, {.kernels = std::string(kernels), .threads = 2});
    // The last tokens one by one: their attention takes three parts, by one thread or by two.
    const std::vector<std::size_t> pieces = {500, 590, 1, 1, 3};
    CHECK(logits_of(*two.transformer, tokens, pieces) == logits_of(*one.transformer, tokens));
  }
}

TEST_CASE("transformer: every table agrees with the reference", "[engine]") {
  // Codes are multiplied by 16-bit activations, whose last bit turns some of the half floats of
  // keys and values; with floats only the order of sums differs.
  struct Bound {
    std::string architecture;
    TensorType type;
    float most;
  };
  const auto [architecture, type, bound] =
      GENERATE(values<Bound>({{"llama", TensorType::kF32, 5e-4F},
                              {"qwen2", TensorType::kF32, 5e-4F},
                              {"llama", TensorType::kQ8_0, 5e-3F},
                              {"qwen2", TensorType::kQ8_0, 6e-3F}}));
  TinyModel model = model_of(architecture);
  model.type = type;
  const auto tokens = some_tokens(50, 97);
  Loaded reference(model, {.kernels = "ref", .threads = 1});
  const auto expected = logits_of(*reference.transformer, tokens);
  for (const std::string_view kernels : available_kernels()) {
    INFO(architecture << " " << kernels);
    Loaded loaded(model, {.kernels = std::string(kernels), .threads = 2});
    CHECK(loaded.transformer->kernels() == kernels);
    const auto got = logits_of(*loaded.transformer, tokens);
    float most = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      most = std::max(most, std::abs(got[i] - expected[i]));
    }
    CHECK(most < bound);
  }
}

TEST_CASE("transformer: only the rows asked for get logits", "[engine]") {
  Loaded loaded(model_of("llama"), {});
  const auto tokens = some_tokens(25, 97);
  const auto all = logits_of(*loaded.transformer, tokens);
  auto cache = new_cache(*loaded.transformer, 25);
  std::vector<float> last(2 * 97);
  REQUIRE(loaded.transformer->forward(*cache, tokens, 2, last, {}));
  CHECK(std::equal(last.begin(), last.end(), all.end() - 2 * 97));
  cache->truncate(0);
  REQUIRE(loaded.transformer->forward(*cache, tokens, 0, {}, {}));
  CHECK(cache->size() == 25);
}

TEST_CASE("transformer: a stop leaves whole batches in the cache, and the next call goes on",
          "[engine]") {
  Loaded loaded(model_of("llama"), {.threads = 2});
  const auto tokens = some_tokens(20, 97);
  const auto expected = logits_of(*loaded.transformer, tokens);
  auto cache = new_cache(*loaded.transformer, 20);
  std::vector<float> logits(20 * 97);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = loaded.transformer->forward(*cache, tokens, 20, logits, stop.get_token());
  REQUIRE(!stopped);
  CHECK(stopped.error().code == Errc::kCancelled);
  CHECK(cache->size() == 0);
  CHECK(logits_of(*loaded.transformer, *cache, tokens) == expected);
}

TEST_CASE("transformer: tokens outside the vocabulary are refused", "[engine]") {
  Loaded loaded(model_of("llama"), {});
  auto cache = new_cache(*loaded.transformer, 4);
  std::vector<float> logits(97);
  for (const TokenId id : {-1, 97}) {
    const auto result =
        loaded.transformer->forward(*cache, std::vector<TokenId>{id}, 1, logits, {});
    REQUIRE(!result);
    CHECK(result.error().code == Errc::kInvalidArgument);
    CHECK_THAT(result.error().message, ContainsSubstring(std::to_string(id)));
  }
  CHECK_THROWS_AS(loaded.transformer->forward(*cache, std::vector<TokenId>(65, 1), 1, logits, {}),
                  CheckFailed);
}

TEST_CASE("transformer: a model that does not hold is one error naming the key or tensor",
          "[engine]") {
  struct Case {
    const char* why;
    TinyModel model;
    Errc code;
    const char* named;
  };
  const auto with_key = [](const char* key, auto value) {
    return TinyModel{.more_keys = [=](GgufBuilder& g) { g.key(key, value); }};
  };
  const Case cases[] = {
      {"unknown architecture", {.architecture = "mamba"}, Errc::kInvalidArgument, "'mamba'"},
      {"missing tensor", {.without = "blk.1.ffn_up.weight"}, Errc::kCorrupt, "blk.1.ffn_up.weight"},
      {"missing embedding", {.without = "token_embd.weight"}, Errc::kCorrupt, "token_embd"},
      {"missing norm", {.without = "output_norm.weight"}, Errc::kCorrupt, "output_norm"},
      {"no layers", {.layers = 0}, Errc::kCorrupt, "llama.block_count"},
      {"heads that do not divide", {.heads = 4, .kv_heads = 3}, Errc::kCorrupt, "head_count_kv"},
      {"odd head size", {.d_model = 96, .heads = 12}, Errc::kCorrupt, "8 dimensions"},
      {"unknown RoPE scaling", with_key("llama.rope.scaling.type", "longrope"),
       Errc::kInvalidArgument, "longrope"},
      {"absurd window",
       {.architecture = "gemma2",
        .more_keys = [](GgufBuilder& g) { g.key("gemma2.attention.sliding_window", 1U << 30U); }},
       Errc::kCorrupt,
       "gemma2.attention.sliding_window"},
      {"no experts", {.architecture = "qwen3moe"}, Errc::kCorrupt, "qwen3moe.expert_count"},
      {"more experts used than there are",
       {.architecture = "qwen3moe",
        .more_keys =
            [](GgufBuilder& g) {
              g.key("qwen3moe.expert_count", 4U);
              g.key("qwen3moe.expert_used_count", 5U);
              g.key("qwen3moe.expert_feed_forward_length", 32U);
            }},
       Errc::kCorrupt,
       "expert_used_count"},
      {"no latents", {.architecture = "deepseek2"}, Errc::kCorrupt, "attention.kv_lora_rank"},
      {"a negative scale",
       {.architecture = "granite",
        .more_keys = [](GgufBuilder& g) { g.key("granite.residual_scale", -1.0F); }},
       Errc::kCorrupt,
       "granite.residual_scale"},
      {"RoPE beyond the head", with_key("llama.rope.dimension_count", 32U), Errc::kCorrupt,
       "32 of 16"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const std::string bytes = test::TinyModelWriter(c.model).bytes();
    const auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
    REQUIRE(file);
    const auto made = Transformer::create(*file, {});
    REQUIRE(!made);
    CHECK(made.error().code == c.code);
    CHECK_THAT(made.error().message, ContainsSubstring(c.named));
    CHECK_THAT(made.error().message, ContainsSubstring("tiny.gguf"));
    CHECK(made.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("transformer: loading stops when that is asked for, whoever computes", "[engine]") {
  const std::string bytes = test::TinyModelWriter(TinyModel{}).bytes();
  const auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
  REQUIRE(file);
  std::stop_source stop;
  stop.request_stop();
  for (const std::string_view kernels : available_kernels()) {
    const TransformerOptions options{.kernels = std::string(kernels), .threads = 2};
    const auto made = Transformer::create(*file, options, stop.get_token());
    REQUIRE(!made);
    CHECK(made.error().code == Errc::kCancelled);
    CHECK(Transformer::create(*file, options, std::stop_source().get_token()));
  }
}

TEST_CASE("transformer: unknown kernels are refused, naming what there is", "[engine]") {
  const std::string bytes = test::TinyModelWriter(TinyModel{}).bytes();
  const auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
  REQUIRE(file);
  const auto made = Transformer::create(*file, {.kernels = "neon"});
  REQUIRE(!made);
  CHECK(made.error().code == Errc::kInvalidArgument);
  CHECK_THAT(made.error().message, ContainsSubstring("'neon'"));
  CHECK_THAT(made.error().message, ContainsSubstring("ref"));
  CHECK(available_kernels().back() == "ref");
}

}  // namespace engram
