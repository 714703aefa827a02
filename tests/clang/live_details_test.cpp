// Sizes, offsets, values and expansions at a place of an open file. The oracle for numbers is clang
// itself: it compiles them as static assertions under the same text.
#include <sys/wait.h>

#include <cstdio>

#include "tests/clang/live_rig.h"

namespace engram {

namespace {

LiveDetails details(LiveRig& rig, const std::string& marked) {
  return rig.at_mark(LiveQuestion::kDescribe, marked).details;
}

// Of the first `at` in the text, which begins with the name.
LiveDetails details_of(LiveRig& rig, const std::string& text, const std::string& at) {
  const std::size_t place = text.find(at);
  REQUIRE(place != std::string::npos);
  std::string marked = text;
  return details(rig, marked.insert(place, 1, '^'));
}

constexpr const char* kLayouts = R"(
struct Empty {};
struct Plain { char letter; double number; short tail; };
struct alignas(64) Wide { int lane[3]; };
struct Packed { char first; int odd; } __attribute__((packed));
struct Flags { unsigned low : 3, high : 7; int : 0; unsigned next : 5; };
struct Base { virtual ~Base(); long base_field; };
struct Derived : Base { [[no_unique_address]] Empty nothing; int own; };
struct Union { int kind; union { int number_in; struct { char c1; long deep; }; }; };
struct References { char c; Plain &plain; };
enum Small : unsigned char { kFirst, kSecond = 200, kThird };
enum class Big : long long { kMinus = -5, kHuge = 1LL << 40 };
template <class T> struct Box { char tag; T value; enum { kCount = sizeof(T) }; };
using Boxed = Box<Plain>;
typedef Plain &PlainReference;
const int kAnswer = 6 * 7;
constexpr double kHalf = 0.5;
constexpr bool kYes = !false;
static_assert(sizeof(Boxed) > 0);
int use(Union u, Box<long> long_box, Derived d) {
  return u./*A*/deep + long_box./*B*/value + d./*C*/base_field;
}
)";

bool compiles(const LiveRig& rig, const std::string& file, const std::string& options) {
  const std::string command = std::string(ENGRAM_TEST_CLANG) + " -fsyntax-only -nostdinc " +
                              options + " " + rig.path(file) + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string said;
  char part[4096];
  while (::fgets(part, sizeof part, pipe) != nullptr) said += part;
  UNSCOPED_INFO(said);
  return WEXITSTATUS(::pclose(pipe)) == 0;
}

}  // namespace

