// What a worker that holds an open file says against it. The oracle is clang itself, run on the
// same text by the same arguments.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>

#include "core/text.h"
#include "tests/clang/live_rig.h"

namespace engram {

namespace {

const UnitDiagnostic* find(const LiveReply& reply, const std::string& message) {
  const auto& all = reply.facts.diagnostics;
  const auto at = std::find_if(all.begin(), all.end(),
                               [&](const UnitDiagnostic& d) { return d.message == message; });
  return at == all.end() ? nullptr : &*at;
}

std::string covered(const LiveRig& rig, const UnitDiagnostic& d) {
  return rig.text().substr(d.begin, d.end - d.begin);
}

// "12:7: error: message", as clang prints them.
std::set<std::string> as_clang_prints(const LiveRig& rig, const LiveReply& reply) {
  constexpr const char* kLevels[] = {"note", "remark", "warning", "error", "fatal error"};
  const LineIndex lines(rig.text());
  std::set<std::string> out;
  for (const UnitDiagnostic& d : reply.facts.diagnostics) {
    const TextPosition at = lines.position(d.begin);
    out.insert(std::to_string(at.line + 1) + ":" + std::to_string(at.column + 1) + ": " +
               kLevels[static_cast<int>(d.level)] + ": " + d.message);
  }
  return out;
}

std::set<std::string> clang_prints(const LiveRig& rig, const std::string& file,
                                   const std::string& standard) {
  const std::string command = std::string(ENGRAM_TEST_CLANG) + " -fsyntax-only -nostdinc -Wall " +
                              standard + " -fno-caret-diagnostics -ferror-limit=0 " +
                              "-fno-diagnostics-show-option " + rig.path(file) + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::set<std::string> out;
  char line[4096];
  const std::string start = rig.path(file) + ":";
  while (::fgets(line, sizeof line, pipe) != nullptr) {
    std::string text(line);
    text.erase(text.find_last_not_of('\n') + 1);
    if (text.starts_with(start)) out.insert(text.substr(start.size()));
  }
  ::pclose(pipe);
  return out;
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("live: it says what clang says, with a preamble and without", "[clang]") {
  for (const std::string name : {"broken.cpp", "macros.cpp", "overloads.cpp", "tentative.c"}) {
    INFO(name);
    LiveRig rig(name);
    const std::filesystem::path golden = ENGRAM_CLANG_GOLDEN;
    rig.save("macros.h", contents(golden / "macros.h"));
    rig.save("missing.h", "int no_longer;\n");  // clang stops where one is missing
    rig.type("#include \"macros.h\"\n" + contents(golden / name) + "int unfinished(int x) { y }\n");
    rig.save(name, rig.text());
    const auto expected = clang_prints(rig, name, name.ends_with(".c") ? "-std=c11" : "-std=c++20");
    CHECK(expected.size() > 0);
    const LiveReply cold = rig.diagnose();
    CHECK(cold.new_preamble);
    CHECK(as_clang_prints(rig, cold) == expected);
    const LiveReply warm = rig.diagnose();
    CHECK_FALSE(warm.new_preamble);
    CHECK(warm.facts == cold.facts);
  }
}

TEST_CASE("live: places, notes and fixes of what is wrong", "[clang]") {
  LiveRig rig;
  rig.type("struct Point { int across; };\nvoid f(Point p) {\n  p.acros = 1;\n  return 1\n}\n");
  const LiveReply reply = rig.diagnose();
  const UnitDiagnostic* member =
      find(reply, "no member named 'acros' in 'Point'; did you mean 'across'?");
  REQUIRE(member != nullptr);
  CHECK(covered(rig, *member) == "acros");
  REQUIRE(member->fixes.size() == 1);
  CHECK(member->fixes[0].text == "across");
  CHECK((member + 1)->level == DiagnosticLevel::kNote);
  CHECK(covered(rig, *(member + 1)) == "across");
  const UnitDiagnostic* semicolon = find(reply, "expected ';' after return statement");
  REQUIRE(semicolon != nullptr);
  CHECK(semicolon->fixes[0].text == ";");
  CHECK((reply.begin == 0 && reply.end == rig.text().size()));
}

TEST_CASE("live: the preamble is made once, until its text, a header or a buffer changes",
          "[clang]") {
  LiveRig rig;
  rig.save("a.h", "int from_header();\n");
  const auto uses = [](const std::string& name) {
    return "#include \"a.h\"\nint x = " + name + "();\n";
  };
  const auto is_clean = [&](const std::string& name, bool fresh) {
    rig.type(uses(name));
    const LiveReply reply = rig.diagnose();
    CHECK(reply.new_preamble == fresh);
    return reply.facts.diagnostics.empty();
  };
  CHECK(is_clean("from_header", true));
  CHECK_FALSE(is_clean("other", false));
  CHECK(is_clean("from_header", false));
  rig.save("a.h", "int other_name();\n");
  CHECK(is_clean("other_name", true));
  rig.type("a.h", "int unsaved();\n");  // in another window
  CHECK(is_clean("unsaved", true));
  CHECK(is_clean("unsaved", false));
  rig.type("#define from_macro() 1\n" + uses("from_macro"));
  CHECK(rig.diagnose().new_preamble);
}

TEST_CASE("live: a hundred edits leave what a fresh worker finds", "[clang]") {
  LiveRig rig;
  rig.save("a.h", "template <class T> struct Box { T value; };\nint declared(int);\n");
  std::string text = "#include \"a.h\"\nint f(Box<int> b) { return declared(b.value); }\n";
  rig.type(text);
  rig.diagnose();
  for (int i = 0; i < 100; ++i) {
    text += i % 3 == 0   ? "int g" + std::to_string(i) + "() { return missing" + std::to_string(i)
            : i % 3 == 1 ? "; }\n"
                         : "struct S" + std::to_string(i) + " {};\n";
    rig.type(text);
    if (i % 10 == 9) {
      const LiveReply warm = rig.diagnose();
      rig.forget_worker();
      CHECK(rig.diagnose().facts == warm.facts);
    }
  }
}

TEST_CASE("live: an error in a header stands at its inclusion, its warnings nowhere", "[clang]") {
  LiveRig rig;
  rig.save("inner.h", "int broken( { }\nint bad = nothing;\n");
  rig.save("outer.h", "#include \"inner.h\"\nstatic int unused() { int x; return 1; }\n");
  rig.type("// first\n#include \"outer.h\"\n#include \"gone.h\"\nint ok;\n");
  for (int i = 0; i < 2; ++i) {  // warm, too
    const LiveReply reply = rig.diagnose();
    REQUIRE(reply.facts.diagnostics.size() == 3);
    const auto& d = reply.facts.diagnostics;
    CHECK(d[0].message.starts_with("in the included file: "));
    CHECK(covered(rig, d[0]) == "\"outer.h\"");
    CHECK(d[1].level == DiagnosticLevel::kNote);
    CHECK(reply.facts.files[d[1].file].path == rig.path("inner.h"));
    CHECK(d[2].message == "'gone.h' file not found");
    CHECK(reply.missing_headers == std::vector<std::string>{"gone.h"});
  }
}

TEST_CASE("live: the edited function alone is told as in the whole file", "[clang]") {
  LiveRig rig;
  rig.save("a.h", "int declared();\n");
  struct Case {
    const char* why;
    const char* code;  // asked at ^; [[ ]] around the function that answers
  };
  const Case cases[] = {
      {"a function",
       "int a() { return one; }\n[[int b(int i) { return t^wo; }]]\nint c() { three; }"},
      {"a method", "struct S { [[int a() { return o^ne; }]] int b() { return two; } };"},
      {"a constructor with braces", "struct S { int a, b; [[S() : a{1}, b{2} { th^ree; }]] };"},
      {"a template", "template <class T> [[int f(T t) { return t + o^ne; }]]\nint g() { two; }"},
      {"braces in text", "[[int f() { return \"}\"[0] + '}' /* } */ + o^ne; }]]\nint g() { two; }"},
      {"outside of functions", "int a = one;\nint b = t^wo;\n"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    std::string code = std::string("#include \"a.h\"\n") + c.code;
    const auto take_out = [&](const std::string& mark) {
      const std::size_t at = code.find(mark);
      if (at != std::string::npos) code.erase(at, mark.size());
      return at;
    };
    const std::size_t begin = take_out("[["), at = take_out("^"), end = take_out("]]");
    rig.type(code);
    const LiveReply whole = rig.diagnose();
    LiveRequest asked = rig.request(LiveQuestion::kDiagnose);
    asked.begin = static_cast<std::uint32_t>(at);
    asked.end = asked.begin + 1;
    const LiveReply part = rig.ask(asked);
    if (begin == std::string::npos) {
      CHECK(part.begin == part.end);
      continue;
    }
    CHECK(part.begin <= begin);  // "template <class T>" may belong to it
    CHECK(part.end == end);
    std::vector<UnitDiagnostic> expected;
    for (const UnitDiagnostic& d : whole.facts.diagnostics) {
      if (begin <= d.begin && d.end <= end) expected.push_back(d);
    }
    CHECK(expected.size() == 1);
    CHECK(part.facts.diagnostics == expected);
  }
}

TEST_CASE("live: a worker gives up when asked to, and answers the next question", "[clang]") {
  LiveRig rig;
  std::string text;
  for (int i = 0; i < 30000; ++i) text += "int f" + std::to_string(i) + "() { return 1; }\n";
  rig.type(text + "int bad = nothing;\n");
  const LiveReply given_up =
      rig.ask(rig.request(LiveQuestion::kDiagnose), [&] { rig.worker().ask_to_give_up(); });
  CHECK(given_up.given_up);
  CHECK(given_up.facts.diagnostics.empty());
  rig.worker().ask_to_give_up();  // too late: means nothing
  rig.type("int bad = nothing;\n");
  CHECK(find(rig.diagnose(), "use of undeclared identifier 'nothing'") != nullptr);
}

TEST_CASE("live: what lies outside the workspace is not read, nor a pipe waited for", "[clang]") {
  TemporaryDirectory outside;
  outside.write("secret.h", "int secret;\n");
  LiveRig rig;
  const std::string name = (outside.path() / "secret.h").string();
  rig.type("#include \"" + name + "\"\nint x = secret;\n");
  const LiveReply reply = rig.diagnose();
  CHECK(find(reply, "'" + name + "' file not found") != nullptr);
  CHECK(find(reply, "use of undeclared identifier 'secret'") != nullptr);
}

TEST_CASE("live: there is a line for what cannot be parsed at all", "[clang]") {
  LiveRig rig;
  rig.type("int a;\n");
  LiveRequest request = rig.request(LiveQuestion::kDiagnose);
  request.directory = "/nowhere/at/all";
  CHECK(rig.ask(request).failure == "there is no folder /nowhere/at/all");
  request = rig.request(LiveQuestion::kDiagnose);
  request.arguments = {};
  CHECK_FALSE(rig.ask(request).failure.empty());
  CHECK(rig.diagnose().failure.empty());
}

}  // namespace engram
