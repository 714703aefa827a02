#include "core/json_array_reader.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace engram {

namespace {

// The elements as text, or the error, with the text fed in portions of `step` bytes.
std::vector<std::string> elements(std::string_view text, std::size_t step, std::string& error,
                                  JsonArrayReader::Limits limits = {}) {
  std::vector<std::string> out;
  JsonArrayReader reader([&](const json::value& v) { out.push_back(to_json(v)); }, limits);
  for (std::size_t at = 0; at < text.size(); at += step) {
    if (const auto fed = reader.feed(text.substr(at, step)); !fed) {
      error = fed.error().message;
      return out;
    }
  }
  if (const auto end = reader.finish(); !end) error = end.error().message;
  return out;
}

}  // namespace

TEST_CASE("json array: elements arrive whole, in order, however the text is cut") {
  const std::string text =
      R"( [ {"a":["x\"]","\u00e9"],"b":{}}, 1, -2.5, "s\\", true, null, [[],[3]], {} ] )"
      "\n";
  const std::vector<std::string> expected = {
      R"({"a":["x\"]","é"],"b":{}})", "1", "-2.5E0", R"("s\\")", "true", "null", "[[],[3]]", "{}"};
  for (std::size_t step = 1; step <= text.size(); ++step) {
    std::string error;
    INFO("step " << step);
    CHECK(elements(text, step, error) == expected);
    CHECK(error.empty());
  }
}

TEST_CASE("json array: what is no array, ends early or goes on is one line with its place") {
  struct Case {
    const char* text;
    const char* error;
  };
  const auto c = GENERATE(values<Case>({{"{\"a\":1}", "byte 0: an array is expected"},
                                        {"\"x\"", "an array is expected"},
                                        {"", "byte 0: incomplete JSON"},
                                        {"[1,2", "byte 4: incomplete JSON"},
                                        {"[1]x", "byte 3: extra data"},
                                        {"[1,]", "byte 3"},
                                        {"[[[[[[1]]]]]]", "too deep"}}));
  INFO(c.text);
  for (std::size_t step : {1U, 100U}) {
    std::string error;
    elements(c.text, step, error, {.max_depth = 4, .max_element_bytes = 100});
    CHECK_THAT(error, Catch::Matchers::ContainsSubstring(c.error));
    CHECK(error.find('\n') == std::string::npos);
  }
}

TEST_CASE("json array: one endless element is refused, many small ones are not") {
  std::string error;
  const std::string large = "[\"" + std::string(1000, 'x') + "\"]";
  CHECK(elements(large, 10, error, {.max_depth = 4, .max_element_bytes = 100}).empty());
  CHECK_THAT(error, Catch::Matchers::ContainsSubstring("an element of more than 100 bytes"));
  std::string many = "[";
  for (int i = 0; i < 1000; ++i) many += "[\"xxxxxxxx\"],";
  many.back() = ']';
  error.clear();
  CHECK(elements(many, 64, error, {.max_depth = 4, .max_element_bytes = 100}).size() == 1000);
  CHECK(error.empty());
}

TEST_CASE("json array: bytes that are no UTF-8 pass, since file names are bytes") {
  std::string error, got;
  JsonArrayReader reader([&](const json::value& v) { got = v.as_string().c_str(); });
  REQUIRE(reader.feed("[\"caf\xe9.cpp\"]"));
  REQUIRE(reader.finish());
  CHECK(got == "caf\xe9.cpp");
}

}  // namespace engram
