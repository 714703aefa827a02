#include "core/json.h"

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("json: hostile input is an error with a place, never an exception", "[core]") {
  const std::string deep(100000, '[');
  for (const std::string& bad : {std::string(), std::string("{"), std::string("{} x"),
                                 std::string("{\"a\":}"), deep, std::string("\"\xFF\"")}) {
    const auto parsed = parse_json(bad);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Errc::kInvalidArgument);
    CHECK(parsed.error().message.find("byte") != std::string::npos);
  }
}

TEST_CASE("json: typed look-ups never throw", "[core]") {
  const auto v = *parse_json(R"({"s":"x","n":3,"b":true,"o":{},"a":[1]})");
  CHECK(find_string(v, "s") == "x");
  CHECK(find_int(v, "n") == 3);
  CHECK(find_bool(v, "b") == true);
  CHECK(find_object(v, "o") != nullptr);
  CHECK(find_array(v, "a") != nullptr);
  CHECK_FALSE(find_string(v, "n").has_value());
  CHECK_FALSE(find_int(json::value(1), "n").has_value());
}

TEST_CASE("json: stray bytes leave as U+FFFD", "[core]") {
  CHECK(json_string("a\xFF"
                    "b") ==
        "a\xEF\xBF\xBD"
        "b");
}

}  // namespace engram
