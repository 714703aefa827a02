// What else could have been chosen: against the chances that scoring the same texts gives.
#include <cmath>

#include "engine/engine.h"
#include "tests/engine/engine_rig.h"
#include "tests/support/catch.h"

namespace engram {

namespace {

double chance_sum(const GenerationResult& result) {
  double total = 0;
  for (const auto& token : result.tokens) total += static_cast<double>(token.log_probability);
  return total;
}

std::size_t token_of(std::string_view text) {
  REQUIRE(vocabulary()->encode(text).size() == 1);
  return static_cast<std::size_t>(vocabulary()->encode(text).front());
}

// After "p" "x" 0.5, "xy" 0.3, "r" 0.2 and what is rarer than a hundredth; after "xy" the end of
// the line 0.9; after all else ";" 0.2, ";\n" 0.1, "\n" 0.1, ")" 0.6.
Logits small_language(const std::vector<TokenId>& sequence) {
  Logits logits(vocab(), -50);
  const auto last = static_cast<std::size_t>(sequence.back());
  if (last == token_of("p")) {
    logits[token_of("x")] = std::log(0.5F);
    logits[token_of("xy")] = std::log(0.295F);
    logits[token_of("r")] = std::log(0.2F);
    logits[token_of("z")] = std::log(0.005F);
  } else if (last == token_of("xy")) {
    logits[token_of("\n")] = std::log(0.9F);
    logits[token_of("r")] = std::log(0.1F);
  } else {
    logits[token_of(";")] = std::log(0.2F);
    logits[token_of(";\n")] = std::log(0.1F);
    logits[token_of("\n")] = std::log(0.1F);
    logits[token_of(")")] = std::log(0.6F);
  }
  return logits;
}

GenerationRequest with_alternatives(GenerationRequest request, std::size_t n) {
  request.alternatives = n;
  return request;
}

auto near(double x) { return Catch::Matchers::WithinAbs(std::log(x), 1e-4); }

}  // namespace

TEST_CASE("alternatives: named with what the text up to them is worth, the likeliest first",
          "[engine]") {
  Bench bench(small_language);
  GenerationRequest request = with_alternatives(ask("p", 2), 3);
  request.stop_at_line_end = true;
  const auto result = bench.generate(request);
  REQUIRE(result.text == "x)");
  CHECK_THAT(result.log_probability, near(0.5 * 0.6));
  REQUIRE(result.alternatives.size() == 4);
  const auto& a = result.alternatives;
  CHECK((a[0].begin == 0 && a[0].bytes == "xy" && !a[0].ends));
  CHECK(static_cast<std::size_t>(a[0].id) == token_of("xy"));
  CHECK_THAT(a[0].log_probability, near(0.295));
  CHECK((a[1].begin == 0 && a[1].bytes == "r" && !a[1].ends));
  CHECK_THAT(a[1].log_probability, near(0.2));
  CHECK((a[2].begin == 1 && a[2].bytes == ";" && !a[2].ends));  // newline glued to it or not
  CHECK_THAT(a[2].log_probability, near(0.5 * 0.3));
  CHECK((a[3].begin == 1 && a[3].bytes.empty() && a[3].ends));
  CHECK_THAT(a[3].log_probability, near(0.5 * 0.1));
  CHECK(bench.generate(ask("p", 2)).alternatives.empty());  // unless asked for
}

TEST_CASE("alternatives: each is as likely as a text that begins so", "[engine]") {
  const bool line = GENERATE(false, true);
  const std::size_t batch = GENERATE(3U, 128U);
  Bench bench(babble(vocab()), batch);
  std::size_t compared = 0;
  for (const std::string prompt : {"a prompt with words", "p", "return x; xyz", "))))"}) {
    GenerationRequest request = with_alternatives(ask(prompt, 12), 4);
    request.stop_at_line_end = line;
    const auto result = bench.generate(request);
    const auto chosen = ids(result);
    for (const Alternative& other : result.alternatives) {
      if (other.ends || other.bytes.empty()) continue;
      // Scoring spells a text in the tokenizer's normal form, which is not always what was chosen.
      std::vector<TokenId> path;
      for (const GeneratedToken& token : result.tokens) {
        if (token.begin < other.begin) path.push_back(token.id);
      }
      const std::string text = result.text.substr(0, other.begin) + other.bytes;
      const auto normal = vocabulary()->encode(text);
      if (normal.size() != path.size() + 1) continue;
      if (!std::equal(path.begin(), path.end(), normal.begin())) continue;
      request.scored_text = text;
      const auto scored = bench.generate(request);
      CHECK_THAT(other.log_probability, Catch::Matchers::WithinAbs(chance_sum(scored), 1e-4));
      request.scored_text.clear();
      ++compared;
    }
  }
  CHECK(compared >= 20);
}

TEST_CASE("alternatives: of a half-typed word, what they add to it, given what was typed",
          "[engine]") {
  Bench bench([](const std::vector<TokenId>&) {
    Logits logits(vocab(), -50);
    logits[token_of("x")] = std::log(0.2F);
    logits[token_of("xy")] = std::log(0.4F);
    logits[token_of("xyz")] = std::log(0.2F);
    logits[token_of("r")] = std::log(0.2F);
    return logits;
  });
  GenerationRequest request = with_alternatives(forced("p", "x"), 4);
  request.max_tokens = 1;
  const auto result = bench.generate(request);
  REQUIRE(result.text == "y");
  CHECK_THAT(result.log_probability, near(0.5));
  REQUIRE(result.alternatives.size() == 2);
  CHECK((result.alternatives[0].bytes.empty() && !result.alternatives[0].ends));
  CHECK(result.alternatives[1].bytes == "yz");
  CHECK_THAT(result.alternatives[1].log_probability, near(0.25));
}

TEST_CASE("alternatives: what would be half a character is none", "[engine]") {
  const auto half = static_cast<std::size_t>(vocabulary()->encode("\xE2\x82\xAC").front());
  Bench bench([&](const std::vector<TokenId>&) {
    Logits logits(vocab(), -50);
    logits[token_of("x")] = std::log(0.6F);
    logits[half] = std::log(0.4F);
    return logits;
  });
  const auto result = bench.generate(with_alternatives(ask("p", 3), 4));
  CHECK(result.text == "xxx");
  CHECK(result.alternatives.empty());
}

TEST_CASE("a text ends when it is less likely than asked, its other choices known", "[engine]") {
  Bench bench(small_language);
  GenerationRequest request = ask("p", 12);
  request.stop_at_line_end = true;
  request.least_log_probability = std::log(0.2);  // "x" 0.5, ")" 0.3, ")" 0.18
  const auto result = bench.generate(request);
  CHECK(result.stop_reason == StopReason::kUnlikely);
  CHECK(to_string(result.stop_reason) == "unlikely");
  CHECK(result.text == "x)");
  request.least_log_probability = std::log(0.2 * 0.6 * 0.6 * 0.6);
  CHECK(bench.generate(request).text == "x))))");
}

}  // namespace engram
