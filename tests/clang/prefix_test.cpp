// Units that begin with system headers read for all of them say what they would have said alone.
#include <signal.h>

#include <algorithm>

#include "indexer/semantic/header_claims.h"
#include "tests/clang/told_facts.h"
#include "tests/clang/worker_rig.h"

namespace engram {

namespace {

using Prefix = std::vector<std::vector<std::string>>;

// Everything a unit tells, by path and key rather than by number; views and the order of files are
// the unit's own.
std::vector<std::string> lines_of(const UnitFacts& facts) {
  std::vector<std::string> lines;
  const auto place = [&](std::uint32_t file, std::uint32_t begin, std::uint32_t end) {
    return (file == kNoNumber ? "-" : facts.files[file].path) + " " + std::to_string(begin) + "-" +
           std::to_string(end) + " ";
  };
  const auto symbol = [&](std::uint32_t number) {
    if (number == kNoNumber) return std::string("-");
    const UnitSymbol& s = facts.symbols[number];
    return s.qualified_name + "/" + s.signature + "/" + s.doc + "/" +
           std::to_string(s.key.bytes[0] * 256 + s.key.bytes[1]);
  };
  for (const UnitFile& f : facts.files) {
    lines.push_back("file " + f.path + f.content.hex() + (f.system ? " system" : ""));
  }
  for (const Occurrence& o : facts.occurrences) {
    lines.push_back(place(o.file, o.begin, o.end) + symbol(o.symbol) + " in " +
                    symbol(o.container) + " " + std::to_string(o.roles));
  }
  for (const SymbolLink& l : facts.links) {
    lines.push_back("link " + place(l.file, 0, 0) + symbol(l.from) + " " +
                    std::to_string(static_cast<int>(l.kind)) + " " + symbol(l.to));
  }
  for (const Inclusion& i : facts.inclusions) {
    lines.push_back("includes " + place(i.file, i.begin, i.end) + place(i.target, 0, 0));
  }
  for (const DefinitionExtent& e : facts.extents) {
    lines.push_back("extent " + place(e.file, e.begin, e.end) + symbol(e.symbol));
  }
  for (const InactiveRegion& r : facts.inactive) {
    lines.push_back("inactive " + place(r.file, r.begin, r.end));
  }
  for (const UnitDiagnostic& d : facts.diagnostics) {
    lines.push_back("says " + place(d.file, d.begin, d.end) + d.message);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

class Project {
 public:
  Project() {
    folder.write("system/text.h",
                 "#pragma once\n#include <size.h>\nnamespace lib {\n"
                 "template <class T> struct text;\ntemplate <class T> struct text { T t; };\n"
                 "int length(text<char>);\nvoid show(size, int);\n}\n#define TEXT_MAX 7\n");
    folder.write("system/size.h",
                 "#pragma once\nnamespace lib {\ntypedef unsigned size;\n"
                 "template <class U> struct text;\n}\n#ifdef WIDE\n#define SIZE 8\n#endif\n");
    folder.write("system/more.h",
                 "#pragma once\n#include <text.h>\nnamespace lib { void show(text<char>, long);\n"
                 "int abs(long); }\n#define MORE 1\n");
    folder.write("work/own.h",
                 "#pragma once\n#include <size.h>\ninline lib::size twice(lib::size n) "
                 "{ return n + n; }\n");
    worker_ = start();
  }

  std::unique_ptr<WorkerProcess> start() const {
    auto worker = WorkerProcess::start(worker_options(folder.path()));
    REQUIRE(worker);
    return std::move(*worker);
  }

  UnitRequest request(const std::string& file, const Prefix& prefix) const {
    UnitRequest request =
        unit_request(folder.path() / "work", file,
                     {"-nostdinc", "-isystem", (folder.path() / "system").string(), "-isystem",
                      (folder.path() / "work/system").string()});
    request.each_header_once = true;
    request.prefix = prefix;
    return request;
  }

  // What the unit tells is the same; whether the prefix was used.
  bool with(const std::string& file, const Prefix& prefix) {
    const UnitReply alone = *start()->ask(request(file, {}));
    const auto reply = worker_->ask(request(file, prefix));
    INFO(file << (reply ? "" : reply.error().message));
    REQUIRE(reply);
    CHECK(reply->failure == alone.failure);
    CHECK(lines_of(reply->facts) == lines_of(alone.facts));
    // The headers of a prefix were met before all others.
    const auto& files = reply->facts.files;
    return files.size() > 1 && !prefix.empty() &&
           files[1].path.ends_with("system/" + prefix.front().front());
  }

  TemporaryDirectory folder;

 private:
  std::unique_ptr<WorkerProcess> worker_;
};

const Prefix kText{{"text.h"}}, kTextAndMore{{"text.h"}, {"more.h"}};

}  // namespace

TEST_CASE("prefix: units with one tell what they tell without", "[clang]") {
  Project p;
  p.folder.write(
      "work/a.cpp",
      "// A.\n#include \"own.h\"\n#include <text.h>\n"
      "const int unused_a = 1;\nstatic int f() { return lib::length({}) + TEXT_MAX; }\n");
  p.folder.write("work/b.cpp",
                 "#include <text.h>\n#include \"own.h\"\n#include <more.h>\n"
                 "template <class T> void g(T t) { show(t, 1); lib::show(t, 2L); }\n"
                 "auto h() { lib::text<int> x{3}; return twice(x.t); }\n");
  p.folder.write("work/c.cpp", "#include <more.h>\nint c = lib::abs(MORE);\n");
  CHECK(p.with("a.cpp", kText));
  CHECK(p.with("b.cpp", kTextAndMore));
  CHECK(p.with("c.cpp", kTextAndMore));
  CHECK(p.with("a.cpp", kText));  // back on the first part
  CHECK(p.with("b.cpp", {{"text.h"}, {"size.h", "more.h"}}));
}

TEST_CASE("prefix: a unit that would notice is parsed without", "[clang]") {
  struct Case {
    const char* why;
    const char* text;
    Prefix prefix = kTextAndMore;
  };
  const Case cases[] = {
      {"a macro that is not there yet",
       "#include \"own.h\"\n#ifdef MORE\nint x;\n#endif\n#include <more.h>\n"},
      {"an overload that is not there yet",
       "#include \"own.h\"\nnamespace lib { int abs(int); }\nint x = lib::abs(1L);\n#include "
       "<more.h>\n"},
      {"a declaration of its own that comes first",
       "namespace lib { int length; }\n#include <more.h>\n"},
      {"a macro that the header would see", "#define WIDE\n#include <more.h>\nint x = SIZE;\n"},
      {"a name that the header uses", "#define length width\n#include <more.h>\n"},
      {"a count of what was read", "#include <more.h>\nint x = __COUNTER__;\n"},
      {"an error", "#include <more.h>\nconst int x = ;\n"},
      {"a header that is never asked for",
       "#include \"own.h\"\n#include <text.h>\nint x = TEXT_MAX;\n"},
      {"a header that is not there", "#include <text.h>\n", {{"absent.h"}}},
      {"a header of the workspace",
       "#include \"own.h\"\n#include \"system/here.h\"\n",
       {{"here.h"}}},
      {"a unit of a module",
       "module;\n#include \"own.h\"\n#include <text.h>\nexport module m;\nint x = TEXT_MAX;\n"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    Project p;  // what a worker learns of one case is not in the way of the next
    p.folder.write("work/a.cpp", c.text);
    p.folder.write("work/system/here.h", "int here;\n");
    CHECK_FALSE(p.with("a.cpp", c.prefix));
  }
}

TEST_CASE("prefix: a module among the units does not keep the others from one", "[clang]") {
  Project p;
  p.folder.write("work/m.cpp",
                 "module;\n#include \"own.h\"\n#include <text.h>\nexport module m;\nint x;\n");
  p.folder.write("work/a.cpp", "#include <text.h>\nint x = TEXT_MAX;\n");
  CHECK_FALSE(p.with("m.cpp", kText));
  CHECK(p.with("a.cpp", kText));
}

TEST_CASE("prefix: overloads that a template cannot know yet are not told", "[clang]") {
  Project p;
  p.folder.write("work/a.cpp",
                 "#include <text.h>\ntemplate <class T> void f(T t) { using namespace lib; "
                 "show(t, 1); }\n#include <more.h>\ntemplate <class T> void g(T t) "
                 "{ using namespace lib; show(t, 1); }\n");
  CHECK(p.with("a.cpp", kTextAndMore));
}

TEST_CASE("prefix: a macro's body does not name macros that are not there yet", "[clang]") {
  Project p;
  p.folder.write("work/a.cpp",
                 "#define EARLY (MORE + TEXT_MAX)\n#include <text.h>\n#define BETWEEN MORE + "
                 "TEXT_MAX\n#include <more.h>\n#define LATE MORE\nint a = EARLY + LATE;\n");
  CHECK(p.with("a.cpp", kTextAndMore));
}

TEST_CASE("prefix: names that cannot be in one are left out of it for good", "[clang]") {
  Project p;
  p.folder.write("work/a.cpp", "#include \"own.h\"\n#include <text.h>\nint a;\n");
  CHECK(p.with("a.cpp", {{"text.h", "absent.h"}}));
  CHECK_FALSE(p.with("a.cpp", kTextAndMore));  // more.h is never asked for
  CHECK(p.with("a.cpp", kTextAndMore));
}

TEST_CASE("prefix: an error strikes off the header it is in, not those behind", "[clang]") {
  Project p;
  p.folder.write("system/bad.h", "#pragma once\nint broken = ;\nint whole;\n");
  p.folder.write("work/a.cpp", "#include <more.h>\nint a;\n");
  const auto reply = p.start()->ask(p.request("a.cpp", {{"bad.h", "absent.h", "more.h"}}));
  REQUIRE(reply);
  CHECK(reply->facts.errors == 0);
  CHECK(reply->facts.files[1].path.ends_with("system/more.h"));
}

TEST_CASE("prefix: a unit that asks for hardly any header strikes none off", "[clang]") {
  Project p;
  p.folder.write("work/none.cpp", "int none;\n");
  p.folder.write("work/broken.cpp", "#include <text.h>\nint broken = ;\n");
  p.folder.write("work/a.cpp", "#include <more.h>\nint a;\n");
  const Prefix more{{"more.h", "text.h"}};
  CHECK_FALSE(p.with("none.cpp", more));
  CHECK_FALSE(p.with("broken.cpp", more));
  CHECK(p.with("a.cpp", more));
}

// As <cassert> does.
TEST_CASE("prefix: a macro that a header makes anew is put in place", "[clang]") {
  Project p;
  p.folder.write("system/say.h", "#undef SAY\n#define SAY(x) int x\n");
  p.folder.write("system/says.h", "#pragma once\n#include <say.h>\n");
  p.folder.write("system/mute.h", "#pragma once\n#undef SAY\nint mute;\n");
  const std::string own = "#include <say.h>\n#undef SAY\n#define SAY(x) long x\nSAY(before);\n";
  p.folder.write("work/a.cpp", own + "#include <mute.h>\n#include <says.h>\nSAY(behind);\n");
  p.folder.write("work/b.cpp", own + "#include <says.h>\n#include <mute.h>\nint SAY;\n");
  for (const char* file : {"a.cpp", "b.cpp"}) CHECK(p.with(file, {{"says.h", "mute.h"}}));
}

TEST_CASE("prefix: which declaration of a template is the first one tells nothing", "[clang]") {
  Project p;
  p.folder.write("system/a.h", "#pragma once\ntemplate <class A> int weigh(A a);\n");
  p.folder.write("system/b.h", "#pragma once\ntemplate <class B> int weigh(B b);\n");
  p.folder.write("work/a.cpp", "#include <b.h>\n#include <a.h>\nint x;\n");
  CHECK(p.with("a.cpp", {{"a.h", "b.h"}}));
}

namespace {

// Both headers define a name, unless the other did.
void write_rivals(const Project& p) {
  for (const std::string name : {"a", "b"}) {
    p.folder.write("system/" + name + ".h",
                   "#pragma once\n#include <part.h>\n"
                   "#ifndef MODE\ntypedef int mode;\n#define MODE 1\n"
                   "#endif\nint of_" +
                       name + "(mode);\n");
  }
  p.folder.write("system/part.h", "#ifdef NEVER\nint never;\n#endif\n");
  p.folder.write("work/a.cpp", "#include <a.h>\n#include <b.h>\nint x;\n");
  p.folder.write("work/b.cpp", "#include <b.h>\n#include <a.h>\nint x;\n");
  p.folder.write("work/c.cpp", "#include <b.h>\nint y;\n#include <a.h>\n");
  p.folder.write("work/d.cpp", "#include <b.h>\nint y = MODE;\n#include <a.h>\n");
}

}  // namespace

namespace {

// Units over a.h and b.h, one after the other through one worker; `in_prefix`: which of them had
// what was read for all. Together they tell what each tells alone, no less and no more.
void check_told_in_turn(const Project& p, const std::vector<std::string>& files,
                        const std::vector<bool>& in_prefix, const Prefix& prefix) {
  const auto worker = p.start();
  HeaderClaims claims;
  std::size_t sent = 0;
  ToldFacts together, alone;
  std::vector<bool> had;
  for (const std::string& file : files) {
    UnitRequest request = p.request(file, prefix);
    request.newly_held = claims.after(sent);
    sent += request.newly_held.size();
    const auto reply = worker->ask(request);
    REQUIRE(reply);
    CHECK(claims.cover(reply->facts));
    claims.take(HeaderClaims::told_by(reply->facts));
    had.push_back(reply->facts.files[1].path.ends_with("a.h"));
    together.add(reply->facts);
    alone.add(p.start()->ask(p.request(file, {}))->facts);
  }
  CHECK(had == in_prefix);
  CHECK(together.lost_of(alone) == "");
  CHECK(alone.lost_of(together) == "");
}

// The second reads them in another order, which the third then has from it.
void check_told_in_turn(const Project& p) {
  check_told_in_turn(p, {"a.cpp", "b.cpp", "c.cpp"}, {true, false, true}, {{"a.h", "b.h"}});
}

}  // namespace

TEST_CASE("prefix: headers that hang on their order are told as each order has them", "[clang]") {
  Project p;
  write_rivals(p);
  check_told_in_turn(p);
}

TEST_CASE("prefix: what no unit alone would read is told by none", "[clang]") {
  Project p;
  write_rivals(p);
  check_told_in_turn(p, {"b.cpp", "c.cpp"}, {false, true}, {{"a.h", "b.h"}});
}

TEST_CASE("prefix: a header that hangs on what another would define is told as it would be",
          "[clang]") {
  Project p;
  p.folder.write("system/a.h", "#pragma once\n#ifndef MODE\n#define MODE 1\n#endif\n");
  p.folder.write("system/b.h", "#pragma once\n#ifndef MODE\n#define MODE 2\n#endif\n");
  p.folder.write("system/z.h", "#pragma once\n#if MODE == 1\nint one;\n#else\nint two;\n#endif\n");
  for (const char* file : {"work/a.cpp", "work/b.cpp"}) {
    p.folder.write(file, "#include <b.h>\n#include <a.h>\n#include <z.h>\nint x;\n");
  }
  check_told_in_turn(p, {"a.cpp", "b.cpp"}, {false, true}, {{"a.h", "b.h", "z.h"}});
}

TEST_CASE("prefix: a macro that a header defines whatever it was before is no difference",
          "[clang]") {
  Project p;
  p.folder.write("system/a.h", "#pragma once\n#define SAME 1\nint a;\n");
  p.folder.write("system/b.h", "#pragma once\n#define SAME 1\nint b;\n");
  p.folder.write("work/a.cpp", "#include <b.h>\n#include <a.h>\nint x = SAME;\n");
  CHECK(p.with("a.cpp", {{"a.h"}}));
}

TEST_CASE("prefix: a header whose guard another asks about is read where it would be", "[clang]") {
  Project p;
  p.folder.write("system/part.h", "#ifndef PART\n#define PART\nint part;\n#endif\n");
  p.folder.write("system/a.h", "#pragma once\n#include <part.h>\n");
  p.folder.write("system/b.h", "#pragma once\n#ifndef PART\n#include <part.h>\n#endif\nint b;\n");
  p.folder.write("work/a.cpp", "#include <a.h>\n#include <b.h>\nint x;\n");
  for (const char* file : {"work/b.cpp", "work/c.cpp"}) {
    p.folder.write(file, "#include <b.h>\n#include <a.h>\nint x;\n");
  }
  check_told_in_turn(p);
}

TEST_CASE("prefix: two headers that ask for each other's guards end", "[clang]") {
  Project p;
  p.folder.write("system/part.h", "#ifndef PART\n#include <x.h>\n#define PART\n#endif\n");
  p.folder.write("system/x.h", "#ifndef X\n#ifdef PART\nint in;\n#endif\n#define X\n#endif\n");
  p.folder.write("system/a.h", "#pragma once\n#define PART\n#include <x.h>\n#undef PART\n");
  p.folder.write("system/b.h", "#pragma once\n#include <part.h>\n");
  p.folder.write("work/a.cpp", "#include <b.h>\n#include <a.h>\nint y;\n");
  CHECK_FALSE(p.with("a.cpp", {{"a.h", "b.h"}}));
}

TEST_CASE("prefix: a unit's own text sees the macros that it would alone", "[clang]") {
  Project p;
  write_rivals(p);
  p.folder.write("work/e.cpp", "#include <b.h>\n#include <a.h>\nint x = MODE;\n");
  CHECK(p.with("a.cpp", {{"a.h", "b.h"}}));
  CHECK_FALSE(p.with("d.cpp", {{"a.h", "b.h"}}));
  CHECK_FALSE(p.with("e.cpp", {{"a.h", "b.h"}}));
}

TEST_CASE("prefix: another command begins anew", "[clang]") {
  Project p;
  p.folder.write("work/a.cpp", "#include <text.h>\n#ifdef SIZE\nint a = SIZE;\n#endif\n");
  p.folder.write("work/a.c", "int a;\n");
  CHECK(p.with("a.cpp", kText));
  const auto worker = p.start();
  for (const bool wide : {false, true, false}) {
    UnitRequest request = p.request("a.cpp", kText);
    if (wide) request.arguments.insert(request.arguments.end() - 1, "-DWIDE");
    const auto reply = worker->ask(request);
    REQUIRE(reply);
    CHECK(reply->facts.inactive.empty() == wide);
  }
  CHECK(worker->ask(p.request("a.c", {})));
}

TEST_CASE("prefix: a unit that crashes ends its worker, and a hostile pragma nothing", "[clang]") {
  Project p;
  p.folder.write("work/a.cpp", "#include <text.h>\nint a;\n#pragma clang __debug crash\n");
  p.folder.write("work/b.cpp", "#include <text.h>\n#pragma engram_prefix\nint b;\n");
  const auto worker = p.start();
  REQUIRE(worker->ask(p.request("b.cpp", kText)));
  const auto reply = worker->ask(p.request("a.cpp", kText));
  REQUIRE_FALSE(reply);
  CHECK(reply.error().message.find("crashed") != std::string::npos);
}

TEST_CASE("prefix: what a worker forked ends with it", "[clang]") {
  Project p;
  p.folder.write("work/a.cpp", "#include <text.h>\nint a;\n");
  pid_t group = 0;
  {
    const auto worker = p.start();
    REQUIRE(worker->ask(p.request("a.cpp", kTextAndMore)));
    group = worker->pid();
  }
  CHECK(::kill(-group, 0) == -1);  // nobody is left in it
}

}  // namespace engram
