#include "engine/sampler.h"

#include <cmath>
#include <map>

#include "tests/support/catch.h"
#include "tests/support/tiny_tokenizer.h"

namespace engram {
namespace {

// Tokens the cases speak of; the first 256 are bytes.
constexpr TokenId kParen = ')', kSemicolon = ';', kNewline = '\n';
constexpr TokenId kBlankLine = 256, kParenNewline = 257, kParenBlank = 258, kTwo = 259, kFour = 260,
                  kRe = 261, kRet = 262, kRetu = 263, kCrLf = 264, kEnd = 265, kOtherEnd = 266;

std::shared_ptr<const TokenIndex> index() {
  TinyVocabulary v;
  v.merges = {{"\n", "\n"}, {")", "\n"}, {")\n", "\n"}, {" ", " "},  {"  ", "  "},
              {"r", "e"},   {"re", "t"}, {"ret", "u"},  {"\r", "\n"}};
  v.control = {"<|endoftext|>", "<|file_sep|>"};
  return std::make_shared<TokenIndex>(tiny_tokenizer(v));
}

// Logits that are the logarithms of the given probabilities; everything else is impossible.
std::vector<float> probabilities(const std::map<TokenId, double>& p) {
  std::vector<float> logits(267, -INFINITY);
  for (const auto& [id, value] : p) {
    logits[static_cast<std::size_t>(id)] = static_cast<float>(std::log(value));
  }
  return logits;
}

constexpr SamplingOptions kGreedy{};
constexpr SamplingOptions kLine{.temperature = 0, .top_p = 1, .seed = 0, .fold_lines = true};

double probability(const SampledToken& token) { return std::exp(token.log_probability); }
Catch::Matchers::WithinAbsMatcher near(double value) {
  return Catch::Matchers::WithinAbs(value, 1e-6);
}

}  // namespace

TEST_CASE("sampler: greedy takes the most likely token and says how likely", "[engine]") {
  Sampler sampler(index(), kGreedy);
  const auto token = sampler.sample(probabilities({{'a', .5}, {'b', .3}, {kEnd, .2}}), "");
  REQUIRE(token);
  CHECK(token->id == 'a');
  CHECK(token->n_bytes == 1);
  CHECK_THAT(probability(*token), near(.5));
}

TEST_CASE("sampler: padding logits past the vocabulary are never chosen", "[engine]") {
  Sampler sampler(index(), kGreedy);
  auto logits = probabilities({{'a', .2}});
  logits.push_back(5);
  CHECK(sampler.sample(logits, "")->id == 'a');
}

TEST_CASE("sampler: logits that are not numbers are an error", "[engine]") {
  for (const auto& spoil : {NAN, INFINITY, -INFINITY}) {
    Sampler sampler(index(), kLine);
    std::vector<float> logits(267, spoil);
    const auto token = sampler.sample(logits, "");
    REQUIRE_FALSE(token);
    CHECK(token.error().message.find("NaN") != std::string::npos);
  }
  std::vector<float> one(267, 0.0F);
  one[7] = NAN;
  CHECK_FALSE(Sampler(index(), kGreedy).sample(one, ""));
}

TEST_CASE("sampler: newlines glued to a token count as the end of its line", "[engine]") {
  SECTION("the parts together beat a token that is more likely than each") {
    Sampler sampler(index(), kLine);
    const auto t = sampler.sample(
        probabilities({{kSemicolon, .4}, {kParen, .1}, {kParenNewline, .3}, {kParenBlank, .2}}),
        "");
    REQUIRE(t);
    CHECK(t->id == kParenNewline);
    CHECK(t->n_bytes == 1);
    CHECK(t->ends_line);
    CHECK_THAT(probability(*t), near(.5));  // both tokens that end the line after ")"
  }
  SECTION("a line that rather goes on carries the chance that it ended") {
    Sampler sampler(index(), kLine);
    const auto first = sampler.sample(
        probabilities({{kSemicolon, .3}, {kParen, .4}, {kParenNewline, .2}, {kEnd, .1}}), "");
    CHECK(first->id == kParen);
    CHECK_FALSE(first->ends_line);
    CHECK_THAT(probability(*first), near(.6));
    const auto second =
        sampler.sample(probabilities({{kNewline, .2}, {kBlankLine, .1}, {kSemicolon, .7}}), "");
    // The end: a third already, and three tenths of the rest; ";": seven tenths of two thirds.
    CHECK(second->id == kNewline);
    CHECK(second->ends_line);
    CHECK(second->n_bytes == 0);
    CHECK_THAT(probability(*second), near(1.0 / 3 + 2.0 / 3 * .3));
  }
  SECTION("a carriage return belongs to the line end") {
    Sampler sampler(index(), kLine);
    const auto t = sampler.sample(probabilities({{kCrLf, .6}, {'a', .4}}), "");
    CHECK(t->ends_line);
    CHECK(t->n_bytes == 0);
  }
  SECTION("tokens that end the text count as one") {
    Sampler sampler(index(), kLine);
    const auto t = sampler.sample(probabilities({{'a', .4}, {kEnd, .3}, {kOtherEnd, .3}}), "");
    CHECK(index()->tokenizer().is_end(t->id));
  }
  SECTION("without folding each token stands for itself") {
    Sampler sampler(index(), kGreedy);
    const auto t =
        sampler.sample(probabilities({{kSemicolon, .4}, {kParen, .3}, {kParenNewline, .3}}), "");
    CHECK(t->id == kSemicolon);
    CHECK_FALSE(t->ends_line);
  }
}

TEST_CASE("sampler: forced bytes leave only tokens that spell them", "[engine]") {
  struct Case {
    const char* why;
    const char* forced;
    std::map<TokenId, double> p;
    TokenId id;
    double probability;
  };
  const Case cases[] = {
      {"the likeliest token that begins so",
       "r",
       {{'a', .9}, {'r', .01}, {kRe, .02}, {kRet, .05}, {kRetu, .02}},
       kRet,
       .5},
      {"probability is that of what is added",
       "ret",
       {{'a', .9}, {kRet, .02}, {kRetu, .08}},
       kRetu,
       .8},
      {"a word is not cut where the tokenizer would not",
       "ret",
       {{kRe, .6}, {'r', .3}, {kRet, .1}},
       kRet,
       1},
      {"white space may be cut: its last space is the next word's",
       "    ",
       {{kTwo, .7}, {kFour, .2}, {'a', .1}},
       kTwo,
       .7 / .9},
      {"what the model thinks impossible is spelled all the same", "q", {{'a', 1}}, 'q', 1},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    Sampler sampler(index(), kLine);
    const auto t = sampler.sample(probabilities(c.p), c.forced);
    REQUIRE(t);
    CHECK(t->id == c.id);
    CHECK_THAT(probability(*t), near(c.probability));
  }
}

TEST_CASE("sampler: a line end past the forced bytes folds, one inside them does not", "[engine]") {
  Sampler sampler(index(), kLine);
  const auto t = sampler.sample(
      probabilities({{kParen, .1}, {kParenNewline, .3}, {kParenBlank, .4}, {'a', .2}}), ")");
  CHECK(t->ends_line);
  CHECK(t->n_bytes == 1);
  CHECK_THAT(probability(*t), near(.7 / .8));
  const auto inside =
      sampler.sample(probabilities({{kParenNewline, .7}, {kParenBlank, .3}}), ")\n");
  CHECK(inside->id == kParenNewline);
  CHECK_FALSE(inside->ends_line);
  CHECK(inside->n_bytes == 2);
}

TEST_CASE("sampler: a seed decides, a temperature spreads, top_p cuts the tail", "[engine]") {
  const auto logits = probabilities({{'a', .6}, {'b', .3}, {'c', .1}});
  const auto draw = [&](SamplingOptions options, int n) {
    std::map<TokenId, int> counts;
    Sampler sampler(index(), options);
    for (int i = 0; i < n; ++i) ++counts[sampler.sample(logits, "")->id];
    return counts;
  };
  CHECK(draw({.temperature = 1, .top_p = 1, .seed = 7, .fold_lines = false}, 100) ==
        draw({.temperature = 1, .top_p = 1, .seed = 7, .fold_lines = false}, 100));
  CHECK(draw({.temperature = 1, .top_p = 1, .seed = 7, .fold_lines = false}, 100) !=
        draw({.temperature = 1, .top_p = 1, .seed = 8, .fold_lines = false}, 100));
  auto even = draw({.temperature = 1, .top_p = 1, .seed = 1, .fold_lines = false}, 20000);
  CHECK(std::abs(even['a'] - 12000) < 400);
  CHECK(std::abs(even['c'] - 2000) < 250);
  auto sharp = draw({.temperature = .5, .top_p = 1, .seed = 1, .fold_lines = false},
                    20000);  // .36 : .09 : .01
  CHECK(std::abs(sharp['a'] - 15652) < 400);
  auto cut = draw({.temperature = 1, .top_p = .85, .seed = 1, .fold_lines = false}, 2000);
  CHECK(cut.size() == 2);
  CHECK(cut['c'] == 0);
}

}  // namespace engram
