// Inclusions of an open file that nothing uses, and names whose header it does not include.
#include <algorithm>
#include <set>

#include "tests/clang/live_rig.h"

namespace engram {

namespace {

// "unused \"a.h\"", "missing \"b.h\"", of what was found.
std::set<std::string> findings(const LiveReply& reply) {
  std::set<std::string> out;
  for (const UnitDiagnostic& d : reply.facts.diagnostics) {
    if (d.option != "unused-include" && d.option != "missing-include") continue;
    CHECK(d.level == DiagnosticLevel::kRemark);
    CHECK(d.fixes.size() == 1);
    const std::size_t from = d.message.find_first_of("<\"");
    const std::size_t to = d.message.find_first_of(">\"", from + 1);
    out.insert(d.option.substr(0, d.option.find('-')) + " " +
               d.message.substr(from, to + 1 - from));
  }
  return out;
}

std::string fixed(const LiveRig& rig, const LiveReply& reply, const std::string& option) {
  std::string text = rig.text();
  for (const UnitDiagnostic& d : reply.facts.diagnostics) {
    if (d.option != option) continue;
    const FixIt& fix = d.fixes.at(0);
    return text.replace(fix.begin, fix.end - fix.begin, fix.text);
  }
  return "nothing to fix";
}

// A folder with headers that most cases want.
class IncludeRig : public LiveRig {
 public:
  explicit IncludeRig(const std::string& file = "main.cpp") : LiveRig(file) {
    header("a.h", "int of_a();\nstruct A { int field; };\n#define A_MACRO 1\nenum { kOfA };\n");
    header("b.h", "#include \"a.h\"\nint of_b();\n");
    header("all.h", "#include \"a.h\"\n#include \"b.h\"\n");
    header("exporter.h", "#include \"a.h\"  // IWYU pragma: export\nint of_exporter();\n");
    header("hash.h", "#include \"a.h\"\ntemplate <class T> struct Hash {};\n");
    header("operators.h", "#include \"a.h\"\nbool operator==(const A &, const A &);\n");
    header("config.h", "#define _MY_SOURCE 1\n");
    header("feature.h", "#ifndef _MY_SOURCE\n#define _MY_SOURCE\n#endif\nint of_feature();\n");
    save("guarded.h", "#ifndef __GUARDED_H__\n#define __GUARDED_H__\nint of_it();\n#endif\n");
    header("leans.h", "struct Leans { struct A *a; int n[kOfA + 1]; };\n");
    save("list.inc", "1, 2, 3,\n");
  }
  void header(const std::string& name, const std::string& text) {
    save(name, "#pragma once\n" + text);
  }
  std::set<std::string> found(const std::string& text) {
    type(text);
    return findings(diagnose());
  }
};

using Found = std::set<std::string>;

}  // namespace

TEST_CASE("live includes: what nothing uses is told, what anything uses is not", "[clang]") {
  IncludeRig rig;
  struct Case {
    const char* why;
    const char* text;
    Found expected;
  };
  const Case cases[] = {
      {"nothing of it", "#include \"a.h\"\nint x;\n", {"unused \"a.h\""}},
      {"a function", "#include \"a.h\"\nint x = of_a();\n", {}},
      {"a macro", "#include \"a.h\"\nint x = A_MACRO;\n", {}},
      {"a macro that is asked for", "#include \"a.h\"\n#ifdef A_MACRO\nint x;\n#endif\n", {}},
      {"an enumerator", "#include \"a.h\"\nint x = kOfA;\n", {}},
      {"a type by pointer", "#include \"a.h\"\nA *x;\n", {}},
      {"a definition of what it declares", "#include \"a.h\"\nint of_a() { return 1; }\n", {}},
      {"one of two", "#include \"a.h\"\n#include \"b.h\"\nint x = of_b();\n", {"unused \"a.h\""}},
      {"a field of what a function returns",
       "#include \"a.h\"\ntemplate <class T> int f(T t) { return t.field; }\nint x = f(A());\n",
       {}},
      {"exported by another", "#include \"exporter.h\"\nint x = of_a();\n", {}},
      {"a header that only gathers", "#include \"all.h\"\nint x = of_a();\n", {}},
      {"kept by a remark", "#include \"a.h\"  // IWYU pragma: keep\nint x;\n", {}},
      {"kept by NOLINT", "#include \"a.h\"  // NOLINT\nint x;\n", {}},
      {"between keeps",
       "// IWYU pragma: begin_keep\n#include \"a.h\"\n// IWYU pragma: end_keep\nint x;\n",
       {}},
      {"under a condition", "#if 1\n#include \"a.h\"\n#endif\nint x;\n", {}},
      {"no guard", "int x[] = {\n#include \"list.inc\"\n};\n", {}},
      {"operators", "#include \"operators.h\"\nint x;\n", {}},
      {"a macro for system headers", "#include \"config.h\"\nint x;\n", {}},
      {"a guard that is a reserved name",
       "#include \"guarded.h\"\nint x;\n",
       {"unused \"guarded.h\""}},
      {"a macro for system headers, where it is not yet", "#include \"feature.h\"\nint x;\n", {}},
      {"a later header leans on it", "#include \"a.h\"\n#include \"leans.h\"\nLeans x;\n", {}},
      {"code left out may mean it",
       "#include \"a.h\"\n#ifdef NOWHERE\nint y = of_a();\n#endif\nint x;\n",
       {}},
      {"code left out does not mean it",
       "#include \"a.h\"\n#ifdef NOWHERE\nint y = other();\n#endif\nint x;\n",
       {"unused \"a.h\""}},
      {"a file with an error", "#include \"a.h\"\nint x = missing;\n", {}},
      {"a missing header", "#include \"a.h\"\n#include \"nowhere.h\"\nint x;\n", {}},
  };
  for (const Case& c : cases) {
    INFO(c.why << "\n" << c.text);
    CHECK(rig.found(c.text) == c.expected);
  }
}

TEST_CASE("live includes: specialisations are used without being named", "[clang]") {
  IncludeRig rig;
  rig.header("special.h", "#include \"hash.h\"\ntemplate <> struct Hash<A> { int x; };\n");
  CHECK(rig.found("#include \"special.h\"\nint x;\n") == Found{});
}

TEST_CASE("live includes: the only way to something used is not called unused", "[clang]") {
  IncludeRig rig;
  rig.type("#include \"b.h\"\nint x = of_a();\n");
  const LiveReply reply = rig.diagnose();
  CHECK(findings(reply) == Found{"missing \"a.h\""});
  CHECK(fixed(rig, reply, "missing-include") ==
        "#include \"b.h\"\n#include \"a.h\"\nint x = of_a();\n");  // where it changes nothing
  const auto& d = *std::find_if(reply.facts.diagnostics.begin(), reply.facts.diagnostics.end(),
                                [](const auto& one) { return one.option == "missing-include"; });
  CHECK(rig.text().substr(d.begin, d.end - d.begin) == "of_a");
  CHECK(findings(rig.diagnose()) == Found{"missing \"a.h\""});  // with the preamble there already
}

TEST_CASE("live includes: removing takes the line, and its own header brings what it needs",
          "[clang]") {
  IncludeRig rig("own.cpp");
  rig.header("own.h", "#include \"a.h\"\nint of_own();\n");
  rig.type("#include \"own.h\"\n#include \"b.h\"  // why\nint x = of_a();\n");
  const LiveReply reply = rig.diagnose();
  CHECK(findings(reply) == Found{"unused \"b.h\""});
  CHECK(fixed(rig, reply, "unused-include") == "#include \"own.h\"\nint x = of_a();\n");
  CHECK(rig.found("#include \"own.h\"\nint x;\n") == Found{});
}

TEST_CASE("live includes: a header that is open itself is checked inside its guard", "[clang]") {
  IncludeRig rig("open.h");
  CHECK(rig.found("#ifndef OPEN_H\n#define OPEN_H\n#include \"a.h\"\n#include \"b.h\"\n"
                  "int x = of_b();\n#endif\n") == Found{"unused \"a.h\""});
}

TEST_CASE("live includes: C, with a private header", "[clang]") {
  IncludeRig rig("main.c");
  rig.header("private.h", "// IWYU pragma: private, include \"public.h\"\nint deep;\n");
  rig.header("public.h", "#include \"private.h\"\nint of_public;\n");
  CHECK(rig.found("#include \"public.h\"\nint f(void) { return deep; }\n") == Found{});
  CHECK(rig.found("#include \"public.h\"\nstruct A;\nstruct A *f(void);\n") ==
        Found{"unused \"public.h\""});
}

TEST_CASE("live includes: the standard library by what its headers are for", "[clang]") {
  LiveRig rig("main.cpp", {"-std=c++20"});
  const auto found = [&](const std::string& text) {
    rig.type(text);
    return findings(rig.diagnose());
  };
  CHECK(found("#include <map>\n#include <vector>\nstd::vector<int> v;\n") == Found{"unused <map>"});
  CHECK(found("#include <vector>\nstd::vector<int> v;\nint f() { return std::max(1, 2); }\n") ==
        Found{"missing <algorithm>"});
  // More missing than there: whoever wrote it means to have them from others.
  CHECK(found("#include <vector>\nstd::vector<int> v;\nstd::size_t n;\n"
              "int f() { return std::max(1, 2); }\n") == Found{});
  CHECK(found("#include <iostream>\nvoid f(std::ostream &out) { out << 1 << std::endl; }\n") ==
        Found{});
  CHECK(found("#include <new>\n#include <cstdint>\nalignas(int) char room[4];\n"
              "int *f() { return new (room) int(std::int32_t{1}); }\n") == Found{});
}

TEST_CASE("live includes: system headers, in C, by the names that they bring", "[clang]") {
  LiveRig rig("main.c", {"-std=gnu11"});
  rig.save("modes.h", "#pragma once\nint of_modes(mode_t mode);\n");
  struct Case {
    const char* why;
    const char* text;
    Found expected;
  };
  const Case cases[] = {
      {"nothing of it", "#include <sys/mman.h>\nint mine;\n", {"unused <sys/mman.h>"}},
      {"a function and a type",
       "#include <sys/stat.h>\nint f(const char *p) { struct stat s; return stat(p, &s); }\n",
       {}},
      {"a type that another system header declares for it",
       "#include <sys/types.h>\nssize_t x;\n",
       {}},
      {"a name in code left out",
       "#include <sys/mman.h>\n#ifdef NOWHERE\nvoid *p = MAP_FAILED;\n#endif\nint x;\n",
       {}},
      {"through a macro of another", "#include <sys/stat.h>\n#define S struct stat\nS *x;\n", {}},
      {"a later header leans on it",
       "#include <sys/types.h>\n#include \"modes.h\"\nint x = 1 ? 2 : sizeof(of_modes);\n",
       {}},
      {"of the standard library, in code left out",
       "#include <math.h>\n#ifdef NOWHERE\ndouble y = sqrt(2);\n#endif\nint x;\n",
       {}},
      {"not in code left out",
       "#include <math.h>\n#ifdef NOWHERE\nint y_other = other;\n#endif\nint mine;\n",
       {"unused <math.h>"}},
  };
  for (const Case& c : cases) {
    INFO(c.why << "\n" << c.text);
    rig.type(c.text);
    CHECK(findings(rig.diagnose()) == c.expected);
  }
}

}  // namespace engram
