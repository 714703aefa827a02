// What a CMakeLists.txt certainly defines, against CMake itself.
#include "indexer/commands/cmake_definitions.h"

#include <algorithm>
#include <random>
#include <set>

#include "tests/commands/run_program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

using Definitions = std::set<std::string>;

Definitions ours(const std::string& text) {
  const auto made = cmake_definitions(text);
  return {made.begin(), made.end()};
}

// What CMake itself has defined at the end of `text`, without any option set.
Definitions of_cmake(const std::string& text) {
  const TemporaryDirectory folder;
  folder.write("CMakeLists.txt",
               "cmake_minimum_required(VERSION 3.13)\nproject(p LANGUAGES NONE)\n" + text +
                   "\nget_directory_property(made COMPILE_DEFINITIONS)\n"
                   "foreach(d IN LISTS made)\nmessage(STATUS \"defined ${d}\")\nendforeach()\n");
  const auto [out, status] =
      run_program("cmake -S " + shell_quoted(folder.path().string()) + " -B " +
                  shell_quoted((folder.path() / "b").string()) + " 2>&1");
  INFO(out);
  REQUIRE(status == 0);
  Definitions made;
  for (std::size_t at = 0; (at = out.find("-- defined ", at)) != std::string::npos;) {
    at += 11;
    made.insert(out.substr(at, out.find('\n', at) - at));
  }
  return made;
}

// Conditions whose truth is known to us, and some whose is not.
std::string random_condition(std::mt19937& random, bool known, int depth = 0) {
  static const std::vector<std::string> certain = {"WIN32",
                                                   "UNIX",
                                                   "APPLE",
                                                   "ON",
                                                   "CMAKE_SYSTEM_NAME MATCHES \"Linux\"",
                                                   "CMAKE_SYSTEM_NAME STREQUAL \"Darwin\"",
                                                   "CMAKE_SYSTEM_NAME MATCHES \"^(Free\"",
                                                   "\"${CMAKE_SYSTEM_NAME}\" STREQUAL \"Linux\"",
                                                   "CMAKE_SYSTEM_NAME MATCHES \"BSD|Linux\"",
                                                   "CMAKE_SYSTEM_NAME MATCHES \"kFreeBSD\""};
  static const std::vector<std::string> doubtful = {"WITH_X", "DEFINED Y", "EXISTS /nowhere",
                                                    "V VERSION_LESS 3",
                                                    "CMAKE_BUILD_TYPE STREQUAL Debug"};
  switch (random() % (depth < 3 ? 5 : 2)) {
    case 2:
      return "NOT " + random_condition(random, known, depth + 3);
    case 3:
      return "(" + random_condition(random, known, depth + 1) + ")";
    case 4:
      return "(" + random_condition(random, known, depth + 1) +
             (random() % 2 == 0 ? ") AND " : ") OR ") + "(" +
             random_condition(random, known, depth + 1) + ")";
    default:
      break;
  }
  if (!known && random() % 2 == 0) return doubtful[random() % doubtful.size()];
  const std::string& one = certain[random() % certain.size()];
  return one == "CMAKE_SYSTEM_NAME MATCHES \"^(Free\"" ? std::string("MSVC") : one;
}

std::string random_lists(std::mt19937& random, bool known) {
  std::string text;
  int made = 0;
  for (int block = 0; block < 60; ++block) {
    const auto define = [&](const char* indent) {
      text += std::string(indent) +
              (random() % 2 == 0 ? "add_definitions(-DM" : "add_compile_definitions(M") +
              std::to_string(made) + "=" + std::to_string(made) + ")\n";
      ++made;
    };
    text += "if(" + random_condition(random, known) + ")  # why not\n";
    define("  ");
    if (random() % 2 == 0) {
      text += "  if (" + random_condition(random, known) + ")\n";
      define("    ");
      text += "  endif ()\n";
    }
    while (random() % 2 == 0) {
      text += "elseif(" + random_condition(random, known) + ")\n";
      define("  ");
    }
    if (random() % 2 == 0) {
      text += "ELSE()\n";
      define("  ");
    }
    text += "endif()\n";
    if (random() % 4 == 0) define("");
  }
  return text;
}

}  // namespace

TEST_CASE("cmake definitions: where all conditions are known they are CMake's, else among them") {
  std::mt19937 random(20261128);
  const std::string known = random_lists(random, true);
  INFO(known);
  CHECK(ours(known) == of_cmake(known));
  CHECK(ours(known).size() > 30);
  const std::string some = random_lists(random, false);
  const Definitions certain = ours(some), all = of_cmake(some);
  CHECK(certain.size() > 10);
  CHECK(certain.size() < all.size());
  CHECK(std::includes(all.begin(), all.end(), certain.begin(), certain.end()));
}

