#include "assist/config/toml.h"

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

TEST_CASE("toml: tables, arrays and scalars come out as the same JSON", "[assist]") {
  const auto value = parse_toml(R"(
name = "engram"
threads = 2
share = 0.5
quiet = true
since = 2026-01-02
[index]
exclude = ["build/**", "*.min.js"]
[[models.a.sources]]
kind = "path"
)",
                                "engram.toml");
  REQUIRE(value);
  CHECK(to_json(*value) ==
        R"({"index":{"exclude":["build/**","*.min.js"]},)"
        R"("models":{"a":{"sources":[{"kind":"path"}]}},)"
        R"("name":"engram","quiet":true,"share":5E-1,"since":"2026-01-02","threads":2})");
}

TEST_CASE("toml: a fault is one line with file, line and column", "[assist]") {
  const std::string deep(100000, '[');
  for (const std::string& bad :
       {std::string("a = 1\na = 2\n"), std::string("a = "), std::string("[x\n"), "a = " + deep,
        std::string("a = \"\xFF\""), std::string("\x00", 1)}) {
    const auto value = parse_toml(bad, "engram.toml");
    REQUIRE_FALSE(value);
    CHECK(value.error().code == Errc::kInvalidArgument);
    CHECK(value.error().message.starts_with("engram.toml:"));
    CHECK(value.error().message.find('\n') == std::string::npos);
  }
}

TEST_CASE("toml: a missing file is kNotFound", "[assist]") {
  TemporaryDirectory dir;
  const auto value = read_toml(dir.path() / "models.toml");
  REQUIRE_FALSE(value);
  CHECK(value.error().code == Errc::kNotFound);
}

}  // namespace engram
