// The lists against the compiler they are for.
#include "indexer/commands/flag_lists.h"

#include <string>

#include "tests/commands/run_program.h"
#include "tests/support/catch.h"

namespace engram {

namespace {

// What clang++-19's driver says against these arguments; "" is nothing.
std::string complaints(const std::string& arguments) {
  return run_program("clang++-19 -### -Qunused-arguments -fsyntax-only -x c++ " + arguments +
                     " /dev/null 2>&1 | grep -E '(error|warning):'")
      .first;
}

}  // namespace

TEST_CASE("flag lists: Clang 19 knows every flag on them") {
  std::string all;
  for (std::string_view flag : feature_flags()) all += std::string(flag) + ' ';
  for (std::string_view flag : machine_flags()) {
    if (flag != "-m16" && flag != "-m32" && flag != "-mx32") all += std::string(flag) + ' ';
  }
  CHECK(feature_flags().size() > 100);
  CHECK(machine_flags().size() > 100);
  CHECK(complaints(all) == "");
  CHECK_THAT(complaints("-fno-such-flag"), Catch::Matchers::ContainsSubstring("unknown argument"));
}

TEST_CASE("flag lists: Clang 19 takes every standard that is passed on") {
  for (const char* value : {"c++98", "gnu++0x", "c++17", "c++20", "gnu++23", "c++2c", "gnu++29"}) {
    const std::string standard = standard_for_clang(value);
    INFO(value << " -> " << standard);
    CHECK(run_program("clang++-19 -fsyntax-only -x c++ -std=" + standard + " /dev/null 2>&1") ==
          std::pair<std::string, int>{"", 0});
  }
  for (const char* value :
       {"c89", "gnu90", "c11", "gnu17", "c2x", "c23", "gnu2y", "c29", "iso9899:1999"}) {
    const std::string standard = standard_for_clang(value);
    INFO(value << " -> " << standard);
    CHECK(run_program("clang-19 -fsyntax-only -x c -std=" + standard + " /dev/null 2>&1") ==
          std::pair<std::string, int>{"", 0});
  }
  for (const char* value : {"", "c", "c++", "c++1", "c++99", "java", "c++20 -Xclang", "gnu+20"}) {
    CHECK(standard_for_clang(value) == "");
  }
}

TEST_CASE("flag lists: values are judged, not only names") {
  struct Case {
    const char* flag;
    const char* target;
    bool allowed;
  };
  const auto c = GENERATE(values<Case>({
      {"-march=znver4", "", true},
      {"-march=znver9", "", false},
      {"-march=armv8-a+crc", "aarch64-linux-gnu", true},
      {"-march=armv8-a", "x86_64-linux-gnu", false},
      {"-mthumb", "arm-linux-gnueabihf", true},
      {"-mthumb", "", false},
      {"-fsanitize=address,undefined", "", true},
      {"-fsanitize=address,no-such", "", false},
      {"-fsanitize=", "", false},
      {"-ftemplate-depth=900", "", true},
      {"-ftemplate-depth=1000000", "", false},
      {"-fvisibility=hidden", "", true},
      {"-fvisibility=hidden;x", "", false},
      {"-fplugin=x.so", "", false},
      {"-fmodules-cache-path=/w", "", false},
      {"-mllvm=-load", "", false},
      {"-f", "", false},
  }));
  INFO(c.flag << " for '" << c.target << "'");
  CHECK(is_allowed_flag(c.flag, c.target) == c.allowed);
}

TEST_CASE("flag lists: what may be said with a value, Clang 19 takes") {
  for (const char* flag :
       {"-march=native", "-march=skylake-avx512", "-mcmodel=large", "-mfpmath=sse",
        "-fsanitize=address,undefined", "-fno-sanitize=vptr", "-fvisibility=hidden",
        "-fcf-protection=branch", "-ftemplate-depth=900", "-fconstexpr-depth=4096",
        "-fbracket-depth=4096", "-fconstexpr-steps=67108864", "-fstrict-flex-arrays=3",
        "-fpack-struct=8", "-fnew-alignment=16", "-fms-compatibility-version=19.33",
        "-fclang-abi-compat=17", "-ffp-eval-method=double"}) {
    INFO(flag);
    CHECK(is_allowed_flag(flag, ""));
    CHECK(complaints(flag) == "");
  }
}

}  // namespace engram