TEST_CASE("live details: sizes, offsets and values are what clang compiles", "[clang]") {
  struct Case {
    const char* at;    // the name, and enough behind it to be the first
    const char* size;  // constant expressions; nullptr: nothing may be said
    const char* alignment;
    const char* offset;  // in bytes
    const char* value;
  };
  const Case cases[] = {
      {"Empty {}", "sizeof(Empty)", "alignof(Empty)", nullptr, nullptr},
      {"Plain {", "sizeof(Plain)", "alignof(Plain)", nullptr, nullptr},
      {"number;", "sizeof(double)", "alignof(double)", "__builtin_offsetof(Plain, number)",
       nullptr},
      {"tail;", "sizeof(short)", "alignof(short)", "__builtin_offsetof(Plain, tail)", nullptr},
      {"Wide {", "sizeof(Wide)", "alignof(Wide)", nullptr, nullptr},
      {"lane[", "sizeof(int[3])", "alignof(int)", "__builtin_offsetof(Wide, lane)", nullptr},
      {"odd;", "sizeof(int)", "__alignof__(Packed::odd)", "__builtin_offsetof(Packed, odd)",
       nullptr},
      {"base_field;", "sizeof(long)", "alignof(long)", "__builtin_offsetof(Base, base_field)",
       nullptr},
      {"own;", "sizeof(int)", "alignof(int)", "__builtin_offsetof(Derived, own)", nullptr},
      {"number_in;", "sizeof(int)", "alignof(int)", "__builtin_offsetof(Union, number_in)",
       nullptr},
      {"deep + ", "sizeof(long)", "alignof(long)", "__builtin_offsetof(Union, deep)", nullptr},
      {"plain;", "sizeof(void *)", "alignof(void *)", "__builtin_offsetof(References, plain)",
       nullptr},
      {"Small :", "sizeof(Small)", "alignof(Small)", nullptr, nullptr},
      {"kSecond", nullptr, nullptr, nullptr, "kSecond"},
      {"kThird", nullptr, nullptr, nullptr, "kThird"},
      {"kMinus", nullptr, nullptr, nullptr, "(long long)Big::kMinus"},
      {"kHuge", nullptr, nullptr, nullptr, "(long long)Big::kHuge"},
      {"Box {", nullptr, nullptr, nullptr, nullptr},
      {"tag;", nullptr, nullptr, nullptr, nullptr},
      {"value;", nullptr, nullptr, nullptr, nullptr},
      {"kCount =", nullptr, nullptr, nullptr, nullptr},
      {"Boxed =", "sizeof(Boxed)", "alignof(Boxed)", nullptr, nullptr},
      {"PlainReference", "sizeof(PlainReference)", "alignof(PlainReference)", nullptr, nullptr},
      {"kAnswer", nullptr, nullptr, nullptr, "kAnswer"},
      {"value + d", "sizeof(long)", "alignof(long)", "__builtin_offsetof(Box<long>, value)",
       nullptr},
      {"base_field;\n}", "sizeof(long)", "alignof(long)", "__builtin_offsetof(Base, base_field)",
       nullptr},
  };
  LiveRig rig("a.cpp", {"-nostdinc", "-std=c++20"});
  std::string text = kLayouts;
  std::string checks;
  const auto add = [&](const Case& c, const char* expression, const std::string& told) {
    INFO(c.at);
    CHECK((expression != nullptr) == !told.empty());
    if (expression == nullptr || told.empty()) return;
    checks += std::string("static_assert((") + expression + ") == (" + told + "));\n";
  };
  const auto bytes = [](const std::optional<std::uint64_t>& bits) {
    return bits ? std::to_string(*bits) + " / 8" : std::string();
  };
  for (const Case& c : cases) {
    const LiveDetails said = details_of(rig, text, c.at);
    INFO(c.at);
    CHECK(rig.text().substr(said.begin, said.end - said.begin) ==
          std::string(c.at).substr(0, said.end - said.begin));
    add(c, c.size, bytes(said.size));
    add(c, c.alignment, bytes(said.alignment));
    add(c, c.offset, bytes(said.offset));
    add(c, c.value, said.value.substr(0, said.value.find(" (")));
  }
  rig.save("a.cpp", text + "#pragma clang diagnostic ignored \"-Winvalid-offsetof\"\n" + checks);
  CHECK(compiles(rig, "a.cpp", "-std=c++20"));
  rig.save("b.cpp", text + "static_assert(sizeof(Plain) == 23);\n");
  CHECK_FALSE(compiles(rig, "b.cpp", "-std=c++20"));
  CHECK(details_of(rig, text, "kHalf").value == "5.000000e-01");
  CHECK(details_of(rig, text, "kYes").value == "true");
  CHECK(details_of(rig, text, "kSecond").value == "200 (0xc8)");
}

TEST_CASE("live details: bit fields count in bits", "[clang]") {
  LiveRig rig("a.c");
  const std::string text =
      "struct Flags { unsigned low : 3, high : 7; int : 0; unsigned next : 5; };\n";
  const LiveDetails high = details_of(rig, text, "high");
  CHECK((high.offset == 3 && high.size == 7 && !high.alignment));
  const LiveDetails next = details_of(rig, text, "next");
  CHECK((next.offset == 32 && next.size == 5));
  CHECK(details_of(rig, "enum { kOne = 1 };\nstatic const unsigned kMask = kOne << 4;\n", "kMask")
            .value == "16 (0x10)");
}

TEST_CASE("live details: nothing is measured that is incomplete, faulty or not there", "[clang]") {
  LiveRig rig;
  const char* const cases[] = {
      "struct ^Later;\n",
      "struct Later *^p;\n",
      "struct Odd { Missing m; int ^x; };\n",
      "struct Later;\nusing ^L = Later;\n",
      "int ^f();\n",
      "volatile const int ^port = 3;\n",
      "const int ^n = missing();\n",
      "int main() { return 0 ^; }\n",
      "^",
      "int x;^",
      "^// a comment\n",
      "struct S { int a; ^",
  };
  for (const char* marked : cases) {
    INFO(marked);
    const LiveDetails said = details(rig, marked);
    CHECK_FALSE((said.size || said.offset || said.alignment));
    CHECK(said.value.empty());
  }
}

