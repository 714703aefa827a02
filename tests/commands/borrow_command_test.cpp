#include "indexer/commands/borrow_command.h"

#include <algorithm>

#include "tests/support/catch.h"

namespace engram {

namespace {

CompileCommand lender(const std::string& file, const std::string& language) {
  CompileCommand c;
  c.directory = "/w/build";
  c.file = file;
  c.arguments = {"clang++",  "-fsyntax-only", "-x",       language,       "-std=c++20",
                 "-I/w/inc", "-nostdinc",     "-isystem", "/usr/include", file};
  return c;
}

bool has(const CompileCommand& command, const std::string& argument) {
  return std::find(command.arguments.begin(), command.arguments.end(), argument) !=
         command.arguments.end();
}

std::string language_of_command(const CompileCommand& command) {
  const auto it = std::find(command.arguments.begin(), command.arguments.end(), "-x");
  return it == command.arguments.end() ? "" : *(it + 1);
}

}  // namespace

TEST_CASE("borrow: the most similar file by stem, folder and language") {
  const CommandLenders files({"/w/src/parser/lexer.cpp", "/w/src/parser/parser.cpp",
                              "/w/src/net/socket.cpp", "/w/src/net/socket_linux.c",
                              "/w/tests/parser/lexer_test.cpp", "/w/third_party/z/inflate.c",
                              "/w/gpu/kernel.cu"});
  struct Case {
    const char* file;
    const char* nearest;
  };
  const auto c = GENERATE(values<Case>({
      {"/w/src/parser/lexer.h", "/w/src/parser/lexer.cpp"},    // same stem beside it
      {"/w/include/net/socket.hpp", "/w/src/net/socket.cpp"},  // same stem elsewhere
      {"/w/src/parser/token.h", "/w/src/parser/lexer.cpp"},    // same folder
      {"/w/src/net/poll.c", "/w/src/net/socket_linux.c"},      // same language
      {"/w/src/net/poll.hpp", "/w/src/net/socket.cpp"},
      {"/w/tests/parser/lexer_test.h", "/w/tests/parser/lexer_test.cpp"},
      {"/w/third_party/z/deflate.c", "/w/third_party/z/inflate.c"},
      {"/w/gpu/other.cuh", "/w/gpu/kernel.cu"},
      {"/w/src/net/deep/er/x.hpp", "/w/src/net/socket.cpp"},  // the folder above
      {"/w/src/Parser.hh", "/w/src/parser/parser.cpp"},       // whatever the case
  }));
  INFO(c.file);
  CHECK(files.nearest(c.file) == c.nearest);
}

TEST_CASE("borrow: nobody to borrow from is an empty answer") {
  CHECK(CommandLenders({}).nearest("/w/a.cpp").empty());
  CHECK(CommandLenders::nearest_of("/w/a.h", {}).empty());
  CHECK(CommandLenders({"/w/z.cpp"}).nearest("/a.f90") == "/w/z.cpp");
}

TEST_CASE("borrow: the language is the file's, in the family of the lender for a .h") {
  const Toolchain toolchain = read_toolchain();
  struct Case {
    const char* file;
    const char* from;
    const char* language;
    bool keeps_standard;
  };
  const auto c = GENERATE(values<Case>({{"/w/a.h", "c++", "c++-header", true},
                                        {"/w/a.h", "c", "c-header", true},
                                        {"/w/a.hpp", "c++", "c++-header", true},
                                        {"/w/a.inc", "c++", "c++-header", true},
                                        {"/w/a.cpp", "c++", "c++", true},
                                        {"/w/a.c", "c++", "c", false},
                                        {"/w/a.cpp", "c", "c++", false},
                                        {"/w/a.h", "cuda", "cuda", true},
                                        {"/w/a.cu", "c++", "cuda", true}}));
  INFO(c.file << " from " << c.from);
  const CompileCommand out = borrow_command(lender("/w/l.x", c.from), c.file, toolchain);
  CHECK(language_of_command(out) == c.language);
  CHECK(has(out, "-std=c++20") == c.keeps_standard);
  CHECK(has(out, "-I/w/inc"));
  CHECK(out.arguments.back() == c.file);
  CHECK_FALSE(has(out, "/w/l.x"));
  CHECK(out.file == c.file);
  CHECK(out.source == "/w/l.x");
  CHECK(out.origin == CommandOrigin::kBorrowed);
  CHECK(best_certainty(out) == Certainty::kInferred);
}

TEST_CASE("borrow: into CUDA and out of it, what CUDA alone needs comes and goes") {
  const Toolchain toolchain = read_toolchain();
  const CompileCommand host = lender("/w/l.cpp", "c++");
  const CompileCommand device = borrow_command(host, "/w/a.cu", toolchain, "/stand-in");
  CHECK(has(device, "-nocudainc"));
  CHECK(has(device, "/stand-in/engram_cuda.h"));
  CHECK(device.stand_in_headers);
  const CompileCommand back = borrow_command(device, "/w/l.cpp", toolchain, "/stand-in");
  CHECK(back.arguments == host.arguments);
  CHECK_FALSE(back.stand_in_headers);
}

TEST_CASE("borrow: from C to C++ the system's headers are those of C++") {
  const Toolchain toolchain = read_toolchain();
  const CompileCommand out = borrow_command(lender("/w/l.c", "c"), "/w/a.cpp", toolchain);
  for (const std::string& folder : toolchain.system_headers({.cxx = true})) CHECK(has(out, folder));
  CHECK(out.arguments[0] == "clang++");
}

}  // namespace engram
