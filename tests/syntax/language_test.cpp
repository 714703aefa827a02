#include "indexer/syntax/language.h"

#include "indexer/syntax/extract.h"
#include "tests/support/catch.h"

namespace engram {

TEST_CASE("language_of: names, extensions, interpreters and the contents of .h decide",
          "[syntax]") {
  struct Case {
    const char* why;
    const char* path;
    const char* contents;
    const char* language;
  };
  const auto c = GENERATE(values<Case>({
      {"plain extension", "src/main.cpp", "", "cpp"},
      {"upper-case extension", "A.PY", "", "python"},
      {".C is C++ by old custom", "a.C", "", "cpp"},
      {"C header", "a.h", "int f(void);\n", "c"},
      {"empty header", "a.h", "", "c"},
      {"C header that serves C++ too", "a.h",
       "#ifdef __cplusplus\nextern \"C\" {\nnamespace x {}\n#endif\nint f(void);\n", "c"},
      {"the word class in a comment only", "a.h", "/* class X */ // template <>\nint f(void);",
       "c"},
      {"the word class in a string only", "a.h", "#define K \"class Foo {\"\n", "c"},
      {"a C name that C++ reserves", "a.h", "struct s { int class; int private; };", "c"},
      {"class", "a.h", "class Foo {};", "cpp"},
      {"scope operator", "a.h", "int x = std::min(1, 2);", "cpp"},
      {"standard header without extension", "a.h", "#include <vector>\n", "cpp"},
      {"standard library file", "usr/include/c++/12/vector", "// <vector> -*- C++ -*-\n", "cpp"},
      {"interpreter by env and version", "bin/tool", "#!/usr/bin/env python3.11\n", "python"},
      {"interpreter with flags", "bin/tool", "#!/usr/bin/env -S bash -e\n", "bash"},
      {"interpreter, direct", "bin/tool", "#!/bin/sh\n", "bash"},
      {"unknown interpreter", "bin/tool", "#!/usr/bin/perl\n", ""},
      {"whole name", "lib/Rakefile", "", "ruby"},
      {"no grammar", "Makefile", "all:\n", ""},
      {"no grammar", "CMakeLists.txt", "project(x)\n", ""},
      {"hidden file without extension", ".gitignore", "", ""},
      {"dot at the end", "odd.", "", ""},
      {"tsx", "a/b.tsx", "", "tsx"},
      {"jsonc", "tsconfig.jsonc", "", "json"},
  }));
  INFO(c.why << ": " << c.path);
  CHECK(language_of(c.path, c.contents) == c.language);
}

TEST_CASE("languages: every name has traits, a grammar and query files that fit it", "[syntax]") {
  REQUIRE(languages().size() == 24);
  for (const std::string_view language : languages()) {
    INFO(language);
    CHECK(language_traits(language) != nullptr);
    const auto extraction = extract_facts(language, "\n");
    if (!extraction) FAIL(extraction.error().message);
  }
  CHECK(language_traits("cobol") == nullptr);
  CHECK(extract_facts("cobol", "").error().code == Errc::kInvalidArgument);
}

}  // namespace engram
