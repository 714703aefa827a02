// Scores of suggestions, against values worked out by hand or by the plainest program.
#include "assist/evaluation/scores.h"

#include <cmath>
#include <random>

#include "assist/evaluation/summary.h"
#include "tests/support/catch.h"

namespace engram {

namespace {

SampleResult sample(const std::string& place, const std::string& condition, bool exact, double bits,
                    double confidence, bool novel) {
  SampleResult r;
  r.place = place, r.kind = "line", r.condition = condition, r.novel = novel;
  r.truth = "abcd", r.text = exact ? "abcd" : "ab", r.exact = exact;
  r.similarity = exact ? 1 : 0.5, r.bits = bits, r.bytes = 4, r.confidence = confidence;
  r.names_wanted = 2, r.names_found = exact ? 2 : 1, r.tokens = 6, r.passes = 3;
  return r;
}

}  // namespace

TEST_CASE("scores: edit similarity of texts whose distance is known", "[evaluation]") {
  const auto near = [](double x) { return Catch::Matchers::WithinAbs(x, 1e-12); };
  CHECK_THAT(edit_similarity("kitten", "sitting"), near(1 - 3.0 / 7));
  CHECK_THAT(edit_similarity("", "abc"), near(0));
  CHECK_THAT(edit_similarity("", ""), near(1));
  CHECK_THAT(edit_similarity("same", "same"), near(1));
  CHECK_THAT(edit_similarity("flaw", "lawn"), near(0.5));
}

TEST_CASE("scores: names wanted and found, each once", "[evaluation]") {
  const auto count = identifier_count("foo(bar, other)", "foo(bar, foo, baz_1)");
  CHECK(count.wanted == 3);
  CHECK(count.found == 2);
}

TEST_CASE("scores: the largest share that is right often enough", "[evaluation]") {
  const std::vector<Judged> shown = {{0.9, true}, {0.8, true},  {0.7, false}, {0.6, true},
                                     {0.5, true}, {0.4, false}, {0.3, false}};
  CHECK(coverage_at_precision(shown, 10, 0.8) == 0.5);  // four of five
  CHECK(coverage_at_precision(shown, 10, 1.0) == 0.2);
  CHECK(coverage_at_precision(shown, 10, 0.5) == 0.7);
  // Whoever shows one of equal confidence shows the others.
  CHECK(coverage_at_precision({{0.9, true}, {0.9, false}, {0.9, false}}, 3, 0.8) == 0);
  CHECK(coverage_at_precision({}, 0, 0.8) == 0);
}

TEST_CASE(
    "scores: a bootstrap interval is about that of normal theory, and certain where all agree",
    "[evaluation]") {
  const Interval same = paired_bootstrap(std::vector<double>(50, 0.25), 1);
  CHECK(same.mean == 0.25);
  CHECK((same.low == 0.25 && same.high == 0.25));
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(1.0, 2.0);
  std::vector<double> values(400);
  for (double& v : values) v = normal(random);
  double sum = 0, squares = 0;
  for (const double v : values) sum += v, squares += v * v;
  const double mean = sum / 400, error = std::sqrt((squares / 400 - mean * mean) / 400);
  const Interval drawn = paired_bootstrap(values, 1);
  CHECK_THAT(drawn.mean, Catch::Matchers::WithinAbs(mean, 1e-12));
  CHECK_THAT(drawn.low, Catch::Matchers::WithinAbs(mean - 1.96 * error, 0.3 * error));
  CHECK_THAT(drawn.high, Catch::Matchers::WithinAbs(mean + 1.96 * error, 0.3 * error));
  CHECK(paired_bootstrap({}, 1).mean == 0);
}

TEST_CASE("summary: rates, parts and paired differences of four samples", "[evaluation]") {
  const std::vector<SampleResult> results = {
      sample("p1", "model", false, 8, 0.4, true), sample("p1", "suffix", true, 4, 0.9, true),
      sample("p2", "model", true, 4, 0.9, false), sample("p2", "suffix", true, 2, 0.95, false)};
  const json::object summary = summarize(results, "model", 1);
  const auto number = [](const json::value& v) { return v.to_number<double>(); };
  const auto& model = summary.at("conditions").at(0);
  CHECK(number(model.at("samples")) == 2);
  CHECK(number(model.at("exact_match")) == 0.5);
  CHECK(number(model.at("edit_similarity")) == 0.75);
  CHECK(number(model.at("bits_per_byte")) == 1.5);
  CHECK(number(model.at("identifier_recall")) == 0.75);
  CHECK(number(model.at("accepted_per_step")) == 2);
  CHECK(number(model.at("novel").at("exact_match")) == 0);
  CHECK(number(model.at("repeated").at("exact_match")) == 1);
  CHECK(number(model.at("coverage_at_precision_80")) == 0.5);
  const auto& compared = summary.at("comparisons").at(0);
  CHECK(compared.at("name").as_string() == "suffix");
  CHECK(compared.at("against").as_string() == "model");
  CHECK(number(compared.at("exact_match").at("mean")) == 0.5);
  CHECK(number(compared.at("bits_per_byte").at("mean")) == -0.75);
  CHECK(number(compared.at("novel").at("exact_match").at("mean")) == 1);
  CHECK(summary_text(summary).find("suffix - model: exact +0.500") != std::string::npos);
}

}  // namespace engram
