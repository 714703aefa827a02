// Log-probabilities of a text that is given, against softmaxes written out here.
#include <cmath>

#include "engine/engine.h"
#include "tests/engine/engine_rig.h"
#include "tests/support/catch.h"

namespace engram {

namespace {

double log_softmax(const Logits& logits, TokenId id) {
  double sum = 0;
  for (const float x : logits) sum += std::exp(static_cast<double>(x));
  return static_cast<double>(logits[static_cast<std::size_t>(id)]) - std::log(sum);
}

GenerationRequest score(GenerationRequest request, std::string text) {
  request.scored_text = std::move(text);
  return request;
}

double sum(const GenerationResult& result) {
  double total = 0;
  for (const auto& token : result.tokens) total += static_cast<double>(token.log_probability);
  return total;
}

std::string random_text(std::size_t n) {
  std::string text;
  for (std::size_t i = 0; i < n; ++i) text += "abcxyz return;"[(i * i + 3 * i) % 14];
  return text;
}

}  // namespace

TEST_CASE("scored text: every token has the log-softmax of the logits before it", "[engine]") {
  const std::string text = random_text(GENERATE(1U, 2U, 17U, 60U));
  const std::size_t batch = GENERATE(3U, 128U);  // prefilled in pieces or at once
  const auto script = babble(vocab());
  Bench bench(script, batch);
  const auto result = bench.generate(score(ask("a prompt with words", 1), text));
  CHECK(result.text == text);
  CHECK(result.stop_reason == StopReason::kEndOfText);
  const auto expected = vocabulary()->encode(text);
  REQUIRE(ids(result) == expected);
  std::vector<TokenId> sequence = vocabulary()->encode("a prompt with words");
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK_THAT(static_cast<double>(result.tokens[i].log_probability),
               Catch::Matchers::WithinAbs(log_softmax(script(sequence), expected[i]), 1e-4));
    sequence.push_back(expected[i]);
  }
}

TEST_CASE("scored text: a word half typed is scored given what was typed", "[engine]") {
  // After anything: "x" 0.5, "xy" 0.3, "xyz" 0.15, "a" 0.05.
  const auto id = [](std::string_view text) { return vocabulary()->encode(text).front(); };
  Bench bench([&](const std::vector<TokenId>&) {
    Logits logits(vocab(), -50);
    logits[static_cast<std::size_t>(id("x"))] = std::log(0.5F);
    logits[static_cast<std::size_t>(id("xy"))] = std::log(0.3F);
    logits[static_cast<std::size_t>(id("xyz"))] = std::log(0.15F);
    logits[static_cast<std::size_t>(id("a"))] = std::log(0.05F);
    return logits;
  });
  const auto near = [](double x) { return Catch::Matchers::WithinAbs(std::log(x), 1e-4); };
  // "x" is typed: 0.95 begin with it.
  CHECK_THAT(sum(bench.generate(score(forced("p", "x"), "y"))), near(0.3 / 0.95));
  CHECK_THAT(sum(bench.generate(score(forced("p", "x"), "yz"))), near(0.15 / 0.95));
  CHECK_THAT(sum(bench.generate(score(forced("p", "x"), "a"))), near(0.5 / 0.95 * 0.05));
}

TEST_CASE("scored text: a line's is the chance that a line begins so, newline glued or not",
          "[engine]") {
  // First "x"; then, always, ";" 0.2, ";\n" 0.3, "\n" 0.5.
  const auto id = [](std::string_view text) {
    REQUIRE(vocabulary()->encode(text).size() == 1);
    return static_cast<std::size_t>(vocabulary()->encode(text).front());
  };
  const auto first = vocabulary()->encode("p").size();
  Bench bench([&](const std::vector<TokenId>& sequence) {
    Logits logits(vocab(), -50);
    if (sequence.size() == first) {
      logits[id("x")] = 0;
    } else {
      logits[id(";")] = std::log(0.2F);
      logits[id(";\n")] = std::log(0.3F);
      logits[id("\n")] = std::log(0.5F);
    }
    return logits;
  });
  const auto near = [](double x) { return Catch::Matchers::WithinAbs(std::log(x), 1e-4); };
  auto request = score(ask("p"), "x;");
  request.stop_at_line_end = true;
  CHECK_THAT(sum(bench.generate(request)), near(0.5));  // ";" or ";\n"
  request.scored_text = "x;;";                          // the first was ";", then as before
  CHECK_THAT(sum(bench.generate(request)), near(0.2 * 0.5));
}

}  // namespace engram
