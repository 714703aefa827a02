#include "assist/completion/earlier_suggestion.h"

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("earlier suggestion: what is left of it along, beside and before what was typed",
          "[assist]") {
  const EarlierSuggestion earlier{"int f() {", "  ret", "urn a + b;"};
  const auto old_text = [&](std::string_view line_before) {
    return old_text_for(earlier, "int f() {", line_before);
  };
  CHECK(old_text("  ret") == "urn a + b;");
  CHECK(old_text("  return a") == " + b;");
  CHECK(old_text("  return c") == "a + b;");
  CHECK(old_text("  re") == "turn a + b;");
  CHECK(old_text("") == "  return a + b;");
  CHECK(old_text("  return a + b; // and more").empty());
  CHECK(old_text("  if (").empty());
  CHECK(old_text_for(earlier, "int g() {", "  ret").empty());
}

}  // namespace engram