TEST_CASE("cmake definitions: AND beside OR is known only where the order does not matter") {
  const auto defined = [](const std::string& condition) {
    return !ours("if(" + condition + ")\nadd_definitions(-DA)\nendif()").empty();
  };
  CHECK_FALSE(defined("UNIX OR UNIX AND WIN32"));
  CHECK_FALSE(ours("if(UNIX OR UNIX AND WIN32)\nelse()\nadd_definitions(-DA)\nendif()").size());
  CHECK(defined("WIN32 OR UNIX AND UNIX"));
  CHECK(defined("WIN32 AND UNIX OR UNIX"));
  CHECK_FALSE(defined("WIN32 AND UNIX OR APPLE"));
  CHECK(defined("UNIX OR WITH_X"));
  CHECK_FALSE(defined("UNIX AND WITH_X"));
}

TEST_CASE("cmake definitions: words, comments and brackets are read as CMake reads them") {
  const std::string text = R"cmake(
# add_definitions(-DNOT_THIS)
#[[ add_definitions(-DNOR_THIS) ]]
message(STATUS [==[ add_definitions(-DNOR_THAT) ]] ]==])
add_definitions(-DPLAIN -DNUMBER=3
  "-DQUOTED=yes" # behind
  -DTEXT=\"1.2/x\")
add_compile_definitions(BARE;LIST=2 "IN_QUOTES")
)cmake";
  CHECK(ours(text) == of_cmake(text));
  CHECK(ours(text).size() == 7);
}

TEST_CASE("cmake definitions: what is not plain, doubtful or contradictory is left out") {
  CHECK(ours("add_definitions(-DA -fPIC -Wall -I/etc @file -UA)") == Definitions{"A"});
  CHECK(ours("add_definitions(-DA=${VALUE} -DB=$(id) -DC=`id` \"-DD=a b\" \"-DE(x)=1\" -D -D1=2)")
            .empty());
  CHECK(ours("add_definitions(-DF='x' -DG=\"a;b\" \"-DH=x\ny\" -DI=<secret>)").empty());
  CHECK(ours("add_definitions(-DA=1)\nadd_definitions(-DB -DA=2)") == Definitions{"B"});
  CHECK(ours("foreach(x a b)\nadd_definitions(-DA)\nendforeach()\nadd_definitions(-DB)") ==
        Definitions{"B"});
  CHECK(ours("function(f)\nadd_definitions(-DA)\nendfunction()").empty());
  CHECK(ours("if(WITH_ZLIB)\nadd_definitions(-DZLIB)\nelse()\nadd_definitions(-DNO)\nendif()")
            .empty());
  CHECK(ours("set(CMAKE_CXX_FLAGS \"${CMAKE_CXX_FLAGS} -DA=1 -O2 -DB=$x\")") == Definitions{"A=1"});
  CHECK(ours("add_definitions(-DX=" + std::string(1000, '1') + ")").empty());
}

TEST_CASE("cmake definitions: hostile text ends the reading, with what was read") {
  CHECK(ours("add_definitions(-DA)\nendif()\nadd_definitions(-DB)") == Definitions{"A"});
  CHECK(ours("add_definitions(-DA)\n\"\nadd_definitions(-DB)") == Definitions{"A"});
  CHECK(ours("add_definitions(-DA").empty());
  CHECK(ours("add_definitions(\"-DA").empty());
  CHECK(ours(std::string("add_definitions(-DA)\n\0\x01\xff(", 24)) == Definitions{"A"});
  std::string deep = "add_definitions(-DA)\n";
  for (int i = 0; i < 100'000; ++i) deep += "if(ON)\n";
  CHECK(ours(deep + "add_definitions(-DB)\n") == Definitions{"A"});
  CHECK(ours("if(" + std::string(100'000, '(') + ")\nadd_definitions(-DB)\nendif()").empty());
  std::string nots = "if(";
  for (int i = 0; i < 100'001; ++i) nots += "NOT ";
  CHECK(ours(nots + "WIN32)\nadd_definitions(-DB)\nendif()").empty());
  std::mt19937 random(7);
  const std::string good = random_lists(random, false);
  for (int i = 0; i < 300; ++i) {  // damaged anywhere: no crash, and nothing that is not plain
    std::string bad = good;
    for (int n = 0; n < 5; ++n) bad[random() % bad.size()] = static_cast<char>(random());
    for (const std::string& d : cmake_definitions(bad)) CHECK(is_plain_definition(d));
  }
}

}  // namespace engram
