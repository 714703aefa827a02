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

TEST_CASE("paged forward: branches have the bits of their whole path computed alone", "[engine]") {
  const std::string architecture = GENERATE("llama", "qwen2");
  struct Shape {
    std::size_t context, trunk;
    std::vector<std::pair<std::size_t, std::size_t>> branches;  // rows shared, rows of its own
  };
  for (const std::string_view kernels : available_kernels()) {
    INFO(architecture << ' ' << kernels);
    const bool slow = kernels == "ref";
    Loaded loaded(architecture, kernels, slow ? 2 : 1);
    Transformer& transformer = *loaded.transformer;
    std::mt19937 random(9);
    // At the edges of tiles, pages and parts of the keys; a branch that shares all; several.
    std::vector<Shape> shapes = {{0, 3, {{1, 2}}}, {70, 1, {{1, 4}}}, {62, 4, {{1, 3}, {3, 2}}}};
    if (!slow) {
      shapes.push_back({509, 6, {{1, 4}, {4, 1}, {6, 3}}});
      shapes.push_back({1100, 3, {{2, 2}, {2, 5}}});
    }
    for (const Shape& shape : shapes) {
      INFO(shape.context);
      KvPool pool(transformer, {.max_tokens = 80 * kPageTokens, .budget_bytes = UINT64_MAX});
      const auto trunk = draw_tokens(random, shape.context + shape.trunk);
      const auto cache = pool.attach(1, trunk, trunk.size(), {});
      REQUIRE(cache);
      REQUIRE(pool.reserve(1, trunk.size(), {}));
      const auto context = std::span(trunk).first(shape.context);
      REQUIRE(transformer.forward(**cache, context, 0, {}, {}));
      pool.commit(1, context);
      std::vector<Segment> segments = {
          {*cache, std::span(trunk).subspan(shape.context), shape.trunk}};
      std::vector<float> expected = alone(transformer, trunk, shape.trunk);
      std::vector<std::vector<TokenId>> paths;
      for (const auto& [shared, own] : shape.branches) {
        paths.push_back(trunk);
        paths.back().resize(shape.context + shared);
        const auto more = draw_tokens(random, own);
        paths.back().insert(paths.back().end(), more.begin(), more.end());
      }
      for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto [shared, own] = shape.branches[i];
        const auto fork = pool.fork(1, shared + own);
        REQUIRE(fork);
        segments.push_back({*fork, std::span(paths[i]).last(own), own, 0, shared});
        const auto logits = alone(transformer, paths[i], own);
        expected.insert(expected.end(), logits.begin(), logits.end());
      }
      std::vector<float> logits(expected.size());
      REQUIRE(transformer.forward(segments, logits, {}));
      CHECK(logits == expected);
      // A branch that becomes the sequence goes on like it.
      auto& path = paths.back();
      pool.settle(1, paths.size() - 1);
      CHECK((*cache)->size() == path.size());
      pool.commit(1, path);
      path.push_back(7);
      REQUIRE(pool.reserve(1, 1, {}));
      std::vector<float> next(kVocabulary);
      REQUIRE(transformer.forward(**cache, std::span(path).last(1), 1, next, {}));
      CHECK(next == alone(transformer, path, 1));
    }
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
