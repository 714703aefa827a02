// Requests whose text follows a schema or a grammar.
#include "core/json.h"
#include "engine/grammar/gbnf.h"
#include "tests/engine/engine_rig.h"
#include "tests/support/catch.h"

namespace engram {
namespace {

constexpr const char* kSchema =
    R"({"type":"object","properties":{"x":{"type":"integer","minimum":0,"maximum":99},)"
    R"("s":{"type":"string","maxLength":4},"l":{"type":"array","items":{"enum":["re","ret"]},)"
    R"("maxItems":2}},"required":["x","s"],"additionalProperties":false})";

// Wants nothing in particular, but the end of text most of all, and repeats what it has seen.
Logits whims(const std::vector<TokenId>& sequence) {
  std::uint64_t state = 5;
  for (const TokenId id : sequence) {
    state = (state ^ static_cast<std::uint64_t>(id)) * 0x9E3779B97F4A7C15ULL + 1;
  }
  Logits logits(vocab());
  for (float& logit : logits) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    logit = static_cast<float>(state >> 40) / static_cast<float>(1 << 22);
  }
  for (std::size_t i = sequence.size() - 1; i-- > 0;) {
    if (sequence[i] != sequence.back()) continue;
    logits[static_cast<std::size_t>(sequence[i + 1])] += 5;
    break;
  }
  logits[static_cast<std::size_t>(end_token())] = 20;
  return logits;
}

GenerationRequest constrained(std::uint64_t seed, double temperature, std::size_t max_draft) {
  GenerationRequest request = ask(R"({"x": 1, "s": "a", "l": ["re", "ret"]} {"x": 1,)", 400);
  request.json_schema = kSchema;
  request.temperature = temperature;
  request.seed = seed;
  request.max_draft = max_draft;
  return request;
}

}  // namespace

TEST_CASE("constrained: whatever is sampled satisfies the schema and ends where it does",
          "[engine]") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Bench bench(whims);
    const auto result = bench.generate(constrained(seed, seed == 0 ? 0 : 1.0, 0));
    INFO("seed " << seed << ": " << result.text);
    REQUIRE(result.stop_reason == StopReason::kEndOfText);
    const auto value = parse_json(result.text);
    REQUIRE(value);
    const auto& object = value->as_object();
    CHECK((object.size() == 2 || object.size() == 3));
    CHECK(object.at("x").to_number<int>() < 100);
    CHECK(object.at("s").is_string());
    if (const auto* list = object.if_contains("l")) CHECK(list->as_array().size() <= 2);
  }
}

TEST_CASE("constrained: drafts change neither the text nor the draws", "[engine]") {
  std::size_t accepted = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Bench plain(whims), drafting(whims);
    const auto expected = plain.generate(constrained(seed, 1, 0));
    const auto result = drafting.generate(constrained(seed, 1, 15));
    INFO("seed " << seed);
    CHECK(result.text == expected.text);
    CHECK(ids(result) == ids(expected));
    accepted += result.accepted_tokens;
  }
  CHECK(accepted > 0);
}

TEST_CASE("constrained: a grammar follows typed text, which is not part of it", "[engine]") {
  GenerationRequest request = ask("say", 40);
  request.forced_text = " re";
  request.grammar = "root ::= \"turn\" \"x\"{3}";
  Bench bench(whims);
  const auto result = bench.generate(request);
  CHECK(result.text == "turnxxx");
  CHECK(result.stop_reason == StopReason::kEndOfText);
}

TEST_CASE("constrained: a token limit leaves the beginning of such a text", "[engine]") {
  Bench bench(whims);
  GenerationRequest request = constrained(3, 1, 0);
  request.max_tokens = 3;
  const auto result = bench.generate(request);
  CHECK(result.stop_reason == StopReason::kMaxTokens);
  CHECK(result.text.starts_with("{"));
}

TEST_CASE("constrained: thoughts are free, the answer after them is not", "[engine]") {
  // Thinks "xy", closes the thought by itself, then wants to go on with "xy".
  const auto script = [](const std::vector<TokenId>& sequence) {
    Logits logits(vocab(), 0.0F);
    const std::string text = vocabulary()->decode(sequence);
    const std::string mark = "</think>";
    std::string_view wanted = "xy";
    if (text.ends_with("xy")) wanted = mark;
    for (std::size_t n = mark.size() - 1; n > 0; --n) {
      if (text.ends_with(mark.substr(0, n))) {
        wanted = std::string_view(mark).substr(n);
        break;
      }
    }
    logits[static_cast<std::size_t>(vocabulary()->encode(wanted).front())] = 9;
    return logits;
  };
  GenerationRequest request = ask("think:", 20);
  request.think_end = "</think>";
  request.grammar = "root ::= \"no\"";
  Bench bench(script);
  const auto result = bench.generate(request);
  CHECK(result.thoughts.find("xy") != std::string::npos);
  CHECK(result.text == "no");
}

TEST_CASE("constrained: what cannot be followed is one line", "[engine]") {
  const auto error = [](GenerationRequest request) {
    Bench bench(whims);
    const auto result = bench.generate(std::move(request));
    CHECK(result.stop_reason == StopReason::kError);
    return result.error;
  };
  GenerationRequest both = constrained(0, 0, 0);
  both.grammar = "root ::= \"a\"";
  CHECK(error(both).find("at once") != std::string::npos);
  GenerationRequest line = constrained(0, 0, 0);
  line.stop_at_line_end = true;
  CHECK(error(line).find("exclude each other") != std::string::npos);
  GenerationRequest bad = constrained(0, 0, 0);
  bad.json_schema = R"({"type":"array","uniqueItems":true})";
  CHECK(error(bad).find("'uniqueItems'") != std::string::npos);
}

}  // namespace engram