TEST_CASE("live details: what a macro comes to where it is used", "[clang]") {
  LiveRig rig;
  rig.save("m.h",
           "#pragma once\n#define TWICE(x) ((x) + (x))\n#define DEEP TWICE(3)\n#define NONE\n");
  const std::string head = "#include \"m.h\"\n";
  CHECK(details(rig, head + "int a = ^TWICE(4);\nint b = TWICE(5);\n").expansion == "((4) + (4))");
  CHECK(details(rig, head + "int f() {\n  return ^DEEP;\n}\n").expansion == "((3) + (3))");
  CHECK(details(rig, head + "NONE int a = TWICE(^DEEP);\n").expansion.empty());
  const LiveDetails none = details(rig, head + "^NONE int a;\n");
  CHECK((none.expansion.empty() && none.end > none.begin));
  std::string many =
      "#define M(x) x x x x x x x x x x\n#define N M(M(M(\"\xce\xb1\")))\nconst char *s = ^N;\n";
  const std::string cut = details(rig, many).expansion;
  CHECK((cut.ends_with("...") && cut.size() < 410));
}

TEST_CASE("live details: unsaved headers count, and heads are told", "[clang]") {
  LiveRig rig;
  rig.save("p.h", "#pragma once\nstruct P { int a; };\n");
  rig.type("p.h", "#pragma once\n// Two.\nstruct P { long pad; int a; };\n");
  const LiveDetails said = details(rig, "#include \"p.h\"\nint f(P p) { return p.^a; }\n");
  CHECK(said.head == "int a");
  CHECK(said.offset == 64);
  const LiveDetails type = details(rig, "#include \"p.h\"\n^P p;\n");
  CHECK((type.doc == "Two." && type.size == 128));
}

// Where a name begins, of every name in the text.
static std::vector<std::uint32_t> names_in(const std::string& text) {
  std::vector<std::uint32_t> begins;
  const auto in_name = [&](std::size_t at) {
    return std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_';
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_name(i) && (i == 0 || !in_name(i - 1))) begins.push_back(static_cast<std::uint32_t>(i));
  }
  return begins;
}

TEST_CASE("live details: what a diagnosis parsed says what a parse of its own would", "[clang]") {
  const std::string text = std::string("#include \"head.h\"\n") + kLayouts +
                           "#define ONE 1\n#define ADD(a, b) ((a) + (b) + ONE)\n"
                           "#ifdef ONE\nint sum(int left) { return ADD(left, kAnswer) + HEAD; }\n"
                           "#endif\n#include \"tail.h\"\n"
                           "template <class T> T twice(T t) { return t.x + t; }\n"
                           "auto made = [](Tail t) { return t.tail; };\n"
                           "Unknown broken(Plain p) { return p.number; }\n";
  LiveRig alone, kept;
  for (LiveRig* rig : {&alone, &kept}) {
    rig->save("head.h", "#define HEAD 7\nstruct Head { int head; };\n");
    rig->save("tail.h", "struct Tail { long tail; };\n");
    rig->type(text);
  }
  const auto described = [](LiveRig& rig, std::uint32_t at) {
    LiveRequest request = rig.request(LiveQuestion::kDescribe);
    request.begin = request.end = at;
    return rig.ask(request).details;
  };
  REQUIRE(kept.diagnose().failure.empty());
  std::size_t known = 0;
  for (const std::uint32_t at : names_in(text)) {
    INFO(text.substr(at, 30));
    const LiveDetails expected = described(alone, at);
    known += expected.begin < expected.end;
    for (int i = 0; i < 2; ++i) {  // what took a parse was kept, too
      LiveDetails said = described(kept, at);
      // A class that a part of the file, or nobody before, completes.
      if (!expected.size) said.size = said.alignment = std::nullopt;
      CHECK(said == expected);
    }
  }
  CHECK(known > 80);
  // Neither an edit nor another header is missed.
  const auto tail = static_cast<std::uint32_t>(text.rfind("tail;"));
  CHECK(described(kept, tail).size == 64);
  kept.save("tail.h", "struct Tail { char tail; }; // other\n");
  CHECK(described(kept, tail).size == 8);
  REQUIRE(kept.diagnose().failure.empty());
  CHECK(described(kept, tail).size == 8);
  kept.save("head.h", "#define HEAD 7\nstruct Head { int head; };\nusing Unknown = int;\n");
  const auto unknown = static_cast<std::uint32_t>(text.find("Unknown"));
  CHECK(described(kept, unknown).size == 32);
  kept.type("int " + text);
  CHECK(described(kept, unknown).begin == 0);
}

}  // namespace engram
