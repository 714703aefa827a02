#include "assist/completion/likelier_line.h"

#include <cmath>

#include "tests/support/catch.h"

namespace engram {

namespace {

// "ab" "cd" ";" and the line's end, each with half a chance.
GenerationResult written() {
  const auto half = static_cast<float>(std::log(0.5));
  GenerationResult result;
  result.text = "abcd;";
  result.tokens = {{1, 0, 2, half}, {2, 2, 4, half}, {3, 4, 5, half}, {4, 5, 5, half}};
  result.log_probability = std::log(0.0625);
  result.stop_reason = StopReason::kLineEnd;
  result.decode_passes = 3;
  return result;
}

Alternative choice(std::uint32_t begin, std::string bytes, double chance, bool ends = false) {
  return {begin, std::move(bytes), ends, std::log(chance)};
}

GenerationResult rest(std::string text, double chance, StopReason reason = StopReason::kLineEnd) {
  GenerationResult result;
  result.text = std::move(text);
  const auto size = static_cast<std::uint32_t>(result.text.size());
  result.tokens = {{9, 0, size, static_cast<float>(std::log(chance))}};
  result.log_probability = std::log(chance);
  result.stop_reason = reason;
  result.decode_passes = 2;
  return result;
}

double chance(const GenerationResult& result) {
  double sum = 0;
  for (const auto& token : result.tokens) sum += static_cast<double>(token.log_probability);
  return std::exp(sum);
}

auto near(double x) { return Catch::Matchers::WithinAbs(x, 1e-5); }

}  // namespace

TEST_CASE("likelier line: may begin with the likeliest choice that beats the whole line",
          "[assist]") {
  GenerationResult result = written();
  CHECK_FALSE(likelier_choice(result));
  result.alternatives = {choice(2, "x", 0.06), choice(4, ")", 0.0625)};
  CHECK_FALSE(likelier_choice(result));  // none is likelier than all of it
  result.alternatives.push_back(choice(2, "y", 0.1));
  result.alternatives.push_back(choice(0, "z", 0.3));
  result.alternatives.push_back(choice(4, "w", 0.2));
  REQUIRE(likelier_choice(result));
  CHECK(likelier_choice(result)->bytes == "z");
  result.alternatives.push_back(choice(0, "", 0.4, true));  // nothing at all is no line
  result.alternatives.push_back(choice(0, "  ", 0.4, true));
  CHECK(likelier_choice(result)->bytes == "z");
  result.alternatives.push_back(choice(2, "c", 0.5));  // what follows it makes "cd" again
  result.alternatives.push_back(choice(0, "", 0.5));
  CHECK(likelier_choice(result)->bytes == "z");
  result.alternatives.push_back(choice(2, "", 0.35, true));
  CHECK(likelier_choice(result)->begin == 2);
}

TEST_CASE("likelier line: the rest is asked for behind the choice, as likely as it must be",
          "[assist]") {
  GenerationRequest request;
  request.forced_text = "  typed";
  request.alternatives = 4;
  const auto asked = rest_after(request, written(), choice(2, "xy", 0.25));
  CHECK(asked.forced_text == "  typedabxy");
  CHECK(asked.old_text == "cd;");
  CHECK(asked.alternatives == 0);
  CHECK_THAT(std::exp(asked.least_log_probability), near(0.25));
}

TEST_CASE("likelier line: tokens, chances and work are those of both parts", "[assist]") {
  const auto made = rest(");", 0.5);
  const auto joined = better_of(written(), choice(2, "xy", 0.2), &made);
  CHECK(joined.text == "abxy);");
  CHECK_THAT(std::exp(joined.log_probability), near(0.1));
  CHECK_THAT(chance(joined), near(0.1));
  REQUIRE(joined.tokens.size() == 2);
  CHECK((joined.tokens[1].begin == 2 && joined.tokens[1].end == 6));
  CHECK(joined.stop_reason == StopReason::kLineEnd);
  CHECK(joined.decode_passes == 6);  // the rest's first token had one, too
  CHECK(joined.alternatives.empty());
}

TEST_CASE("likelier line: a choice that ends the line needs no rest", "[assist]") {
  const auto joined = better_of(written(), choice(2, ";", 0.2, true), nullptr);
  CHECK(joined.text == "ab;");
  CHECK_THAT(chance(joined), near(0.2));
  CHECK(joined.stop_reason == StopReason::kLineEnd);
  CHECK(joined.decode_passes == 3);
}

TEST_CASE("likelier line: a short one must be likelier by as much as it is shorter", "[assist]") {
  CHECK(better_of(written(), choice(0, ";", 0.18, true), nullptr).text == "abcd;");
  CHECK(better_of(written(), choice(0, ";", 0.19, true), nullptr).text == ";");
}

TEST_CASE("likelier line: the line known stays where the other is not whole or not likelier",
          "[assist]") {
  for (const auto& made :
       {rest(");", 0.3), rest(");", 0.9, StopReason::kUnlikely),
        rest(");", 0.9, StopReason::kMaxTokens), rest(");", 0.9, StopReason::kDeadline),
        rest("", 0.9, StopReason::kError)}) {
    const auto kept = better_of(written(), choice(2, "xy", 0.2), &made);
    CHECK(kept.text == "abcd;");
    CHECK(kept.tokens.size() == 4);
    CHECK(kept.decode_passes == 6);
  }
}

}  // namespace engram
