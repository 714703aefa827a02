// Our logits against PyTorch's on the same dequantised weights: 20 prompts of code, 8 positions.
// Models that are not in the user's cache are skipped, saying so. The 128-position form of the
// same check is tools/campaigns/logits, for all 20 prompts.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "core/path.h"
#include "engine/transformer.h"
#include "tests/support/catch.h"
#include "tests/support/logits_fixture.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

struct Subject {
  const char* model;  // folder in the model store, and name of the fixture
  const char* file;
  const char* kernels;
  std::size_t prompts;  // the reference is slow: it answers for the first few of the large models
  double most_kl;
  bool mixed = false;  // activations of 8 bits where they do
};

constexpr const char* kBest = "";

std::string kernels_of(const Subject& subject) {
  return std::string(*subject.kernels == 0 ? available_kernels().front() : subject.kernels);
}

std::shared_ptr<const GgufFile> open_model(const Subject& subject) {
  const fs::path path = cache_home() / "models" / subject.model / subject.file;
  if (!fs::exists(path)) return nullptr;
  auto file = GgufFile::open(path);
  REQUIRE(file);
  return *file;
}

fs::path fixture_path(const std::string& model) {
  const char* folder = std::getenv("ENGRAM_LOGITS");  // the campaign's larger fixtures
  const fs::path root =
      folder != nullptr ? fs::path(folder) : fs::path(ENGRAM_TEST_DATA) / "logits";
  return root / (model + ".bin");
}

struct Totals {
  double kl = 0;
  std::size_t positions = 0, wrong_top = 0;
  double widest_wrong = 0;  // by how much the oracle preferred a first token that ours is not
};

void count(const test::ScoredPosition& scored, std::span<const float> logits, Totals& totals) {
  const test::LogitsComparison c = test::compare_logits(scored, logits);
  totals.kl += c.kl;
  totals.positions += 1;
  if (c.oracle_margin > 1e-3 && !c.same_top) {
    ++totals.wrong_top;
    totals.widest_wrong = std::max(totals.widest_wrong, c.oracle_margin);
    fmt::print("position {}: another first token, by {:.4f}, KL {:.1e}\n", scored.position,
               c.oracle_margin, c.kl);
  }
}

// Feeds the prompt in the pieces that end at scored positions: passes of a few tokens.
void score_in_pieces(Transformer& transformer, const test::ScoredPrompt& prompt, Totals& totals) {
  auto cache = transformer.make_cache(prompt.tokens.size());
  REQUIRE(cache);
  std::vector<float> logits(transformer.config().vocab_size);
  for (const test::ScoredPosition& scored : prompt.scored) {
    const std::size_t begin = (*cache)->size();
    const std::span tokens = std::span(prompt.tokens).subspan(begin, scored.position + 1 - begin);
    REQUIRE(transformer.forward(**cache, tokens, 1, logits, {}));
    count(scored, logits, totals);
  }
}

// The whole prompt in one pass: other products.
void score_at_once(Transformer& transformer, const test::ScoredPrompt& prompt, Totals& totals) {
  auto cache = transformer.make_cache(prompt.tokens.size());
  REQUIRE(cache);
  const std::size_t vocabulary = transformer.config().vocab_size;
  const std::size_t first = prompt.scored.front().position;
  const std::size_t n = prompt.tokens.size() - first;
  std::vector<float> logits(n * vocabulary);
  REQUIRE(transformer.forward(**cache, prompt.tokens, n, logits, {}));
  for (const test::ScoredPosition& scored : prompt.scored) {
    count(scored, std::span(logits).subspan((scored.position - first) * vocabulary, vocabulary),
          totals);
  }
}

// Mean KL allowed. Only mixed activations may order two tokens otherwise that the oracle finds
// about as likely: so many of all positions, and by so many nats.
constexpr double kRef = 1e-4, kFast = 1e-3;
constexpr double kReordered = 0.025, kCloseCall = 0.1;

std::string name_of(const Subject& subject) {  // "model kernels", "model kernels mixed"
  return fmt::format("{} {}{}", subject.model, kernels_of(subject), subject.mixed ? " mixed" : "");
}

