#include "engine/softmax.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("softmax: probabilities relative to the largest are those of the library", "[engine]") {
  const auto size = GENERATE(values<std::size_t>({1, 15, 16, 17, 1000, 49152}));
  std::mt19937 random(static_cast<unsigned>(size));
  std::uniform_real_distribution<float> logit(-120, 40);
  std::vector<float> logits(size), out(size);
  for (float& l : logits) l = logit(random);
  if (size > 20) logits[3] = -std::numeric_limits<float>::infinity();
  const auto sum = relative_probabilities(logits, out);
  REQUIRE(sum);
  float top = logits[0];
  for (const float l : logits) top = std::max(top, l);
  double expected_sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const double exact = std::exp(static_cast<double>(logits[i] - top));
    expected_sum += exact;
    REQUIRE(std::abs(static_cast<double>(out[i]) - exact) <= exact * 2e-7 + 1e-37);
  }
  CHECK_THAT(*sum, Catch::Matchers::WithinRel(expected_sum, 1e-6));
}

TEST_CASE("softmax: what is not a number is noticed wherever it stands", "[engine]") {
  std::vector<float> out(40);
  for (std::size_t at = 0; at < 40; ++at) {
    for (const float bad :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      std::vector<float> logits(40, 1.0F);
      logits[at] = bad;
      CHECK_FALSE(relative_probabilities(logits, out));
    }
  }
  const std::vector<float> none(40, -std::numeric_limits<float>::infinity());
  CHECK_FALSE(relative_probabilities(none, out));
}

TEST_CASE("softmax: the largest is found, the first among equals", "[engine]") {
  for (std::size_t at = 0; at < 40; ++at) {
    std::vector<float> values(40, -1.0F);
    values[at] = 2;
    values[39] = 2;
    CHECK(position_of_largest(values) == at);
  }
}

}  // namespace engram
