// The transformer over pages: wherever they lie, whoever shares them and whoever shares the pass,
// the bits are those of a sequence computed alone from nothing.
#include <algorithm>
#include <numeric>
#include <random>

#include "engine/kv_pool.h"
#include "tests/support/catch.h"
#include "tests/support/tiny_model.h"

namespace engram {
namespace {

constexpr std::size_t kVocabulary = 97;

struct Loaded {
  explicit Loaded(const std::string& architecture, std::string_view kernels, std::uint32_t layers)
      : bytes(test::TinyModelWriter({.architecture = architecture, .layers = layers}).bytes()) {
    auto file = GgufFile::parse(as_byte_span(bytes), "tiny.gguf");
    REQUIRE(file);
    auto made = Transformer::create(*file, {.kernels = std::string(kernels), .threads = 2});
    REQUIRE(made);
    transformer = *std::move(made);
  }
  std::string bytes;
  std::unique_ptr<Transformer> transformer;
};

std::vector<TokenId> draw_tokens(std::mt19937& random, std::size_t n) {
  std::vector<TokenId> tokens(n);
  for (TokenId& token : tokens) token = static_cast<TokenId>(random() % kVocabulary);
  return tokens;
}

// Logits of the last `n` tokens, computed alone.
std::vector<float> alone(Transformer& transformer, std::span<const TokenId> tokens, std::size_t n) {
  const auto cache = transformer.make_cache(tokens.size());
  REQUIRE(cache);
  std::vector<float> logits(n * kVocabulary);
  REQUIRE(transformer.forward(**cache, tokens, n, logits, {}));
  return logits;
}

}  // namespace

TEST_CASE("paged forward: sequences of one pass, their pages anywhere, as if each were alone",
          "[engine]") {
  const std::string architecture = GENERATE("llama", "qwen2");
  for (const std::string_view kernels : available_kernels()) {
    INFO(architecture << ' ' << kernels);
    const bool slow = kernels == "ref";
    Loaded loaded(architecture, kernels, slow ? 2 : 1);
    Transformer& transformer = *loaded.transformer;
    std::mt19937 random(5);
    // Contexts on both sides of a part of the keys, with one, a few and many new rows.
    const std::vector<std::pair<std::size_t, std::size_t>> shapes =
        slow ? std::vector<std::pair<std::size_t, std::size_t>>{{0, 3}, {70, 1}, {30, 5}}
             : std::vector<std::pair<std::size_t, std::size_t>>{{0, 3},   {70, 1},   {600, 1},
                                                                {509, 6}, {1100, 4}, {130, 20}};
    auto memory = transformer.make_kv_memory(60);
    REQUIRE(memory);
    std::vector<PageId> free(60);
    std::iota(free.begin(), free.end(), 0U);
    std::shuffle(free.begin(), free.end(), random);
    std::vector<KvCache> caches(shapes.size(), KvCache(*memory));
    std::vector<std::vector<TokenId>> tokens;
    std::vector<Segment> segments;
    std::vector<float> expected;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const auto [context, n] = shapes[i];
      tokens.push_back(draw_tokens(random, context + n));
      for (std::size_t p = 0; p < pages_for(context + n); ++p) {
        caches[i].pages.push_back(free.back());
        free.pop_back();
      }
      REQUIRE(transformer.forward(caches[i], std::span(tokens[i]).first(context), 0, {}, {}));
      const auto logits = alone(transformer, tokens[i], std::min<std::size_t>(n, 3));
      expected.insert(expected.end(), logits.begin(), logits.end());
    }
    std::size_t n_logits = 0;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const auto [context, n] = shapes[i];
      segments.push_back(
          {&caches[i], std::span(tokens[i]).subspan(context), std::min<std::size_t>(n, 3)});
      n_logits += segments.back().n_logits;
    }
    std::vector<float> logits(n_logits * kVocabulary);
    REQUIRE(transformer.forward(segments, logits, {}));
    CHECK(logits == expected);
    CHECK(caches[1].size() == 71);
  }
}

TEST_CASE("paged forward: whatever the pool shares, copies and throws out, the bits stay",
          "[engine]") {
  Loaded loaded("llama", available_kernels().front(), 2);
  Transformer& transformer = *loaded.transformer;
  std::mt19937 random(11);
  KvPool pool(transformer, {.max_tokens = 9 * kPageTokens, .budget_bytes = UINT64_MAX});
  std::vector<std::vector<TokenId>> known = {draw_tokens(random, 90)};
  std::size_t reused = 0, different = 0;
  for (std::uint64_t owner = 1; owner <= 120; ++owner) {
    std::vector<TokenId> sequence = known[random() % known.size()];
    sequence.resize(random() % (sequence.size() + 1));
    const auto more = draw_tokens(random, 1 + random() % 120);
    sequence.insert(sequence.end(), more.begin(), more.end());
    sequence.resize(std::min<std::size_t>(sequence.size(), 250));
    known.push_back(sequence);
    const auto cache = pool.attach(owner, sequence, sequence.size(), {});
    REQUIRE(cache);
    reused += (*cache)->size();
    const auto rest = std::span<const TokenId>(sequence).subspan((*cache)->size());
    REQUIRE(pool.reserve(owner, rest.size(), {}));
    std::vector<float> logits(kVocabulary);
    REQUIRE(transformer.forward(**cache, rest, 1, logits, {}));
    pool.commit(owner, sequence);
    if (random() % 4 != 0) pool.release(owner);
    different += logits != alone(transformer, sequence, 1) ? 1 : 0;
  }
  CHECK(different == 0);
  CHECK(reused > 2000);
}

}  // namespace engram
