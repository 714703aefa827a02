// Definitions: the use at ^ resolves to the names in [[ ]], with the certainty stated.
#include "tests/navigation/marked_workspace.h"

namespace engram {

namespace {

struct Case {
  const char* why;
  Certainty certainty;
  const char* files;
};

void check_definition(const Case& c) {
  INFO(c.why << "\n" << c.files);
  MarkedWorkspace w(c.files);
  const auto places = w.navigator->definition(w.asked);
  REQUIRE(places);
  CHECK(MarkedWorkspace::spots(*places) == w.expected);
  for (const FoundPlace& p : *places) CHECK(to_string(p.certainty) == to_string(c.certainty));
}

constexpr Certainty kSyntactic = Certainty::kSyntactic;
constexpr Certainty kTextual = Certainty::kTextual;

}  // namespace

TEST_CASE("definition: names in the body of a macro", "[navigation]") {
  const auto c = GENERATE(values<Case>({
      {"a function of another file", kTextual,
       "== a.h\n#define s_malloc ^zmalloc\n== z.c\nvoid *[[zmalloc]](int n) { return 0; }\n"},
      {"a macro of this file, on a continued line", kTextual,
       "== a.h\n#define [[ZERO]](r) (!(r))\n#define BOTH(r, s) \\\n  (ZERO(s) && \\\n   "
       "^ZERO(r))\n"},
      {"a parameter", kSyntactic, "== a.h\nint r;\n#define ZERO([[r]]) (!(^r).bits)\n"},
      {"a parameter where it stands", kSyntactic,
       "== a.c\n#  define MAX(a, [[^b]]) ((a) > (b) ? (a) : (b))\n"},
      {"behind a number with separators", kTextual,
       "== a.cpp\nint [[deep]]();\n#define BIG (1'000 + ^deep())\n"},
      {"a name beyond ASCII", kTextual, "== a.cpp\nint [[größe]]();\n#define BIG (1 + ^größe())\n"},
      {"not in a character", kSyntactic, "== a.cpp\nint x;\n#define C '^x'\n"},
      {"not in a literal", kSyntactic, "== a.h\nint name;\n#define S \"a ^name\"\n"},
      {"not in a comment", kSyntactic, "== a.h\nint name;\n#define S 1  // ^name\n"},
      {"no other directive", kSyntactic, "== a.h\nint name;\n#pragma ^name\n"},
  }));
  check_definition(c);
}

TEST_CASE("definition: inside a file nested scopes decide", "[navigation]") {
  const auto c = GENERATE(values<Case>({
      {"a plain call", kSyntactic,
       "== a.c\nint [[f]](void) { return 1; }\nint x(void) { return ^f(); }\n"},
      {"an inner name shadows an outer", kSyntactic,
       "== a.c\nint a;\nvoid g(void) { int [[a]]; ^a = 1; }\n"},
      {"the outer name where the inner is not seen", kSyntactic,
       "== a.c\nint [[a]];\nvoid g(void) { { int a; } ^a = 1; }\n"},
      {"a parameter", kSyntactic, "== a.cpp\nint g(int [[n]]) { return [&] { return ^n; }(); }\n"},
      {"no prototype's parameter", kSyntactic,
       "== a.c\nint [[n]];\nvoid g(int n);\nint h(void) { return ^n; }\n"},
      {"a member without this", kSyntactic,
       "== a.cpp\nclass A {\n  int f() { return ^x_; }\n  int [[x_]];\n};\n"},
      {"a member from a method outside of its class", kSyntactic,
       "== a.cpp\nnamespace n {\nclass A { int f(); int [[x_]]; };\nint A::f() { return ^x_; "
       "}\n}\n"},
      {"a qualified name", kSyntactic,
       "== a.cpp\nstruct A { static int [[f]]() { return 1; } };\nstruct B { static int f(); };\n"
       "int x = A::^f();\n"},
      {"self in Python, not the module's function", kSyntactic,
       "== a.py\ndef run():\n    pass\nclass A:\n    def [[run]](self):\n        pass\n"
       "    def go(self):\n        self.^run()\n"},
      {"a plain name in a Python method is not the class's", kSyntactic,
       "== a.py\ndef [[run]]():\n    pass\nclass A:\n    def run(self):\n        ^run()\n"},
      {"a field set in __init__", kSyntactic,
       "== a.py\nclass A:\n    def __init__(self):\n        self.[[size]] = 1\n"
       "    def go(self):\n        return self.^size\n"},
      {"a comprehension's own name", kSyntactic,
       "== a.py\nx = 1\ny = [^x for [[x]] in range(3)]\n"},
      {"a closure's variable in JavaScript", kSyntactic,
       "== a.js\nfunction f() {\n  const [[k]] = 1;\n  return () => ^k;\n}\nconst k = 2;\n"},
      {"this in JavaScript", kSyntactic,
       "== a.js\nclass A {\n  [[go]]() {}\n  run() { this.^go(); }\n}\nfunction go() {}\n"},
      {"Rust's self", kSyntactic,
       "== a.rs\nstruct A;\nimpl A {\n    fn [[go]](&self) {}\n    fn run(&self) { self.^go(); "
       "}\n}\n"},
      {"a name behind its definition is the definition", kSyntactic,
       "== a.go\npackage p\n\nfunc [[^f]]() {}\n"},
      {"broken code: what can be seen", kSyntactic,
       "== a.c\nint [[f]](void) { return 1; }\nint x = ^f(\n"},
      {"a name of nobody", kTextual, "== a.c\nint x = ^missing();\n"},
  }));
  check_definition(c);
}

TEST_CASE("definition: across files imports decide, then evidence", "[navigation]") {
  const auto c = GENERATE(values<Case>({
      {"C: declared in an included header, defined elsewhere", kSyntactic,
       "== main.c\n#include \"util.h\"\nint main(void) { return ^twice(2); }\n"
       "== util.h\nint twice(int n);\n"
       "== util.c\n#include \"util.h\"\nint [[twice]](int n) { return 2 * n; }\n"},
      {"C++: the other file of a prototype", kTextual,
       "== util.h\nnamespace n { int ^twice(int v); }\n"
       "== util.cpp\nnamespace n {\nint [[twice]](int v) { return 2 * v; }\n}\n"},
      {"C++: the type of the variable chooses", kTextual,
       "== a.hpp\nstruct A { void [[go]]() {} };\n== b.hpp\nstruct B { void go() {} };\n"
       "== main.cpp\n#include \"a.hpp\"\n#include \"b.hpp\"\nvoid f(A& it) { it.^go(); }\n"},
      {"an include leads to its file", kSyntactic,
       "== src/main.c\n#include \"^lib/util.h\"\n== include/lib/util.h\n[[]]int twice(int);\n"},
      {"Python: from-import", kSyntactic,
       "== app/main.py\nfrom app.tools import ^run\n== app/tools.py\ndef [[run]]():\n    pass\n"
       "== other.py\ndef run():\n    pass\n"},
      {"Python: use of an imported name, renamed", kSyntactic,
       "== app/main.py\nfrom .tools import run as go\n^go()\n"
       "== app/tools.py\ndef [[run]]():\n    pass\n== go.py\ndef go():\n    pass\n"},
      {"Python: a module's function", kSyntactic,
       "== main.py\nimport pkg.tools as t\nt.^run()\n== pkg/tools.py\ndef [[run]]():\n    pass\n"
       "== other.py\ndef run():\n    pass\n"},
      {"Python: through a package's __init__", kSyntactic,
       "== main.py\nfrom pkg import Run\nx = ^Run()\n== pkg/__init__.py\nfrom .tools import Run\n"
       "== pkg/tools.py\nclass [[Run]]:\n    pass\n"},
      {"Python: in brackets over lines, with a comment", kSyntactic,
       "== main.py\nfrom pkg.tools import (\n    first,  # one\n    run,\n)\n^run()\n"
       "== pkg/tools.py\nfirst = 1\ndef [[run]]():\n    pass\n"},
      {"Python: the module itself", kSyntactic,
       "== main.py\nfrom pkg import ^tools\n== pkg/__init__.py\n\n== pkg/tools.py\n[[]]x = 1\n"},
      {"TypeScript: a relative import", kSyntactic,
       "== src/a.ts\nimport { run } from './lib/run';\n^run();\n"
       "== src/lib/run.ts\nexport function [[run]]() {}\n== run.ts\nexport function run() {}\n"},
      {"TypeScript: named like the output, through an index that re-exports", kSyntactic,
       "== src/a.ts\nimport { run as go } from './lib/index.js';\n^go();\n"
       "== src/lib/index.ts\nexport { run } from './run';\n"
       "== src/lib/run.ts\nexport function [[run]]() {}\n"},
      {"JavaScript: a namespace import", kSyntactic,
       "== a.js\nimport * as lib from './lib';\nlib.^run();\n"
       "== lib.js\nexport function [[run]]() {}\n== other.js\nexport function run() {}\n"},
      {"JavaScript: require", kSyntactic,
       "== a.js\nconst { run } = require('./lib');\n^run();\n"
       "== lib/index.js\nfunction [[run]]() {}\nmodule.exports = { run };\n"},
      {"Go: a package of the module", kSyntactic,
       "== go.mod\nmodule example.com/app\n\ngo 1.21\n"
       "== main.go\npackage main\n\nimport \"example.com/app/lib\"\n\nfunc main() { lib.^Run() }\n"
       "== lib/run.go\npackage lib\n\nfunc [[Run]]() {}\n== other/run.go\npackage other\n\nfunc "
       "Run() {}\n"},
      {"Java: an imported class", kSyntactic,
       "== src/a/Main.java\npackage a;\nimport b.Tool;\nclass Main { ^Tool t; }\n"
       "== src/b/Tool.java\npackage b;\npublic class [[Tool]] {}\n"
       "== src/c/Tool.java\npackage c;\npublic class Tool {}\n"},
      {"Rust: a name of a use tree", kSyntactic,
       "== src/main.rs\nmod lib2;\nuse crate::lib2::{Other, Tool as T};\nfn main() { let t: ^T; }\n"
       "== src/lib2.rs\npub struct Other;\npub struct [[Tool]];\n== src/x.rs\npub struct Tool;\n"},
      {"Rust: through super", kSyntactic,
       "== src/lib.rs\npub mod a;\npub fn [[run]]() {}\n"
       "== src/a.rs\nuse super::run;\nfn go() { ^run() }\n"},
      {"no import: by kind and nearness, only as text", kTextual,
       "== a/main.rb\n^build_it(1)\n== a/lib.rb\ndef [[build_it]](x)\nend\n== a/x.py\ndef "
       "build_it():\n    pass\n"},
  }));
  check_definition(c);
}

TEST_CASE("definition: open buffers, then changed files, stand over the store", "[navigation]") {
  const auto c = GENERATE(values<Case>({
      {"a definition that is only in a buffer", kSyntactic,
       "== a.c\n#include \"b.h\"\nint x = ^fresh();\n== b.h\nint stale(void);\n"
       "== b.h (open)\n\n\nint [[fresh]](void);\n"},
      {"what the buffer no longer has is gone", kTextual,
       "== a.rb\n^build(1)\n== b.rb\ndef build(x)\nend\n== b.rb (open)\ndef other\nend\n"},
      {"a file changed since the index was made is read again", kTextual,
       "== a.rb\n^build(1)\n== b.rb\ndef build(x)\nend\n"
       "== b.rb (late)\n# one line more, and another\ndef [[build]](x, y)\nend\n"},
  }));
  check_definition(c);
}

TEST_CASE("definition: without a store the buffers and the disk answer", "[navigation]") {
  MarkedWorkspace w("== a.py\nfrom b import run\n^run()\n== b.py\ndef [[run]]():\n    pass\n",
                    false);
  const auto places = w.navigator->definition(w.asked);
  REQUIRE(places);
  CHECK(MarkedWorkspace::spots(*places) == w.expected);
}

TEST_CASE("definition: a deleted file is no answer", "[navigation]") {
  MarkedWorkspace w("== a.rb\n^build(1)\n== b.rb\ndef build(x)\nend\n");
  std::filesystem::remove(w.root() / "b.rb");
  w.navigator->set_open({});
  const auto places = w.navigator->definition(w.asked);
  REQUIRE(places);
  CHECK(places->empty());
}

TEST_CASE("definition: bad questions have one clear answer", "[navigation]") {
  MarkedWorkspace w("== a.c\nint ^x;\n");
  const auto outside = w.navigator->definition({"a.c", 1000});
  REQUIRE_FALSE(outside);
  CHECK(outside.error().message == "the offset 1000 lies outside 'a.c', which has 7 bytes");
  const auto missing = w.navigator->definition({"b.c", 0});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::kNotFound);
  CHECK_FALSE(w.navigator->definition({"../../etc/passwd", 0}));
  std::stop_source stop;
  stop.request_stop();
  const auto cancelled = w.navigator->definition(w.asked, stop.get_token());
  REQUIRE_FALSE(cancelled);
  CHECK(cancelled.error().code == Errc::kCancelled);
}

TEST_CASE("declaration: what is declared apart from its definition", "[navigation]") {
  MarkedWorkspace w(
      "== a.h\nclass A { int [[f]](); };\n== a.cpp\n#include \"a.h\"\nint A::^f() { return 1; }\n");
  const auto places = w.navigator->declaration(w.asked);
  REQUIRE(places);
  CHECK(MarkedWorkspace::spots(*places) == w.expected);
  CHECK(places->front().role == "declaration");
}

}  // namespace engram
