#include "indexer/scan/glob.h"

#include <chrono>
#include <string>

#include "tests/support/catch.h"

namespace engram {

TEST_CASE("glob: patterns match as gitignore(5) says", "[scan]") {
  struct Case {
    const char* pattern;
    const char* path;
    bool matches;
  };
  for (const auto& [pattern, path, matches] : {
           Case{"*.o", "a.o", true},
           Case{"*.o", "d/a.o", false},
           Case{"a?c", "abc", true},
           Case{"a?c", "a/c", false},
           Case{"doc/*.txt", "doc/a.txt", true},
           Case{"doc/*.txt", "doc/x/a.txt", false},
           Case{"**/foo", "foo", true},
           Case{"**/foo", "a/b/foo", true},
           Case{"foo/**", "foo/a/b", true},
           Case{"foo/**", "foo", false},
           Case{"a/**/b", "a/b", true},
           Case{"a/**/b", "a/x/y/b", true},
           Case{"a/**/b", "a/x/y/c", false},
           Case{"a/**b", "a/xb", true},
           Case{"a/**b", "a/x/b", false},
           Case{"**/a/**/b/*.c", "q/a/a/b/r/b/z.c", true},
           Case{"[a-c]x", "bx", true},
           Case{"[!a-c]x", "bx", false},
           Case{"[^a-c]x", "dx", true},
           Case{"[]]x", "]x", true},
           Case{"[[:digit:]]*", "7up", true},
           Case{"[[:digit:]]*", "up7", false},
           Case{"[a", "[a", false},
           Case{"a\\", "a\\", false},
           Case{"\\*", "*", true},
           Case{"\\*", "a", false},
           Case{"[\\]]", "]", true},
           Case{"a[/]b", "a/b", false},
           Case{"*", "", true},
       }) {
    INFO(pattern << " against " << path);
    CHECK(Glob(pattern, false).matches(path) == matches);
  }
}

TEST_CASE("glob: case is folded on request, in classes too", "[scan]") {
  CHECK(Glob("*.OBJ", true).matches("a.obj"));
  CHECK_FALSE(Glob("*.OBJ", false).matches("a.obj"));
  CHECK(Glob("[a-c]X", true).matches("Bx"));
}

TEST_CASE("glob: a hostile pattern costs no more than pattern times path", "[scan]") {
  std::string pattern, path;
  for (int i = 0; i < 2000; ++i) {
    pattern += "*a";
    path += "a";
  }
  std::string deep_pattern, deep_path;
  for (int i = 0; i < 1000; ++i) {
    deep_pattern += "**/a/";
    deep_path += "a/";
  }
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(Glob(pattern + "b", false).matches(path + path));
  CHECK_FALSE(Glob(deep_pattern + "b", false).matches(deep_path + deep_path + "c"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));  // else: centuries
}

}  // namespace engram
