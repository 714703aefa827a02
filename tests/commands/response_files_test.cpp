#include "indexer/commands/response_files.h"

#include <filesystem>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

using Arguments = std::vector<std::string>;

TEST_CASE("response files: replaced in place, nested, relative to the directory") {
  const TemporaryDirectory directory;
  directory.write("build/a.rsp", "-DA='x y' @more/b.rsp\n-DC \"-DP=c:\\\\d\"");
  directory.write("build/more/b.rsp", "-DB");
  const PathPolicy policy({directory.path()});
  const auto out =
      expand_response_files({"g++", "@a.rsp", "x.cpp"}, directory.path() / "build", policy);
  CHECK(out.arguments == Arguments{"g++", "-DA=x y", "-DB", "-DC", "-DP=c:\\d", "x.cpp"});
  CHECK(out.refusals.empty());
}

TEST_CASE("response files: outside, looping, missing and endless ones are refused by name") {
  const TemporaryDirectory directory, elsewhere;
  elsewhere.write("secret", "-DSECRET");
  directory.write("loop.rsp", "-DL @other.rsp");
  directory.write("other.rsp", "@./loop.rsp -DO");
  std::string wide;
  for (int i = 0; i < 40; ++i) wide += "@wide" + std::to_string(i % 2) + ".rsp ";
  directory.write("wide0.rsp", "@wide1.rsp @wide1.rsp");
  directory.write("wide1.rsp", "-DW");
  std::filesystem::create_symlink(elsewhere.path() / "secret", directory.path() / "link.rsp");
  const PathPolicy policy({directory.path()});
  const auto expand = [&](const std::string& argument) {
    return expand_response_files({"g++", argument}, directory.path(), policy);
  };
  for (const std::string& outside :
       {"@" + (elsewhere.path() / "secret").string(), std::string("@link.rsp"),
        std::string("@/etc/passwd"), std::string("@../../etc/passwd")}) {
    const auto out = expand(outside);
    CHECK(out.arguments == Arguments{"g++"});
    REQUIRE(out.refusals.size() == 1);
    CHECK(out.refusals[0] == outside + ": outside the workspace and its build folders");
  }
  const auto loop = expand("@loop.rsp");
  CHECK(loop.arguments == Arguments{"g++", "-DL", "-DO"});
  CHECK(loop.refusals == Arguments{"@./loop.rsp: it names itself"});
  CHECK(expand("@missing.rsp").refusals.size() == 1);
  CHECK(expand("@").arguments == Arguments{"g++", "@"});
  directory.write("all.rsp", wide + wide + wide + wide + wide);
  CHECK_FALSE(expand("@all.rsp").refusals.empty());  // 200 files and their 400
}

}  // namespace engram
