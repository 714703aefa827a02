#include <cstdlib>

#include "core/atomic_file.h"
#include "indexer/syntax/extract.h"
#include "indexer/syntax/language.h"
#include "tests/support/catch.h"
#include "tests/syntax/golden_facts.h"

namespace engram {

TEST_CASE("extract: each language's golden file yields exactly the reviewed facts", "[syntax]") {
  const char* mode = std::getenv("ENGRAM_UPDATE_GOLDEN");
  const bool write = mode != nullptr && std::string_view(mode) == "1";
  for (const GoldenCase& c : golden_cases()) {
    INFO(c.input.string());
    const auto text = read_file(c.input);
    REQUIRE(text);
    CHECK(language_of(c.input.string(), *text) == c.language);
    ExtractLimits limits;
    limits.chunk_bytes = 240;  // small, so that a short file shows how it is cut
    const auto extraction = extract_facts(c.language, *text, limits);
    REQUIRE(extraction);
    CHECK(extraction->limited_by.empty());
    const std::string actual = facts_as_text(extraction->facts, *text);
    if (write) {
      REQUIRE(write_file_atomically(c.expected, actual));
      continue;
    }
    const auto expected = read_file(c.expected);
    REQUIRE(expected);
    CHECK(actual == *expected);
  }
}

}  // namespace engram