bool is_wanted(const Subject& subject) {
  const char* only = std::getenv("ENGRAM_LOGITS_ONLY");
  return only == nullptr || only == name_of(subject);
}

void check_against_oracle(const Subject& subject) {
  if (!is_wanted(subject)) return;
  const auto file = open_model(subject);
  if (file == nullptr) SKIP(fmt::format("{} is not in the model store", subject.model));
  auto transformer = Transformer::create(
      file, {.kernels = kernels_of(subject), .mixed_activations = subject.mixed});
  if (!transformer) SKIP(transformer.error().message);
  const auto fixture = test::read_logits_fixture(fixture_path(subject.model));
  REQUIRE(fixture);
  REQUIRE(fixture->vocab_size == (*transformer)->config().vocab_size);
  Totals totals;
  const bool all = std::getenv("ENGRAM_LOGITS") != nullptr;
  const std::size_t n =
      all ? fixture->prompts.size() : std::min(subject.prompts, fixture->prompts.size());
  const char* prompt = std::getenv("ENGRAM_LOGITS_PROMPT");  // one alone
  for (std::size_t i = 0; i < n; ++i) {
    if (prompt != nullptr && i != std::stoul(prompt)) continue;
    const std::size_t wrong = totals.wrong_top;
    // The reference unpacks all weights for each piece, and a batch does not change its bits
    // (tests/kernels/matmul_test.cpp): where it answers for all prompts, each is one pass.
    const bool pieces = i % 2 == 0 && !(all && kernels_of(subject) == "ref");
    (pieces ? score_in_pieces : score_at_once)(**transformer, fixture->prompts[i], totals);
    if (totals.wrong_top != wrong) fmt::print("... in prompt {}\n", i);
  }
  const double mean = totals.kl / static_cast<double>(totals.positions);
  fmt::print("{}: mean KL {:.2e} over {} positions, {} wrong first tokens, widest {:.3f}\n",
             name_of(subject), mean, totals.positions, totals.wrong_top, totals.widest_wrong);
  const auto positions = static_cast<double>(totals.positions);
  CHECK(static_cast<double>(totals.wrong_top) <= (subject.mixed ? kReordered : 0) * positions);
  CHECK(totals.widest_wrong < (subject.mixed ? kCloseCall : 1e-3));
  CHECK(mean <= subject.most_kl);
}

constexpr const char* kSmall = "SmolLM2-135M-Instruct.Q4_1.gguf";
constexpr const char* kMiddle = "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf";
constexpr const char* kLarge = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf";

}  // namespace

// The best table answers for all 20 prompts, the others for a few here and for all in the campaign.
TEST_CASE("logits: SmolLM2-135M, Q4_1: every implementation agrees with PyTorch", "[engine]") {
  check_against_oracle(GENERATE(values<Subject>({
      {"smollm2-135m", kSmall, "ref", 3, kRef},
      {"smollm2-135m", kSmall, "avx2", 4, kFast},
      {"smollm2-135m", kSmall, kBest, 20, kFast},
      {"smollm2-135m", kSmall, kBest, 5, kFast, true},
  })));
}

TEST_CASE("logits: Qwen2.5-Coder-0.5B, Q5_0 mix: every implementation agrees with PyTorch",
          "[engine]") {
  check_against_oracle(GENERATE(values<Subject>({
      {"qwen2.5-coder-0.5b", kMiddle, "ref", 1, kRef},
      {"qwen2.5-coder-0.5b", kMiddle, "avx2", 3, kFast},
      {"qwen2.5-coder-0.5b", kMiddle, kBest, 20, kFast},
      {"qwen2.5-coder-0.5b", kMiddle, kBest, 5, kFast, true},
  })));
}

TEST_CASE("logits: Qwen2.5-Coder-1.5B, Q4_K mix: every implementation agrees with PyTorch",
          "[engine]") {
  check_against_oracle(GENERATE(values<Subject>({
      {"qwen2.5-coder-1.5b", kLarge, "ref", 1, kRef},
      {"qwen2.5-coder-1.5b", kLarge, "avx2", 2, kFast},
      {"qwen2.5-coder-1.5b", kLarge, kBest, 20, kFast},
      {"qwen2.5-coder-1.5b", kLarge, kBest, 5, kFast, true},
  })));
}

}  // namespace engram
