#include "indexer/scan/random_literals.h"

#include <random>
#include <string>

#include "tests/support/catch.h"

namespace engram {

namespace {

std::string drawn(std::mt19937& random, std::string_view alphabet, std::size_t n) {
  std::string out;
  while (out.size() < n) out += alphabet[random() % alphabet.size()];
  return out;
}

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace

TEST_CASE("random literals: drawn strings are found where they stand, whatever their name",
          "[scan]") {
  std::mt19937 random(5);
  std::size_t found = 0;
  for (int i = 0; i < 200; ++i) {
    const std::string key = drawn(random, kLetters, 24 + random() % 40);
    const std::string text = "auto banana = \"" + key + "\";\n";
    const auto spans = find_random_literals(text);
    if (spans.empty()) continue;  // a draw may look tame
    REQUIRE(spans.size() == 1);
    CHECK(text.substr(spans[0].begin, spans[0].end - spans[0].begin) == key);
    ++found;
  }
  CHECK(found > 180);
  CHECK(find_random_literals("id: '" + drawn(random, "0123456789abcdef", 40) + "'").size() == 1);
  CHECK(find_random_literals(drawn(random, kLetters, 900) + "\n").size() == 1);  // encoded data
}

TEST_CASE("random literals: what people write passes", "[scan]") {
  for (const char* text : {
           "\"application/vnd.openxmlformats-officedocument.wordprocessingml.document\"",
           "kSomeVeryLongConstantNameForTheSecondVersion2OfThis = 17;",
           "#include \"third_party/protobuf/src/google/protobuf/io/zero_copy_stream_impl_lite.h\"",
           "\"550e8400-e29b-41d4-a716-446655440000\"",
           "std::string s = \"the quick brown fox jumps over the lazy dog\";",
           "==========================================================================",
           "--------------------------------------------------------------------------",
           "0x0123456789abcdef, 0xfedcba9876543210, 0x1122334455667788",
           "\"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\"",
           "test_that_the_server_v2_answers_with_http_1_1_when_asked_for_http_2",
           "\"%Y-%m-%dT%H:%M:%S.%fZ\"",
       }) {
    INFO(text);
    CHECK(find_random_literals(text).empty());
  }
}

}  // namespace engram
