#include "core/path.h"

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("path: a relative path cannot leave its workspace", "[core]") {
  CHECK(relative_path("/w", "/w/a/b.c") == "a/b.c");
  CHECK(relative_path("/w", "/w/a/../b.c") == "b.c");
  CHECK_FALSE(relative_path("/w", "/w/../x").has_value());
  CHECK_FALSE(relative_path("/w", "/other").has_value());
  CHECK_FALSE(relative_path("/w", "/w").has_value());
  for (const char* bad : {"", "/a", "a//b", "a/./b", "../a", "a/..", "a/"}) {
    INFO(bad);
    CHECK_FALSE(is_safe_relative_path(bad));
  }
  CHECK(is_safe_relative_path("a..b/c"));
}

TEST_CASE("path: file URIs round-trip and hostile ones are refused", "[core]") {
  const std::filesystem::path path = "/tmp/a b/\xC3\xA9#%.cpp";
  const auto back = path_from_uri(uri_from_path(path));
  REQUIRE(back);
  CHECK(*back == path);
  for (const char* bad : {"http://x/y", "file://host/x", "file:///a%2", "file:///a%zz",
                          "file:///a%00b", "untitled:1"}) {
    INFO(bad);
    CHECK_FALSE(path_from_uri(bad));
  }
}

}  // namespace engram
