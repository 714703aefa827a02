#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <tuple>

#include "core/process_costs.h"
#include "indexer/semantic/worker_pool.h"
#include "tests/clang/worker_rig.h"

namespace engram {

namespace {

std::vector<std::string> messages(const UnitFacts& facts) {
  std::vector<std::string> texts;
  for (const UnitDiagnostic& d : facts.diagnostics) texts.push_back(d.message);
  return texts;
}

const UnitSymbol* find_symbol(const UnitFacts& facts, const std::string& qualified_name) {
  const auto at = std::find_if(facts.symbols.begin(), facts.symbols.end(),
                               [&](const auto& s) { return s.qualified_name == qualified_name; });
  return at == facts.symbols.end() ? nullptr : &*at;
}

SymbolKey key_of(const UnitFacts& facts, const std::string& qualified_name) {
  const UnitSymbol* symbol = find_symbol(facts, qualified_name);
  INFO(qualified_name);
  REQUIRE(symbol != nullptr);
  return symbol->key;
}

}  // namespace

TEST_CASE("clang worker: equal sources give equal facts, whichever worker is asked", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp", "#include \"a.h\"\nint A::f() { return g<int>(x); }\n");
  folder.write("a.h", "template <class T> T g(T t);\nstruct A { int f(); int x; };\n");
  const UnitRequest request = unit_request(folder.path(), "a.cpp");
  const UnitReply first = parse(folder.path(), request);
  CHECK(first.facts.certainty == Certainty::kSemantic);
  CHECK(first == parse(folder.path(), request));
  const auto worker = WorkerProcess::start(worker_options(folder.path()));
  REQUIRE(worker);
  for (int i = 0; i < 2; ++i) {
    const auto again = (*worker)->ask(request);
    REQUIRE(again);
    CHECK(*again == first);
  }
}

TEST_CASE("clang worker: a file says which bytes were read of it", "[clang]") {
  TemporaryDirectory folder;
  const std::string header = "int declared();\n";
  folder.write("sub/a.h", header);
  folder.write("a.cpp", "#include \"sub/../sub/a.h\"\n#include \"sub/a.h\"\n");
  const UnitReply reply = parse(folder.path(), unit_request(folder.path(), "a.cpp"));
  REQUIRE(reply.facts.files.size() == 2);
  CHECK(reply.facts.files[0].path == (folder.path() / "a.cpp").string());
  CHECK(reply.facts.files[1].path == (folder.path() / "sub/a.h").string());
  CHECK(reply.facts.files[1].content == sha256(header));
  CHECK(reply.facts.files[1].size == header.size());
}

TEST_CASE("clang worker: unsaved text stands in for what is on disk", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp", "int on_disk;\n#include \"a.h\"\n");
  folder.write("a.h", "int header_on_disk;\n");
  UnitRequest request = unit_request(folder.path(), "a.cpp");
  request.unsaved = {
      {(folder.path() / "a.h").string(), "int header_unsaved;\n"},
      {(folder.path() / "new.h").string(), "int only_unsaved;\n"},
      {(folder.path() / "a.cpp").string(), "int unsaved;\n#include \"a.h\"\n#include \"new.h\"\n"}};
  const UnitReply reply = parse(folder.path(), request);
  CHECK(find_symbol(reply.facts, "unsaved") != nullptr);
  CHECK(find_symbol(reply.facts, "header_unsaved") != nullptr);
  CHECK(find_symbol(reply.facts, "only_unsaved") != nullptr);
  CHECK(find_symbol(reply.facts, "on_disk") == nullptr);
  CHECK(find_symbol(reply.facts, "header_on_disk") == nullptr);
}

TEST_CASE("clang worker: one entity has one key in every unit, and two files' own have two",
          "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.h",
               "#define SHARED 1\nstruct S { int member; };\nstatic int in_header() { return 1; }\n"
               "template <class T> struct Box { T get(); };\ntypedef int number;\n");
  const char* const source =
      "#include \"a.h\"\n#define OWN 1\nstatic int mine() { return 1; }\n"
      "namespace { int hidden; }\nint shared(S s, number n) { int local = n; return s.member + "
      "local + hidden + mine() + in_header() + Box<int>().get(); }\n";
  folder.write("x/f.cpp", source);
  folder.write("y/f.cpp", source);
  folder.write("x/f.c", "struct node { int v; };\nint c_shared(struct node *n) { return n->v; }\n");
  folder.write("y/f.c", "struct node { int v; };\nint c_shared(struct node *n) { return n->v; }\n");
  const auto both = [&](const std::string& name, const std::vector<std::string>& shared,
                        const std::vector<std::string>& own) {
    const std::vector<std::string> more{"-nostdinc", "-I" + folder.path().string()};
    const auto x = parse(folder.path(), unit_request(folder.path(), "x/" + name, more));
    const auto y = parse(folder.path(), unit_request(folder.path(), "y/" + name, more));
    for (const std::string& s : shared) {
      INFO(s);
      CHECK(key_of(x.facts, s) == key_of(y.facts, s));
    }
    for (const std::string& s : own) {
      INFO(s);
      CHECK(key_of(x.facts, s) != key_of(y.facts, s));
    }
  };
  both("f.cpp", {"shared", "S", "S::member", "in_header", "Box", "Box::get", "number", "SHARED"},
       {"mine", "hidden", "OWN", "local"});
  both("f.c", {"c_shared"}, {"node", "node::v"});
}

TEST_CASE("clang worker: functions that differ in their name or condition alone have two keys",
          "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp",
               "template <bool, class T = void> struct when { typedef T type; };\n"
               "template <class T> struct is { static const bool value = true; };\n"
               "template <class T, typename when<is<T>::value>::type* = nullptr> bool one(T);\n"
               "template <class T, typename when<is<T>::value>::type* = nullptr> bool two(T);\n"
               "template <class T, typename when<!is<T>::value>::type* = nullptr> bool two(T);\n"
               "template <class T, class = void> struct X;\n"
               "template <class T> struct X<T, typename when<is<T>::value>::type> {\n"
               "  int a();\n  int b();\n};\n");
  const UnitFacts facts = parse(folder.path(), unit_request(folder.path(), "a.cpp")).facts;
  std::multiset<std::string> functions;
  for (const UnitSymbol& symbol : facts.symbols) {
    if (symbol.kind == SymbolKind::kFunction || symbol.kind == SymbolKind::kMethod) {
      functions.insert(symbol.name);
    }
  }
  CHECK(functions == std::multiset<std::string>{"a", "b", "one", "two", "two"});
}

TEST_CASE("clang worker: keys do not change when the workspace moves", "[clang]") {
  SymbolKey keys[2];
  for (SymbolKey& key : keys) {
    TemporaryDirectory folder;
    folder.write("a.cpp", "static int mine;\n");
    key = key_of(parse(folder.path(), unit_request(folder.path(), "a.cpp")).facts, "mine");
  }
  CHECK(keys[0] == keys[1]);
}

TEST_CASE("clang worker: a broken unit keeps its facts and says it is broken", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp",
               "#include \"missing.h\"\nint sound() { return 1 }\n"
               "template <class T> T id(T t) { return t; }\nint late = id(sound());\n");
  const UnitReply reply = parse(folder.path(), unit_request(folder.path(), "a.cpp"));
  CHECK(reply.facts.certainty == Certainty::kInferred);
  CHECK(reply.facts.errors == 2);
  CHECK(find_symbol(reply.facts, "late") != nullptr);
  REQUIRE(reply.facts.diagnostics.size() == 2);
  CHECK(reply.facts.diagnostics[0].message == "'missing.h' file not found");
  REQUIRE(reply.facts.diagnostics[1].fixes.size() == 1);
  CHECK(reply.facts.diagnostics[1].fixes[0].text == ";");
  UnitRequest borrowed = unit_request(folder.path(), "a.cpp");
  borrowed.best_certainty = Certainty::kSyntactic;
  CHECK(parse(folder.path(), borrowed).facts.certainty == Certainty::kSyntactic);
}

TEST_CASE("clang worker: units of modules are read, whatever they import", "[clang]") {
  const TemporaryDirectory folder;
  for (const std::string head :
       {"module;\n", "module;\nexport module a;\n", "export module a;\n", "export module a:part;\n",
        "module a;\n", "module a:part;\n", "export module a;\nmodule :private;\n",
        "export module a;\nexport import b;\n", "export module a;\nimport :part;\n",
        "export module a;\nimport \"a.h\";\n", "import b;\n", "int module;\nmodule m;\n",
        "export  module\n a [[x]];\n", "export module a\n"}) {
    INFO(head);
    folder.write("a.cpp", head + "int after() { return 1; }\n");
    const UnitReply reply = parse(folder.path(), unit_request(folder.path(), "a.cpp"));
    CHECK(reply.failure.empty());
    CHECK(std::ranges::any_of(reply.facts.symbols,
                              [](const UnitSymbol& s) { return s.name == "after"; }));
  }
}

TEST_CASE("clang worker: there is a line for what cannot be parsed at all", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp", "int a;\n");
  const auto failure = [&](const UnitRequest& request) {
    return parse(folder.path(), request).failure;
  };
  UnitRequest request = unit_request(folder.path(), "gone.cpp");
  CHECK(failure(request) ==
        "error reading '" + (folder.path() / "gone.cpp").string() + "': No such file or directory");
  request.arguments = {};
  CHECK(failure(request) == "no input files");
  request = unit_request(folder.path(), "a.cpp");
  request.directory = "/nowhere/at/all";
  CHECK(failure(request) == "there is no folder /nowhere/at/all");
}

TEST_CASE("clang worker: skipped bodies leave declarations whole", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp", "int g(); int f() { int inner = g(); return inner; }\n");
  UnitRequest request = unit_request(folder.path(), "a.cpp");
  request.skip_bodies = true;
  const UnitReply reply = parse(folder.path(), request);
  CHECK(reply.facts.bodies_skipped);
  CHECK(find_symbol(reply.facts, "f") != nullptr);
  CHECK(find_symbol(reply.facts, "inner") == nullptr);
}

TEST_CASE("clang worker: the system's headers are found and told as asked", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp",
               "#include <stddef.h>\n#include <vector>\n"
               "size_t n = std::vector<int>().size();\n");
  UnitRequest request = unit_request(folder.path(), "a.cpp", {});
  std::size_t occurrences[3];
  for (const auto how :
       {SystemHeaders::kNothing, SystemHeaders::kDeclarations, SystemHeaders::kAll}) {
    request.system_headers = how;
    const UnitReply reply = parse(folder.path(), request);
    CHECK(messages(reply.facts) == std::vector<std::string>{});
    occurrences[static_cast<std::size_t>(how)] = reply.facts.occurrences.size();
    CHECK(find_symbol(reply.facts, "std::vector::size") != nullptr);
  }
  CHECK(occurrences[0] < 20);
  CHECK(occurrences[1] > 1000);
  CHECK(occurrences[2] > 2 * occurrences[1]);
}

TEST_CASE("clang worker: leaving out the bodies of system headers changes nothing in the workspace",
          "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp",
               "#include <algorithm>\n#include <functional>\n#include <map>\n#include <memory>\n"
               "#include <string>\n"
               "struct P { int x; friend auto operator<=>(const P&, const P&) = default; };\n"
               "constexpr int small = std::min(1, 2);\nstatic_assert(small == 1);\n"
               "int f(const std::map<std::string, P>& m) {\n"
               "  auto p = std::make_unique<P>(P{std::max(1, small)});\n"
               "  std::function<int(int)> g = [&](int i) { return i + p->x; };\n"
               "  for (const auto& [k, v] : m) p->x += g(v.x) + static_cast<int>(k.size());\n"
               "  return std::find_if(m.begin(), m.end(), [](auto& e) { return e.second.x; })"
               "->second.x;\n}\n");
  UnitRequest request = unit_request(folder.path(), "a.cpp", {});
  const auto in_main_file = [&](SystemHeaders how) {
    request.system_headers = how;
    const UnitReply reply = parse(folder.path(), request);
    CHECK(messages(reply.facts) == std::vector<std::string>{});
    std::vector<std::tuple<std::uint32_t, std::uint32_t, SymbolKey, std::uint16_t>> found;
    for (const Occurrence& o : reply.facts.occurrences) {
      if (o.file != 0) continue;
      found.emplace_back(o.begin, o.end, reply.facts.symbols[o.symbol].key, o.roles);
    }
    return found;
  };
  const auto whole = in_main_file(SystemHeaders::kAll);
  CHECK(whole.size() > 50);
  CHECK(in_main_file(SystemHeaders::kDeclarations) == whole);
  CHECK(in_main_file(SystemHeaders::kNothing) == whole);
}

// --- hostile repositories -----------------------------------------------------------------------

TEST_CASE("clang worker: nothing outside the allowed folders is read or even seen", "[clang]") {
  TemporaryDirectory folder, outside;
  outside.write("secret.h", "int secret;\n");
  const std::string secret = (outside.path() / "secret.h").string();
  std::filesystem::create_symlink(secret, folder.path() / "link.h");
  std::filesystem::create_directory_symlink(outside.path(), folder.path() / "linked");
  const std::string up = std::string("/..") + "/.." + "/.." + "/.." + "/..";
  for (const std::string& name :
       {std::string("/etc/passwd"), secret, std::string("link.h"), std::string("linked/secret.h"),
        folder.path().string() + up + secret, std::string("/proc/self/environ"),
        std::string("/dev/zero"), std::string("/dev/stdin")}) {
    INFO(name);
    folder.write("a.cpp", "#if __has_include(\"" + name + "\")\nint seen;\n#endif\n#include \"" +
                              name + "\"\n");
    const UnitReply reply = parse(folder.path(), unit_request(folder.path(), "a.cpp"));
    CHECK(find_symbol(reply.facts, "seen") == nullptr);
    CHECK(find_symbol(reply.facts, "secret") == nullptr);
    CHECK(reply.facts.errors == 1);
    REQUIRE(!reply.facts.diagnostics.empty());
    CHECK(reply.facts.diagnostics[0].message == "'" + name + "' file not found");
  }
  folder.write("a.cpp", "#include \"link.h\"\n");
  const UnitReply reply = parse(folder.path(), unit_request(folder.path(), "a.cpp"));
  CHECK(reply.facts.diagnostics.back().message ==
        std::filesystem::canonical(secret).string() +
            " was not read: it lies outside the folders Clang may read");
}

TEST_CASE("clang worker: embedding and assembling read nothing either", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.c",
               "const char bytes[] = {\n#embed \"/etc/passwd\"\n};\n"
               "__asm__(\".incbin \\\"/etc/passwd\\\"\");\n");
  const UnitReply reply =
      parse(folder.path(), unit_request(folder.path(), "a.c", {"-nostdinc", "-std=c23"}));
  CHECK(messages(reply.facts)[0] == "'/etc/passwd' file not found");
  for (const UnitFile& file : reply.facts.files) CHECK(file.path != "/etc/passwd");
}

TEST_CASE("clang worker: a pipe for a header does not hang the parse", "[clang]") {
  TemporaryDirectory folder;
  REQUIRE(::mkfifo((folder.path() / "pipe.h").c_str(), 0600) == 0);
  folder.write("a.cpp", "#include \"pipe.h\"\nint after;\n");
  const UnitReply reply = parse(folder.path(), unit_request(folder.path(), "a.cpp"));
  CHECK(find_symbol(reply.facts, "after") != nullptr);
  CHECK(reply.facts.errors == 1);
}

TEST_CASE("clang worker: arguments that write, load or run something do nothing", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp", "int a;\n");
  const std::string out = (folder.path() / "out").string();
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{"-c", "-o", out},
                                             {"-MD", "-MF", out},
                                             {"--serialize-diagnostics", out},
                                             {"-Xclang", "-load", "-Xclang", out + ".so"},
                                             {"-fplugin=" + out + ".so"},
                                             {"-fpass-plugin=" + out + ".so"},
                                             {"-emit-ast", "-o", out},
                                             {"-fmodules", "-fmodules-cache-path=" + out},
                                             {"-ftime-trace=" + out},
                                             {"-save-temps"},
                                             {"-ivfsoverlay", out + ".yaml"}}) {
    INFO(more.front());
    const auto worker = WorkerProcess::start(worker_options(folder.path()));
    REQUIRE(worker);
    const auto reply = (*worker)->ask(unit_request(folder.path(), "a.cpp", more));
    CHECK(reply);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  }
}

TEST_CASE("clang worker: cyclic inclusion ends with a message", "[clang]") {
  TemporaryDirectory folder;
  folder.write("a.cpp", "#include \"a.h\"\nint after;\n");
  folder.write("a.h", "#include \"b.h\"\nint in_a;\n");
  folder.write("b.h", "#include \"a.h\"\n");
  const UnitReply reply = parse(folder.path(), unit_request(folder.path(), "a.cpp"));
  CHECK(reply.facts.errors > 0);
  CHECK(messages(reply.facts)[0] == "#include nested too deeply");
  CHECK(find_symbol(reply.facts, "in_a") != nullptr);
}

// Doubles for every level: no time limit of Clang's own stops it.
static constexpr const char* kEndless =
    "template <int N, class T> struct D { D<N - 1, D<N, T*>> a; D<N - 1, D<N, T&>> b; };\n"
    "template <class T> struct D<0, T> {};\nD<40, int> d;\n";

// Of the processes of `group` that live, as the kernel tells it.
static double seconds_of_group(pid_t group) {
  double ticks = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream in(entry.path() / "stat");
    std::string line;
    if (!std::getline(in, line)) continue;
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string state;
    pid_t parent = 0, its_group = 0;
    fields >> state >> parent >> its_group;
    if (its_group != group) continue;
    std::string skipped;
    for (int i = 0; i < 8; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    ticks += user + system;
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

TEST_CASE("clang worker: what a unit that is given up has cost is known", "[clang]") {
  TemporaryDirectory folder;
  folder.write("hang.cpp", kEndless);
  const double before = children_processor_seconds();
  const auto worker = WorkerProcess::start(worker_options(folder.path()));
  REQUIRE(worker);
  std::stop_source stop;
  double cost = 0;
  std::thread watching([&, group = (*worker)->pid()] {
    while (cost < 0.3) cost = seconds_of_group(group);
    stop.request_stop();
  });
  const auto reply = (*worker)->ask(unit_request(folder.path(), "hang.cpp"), stop.get_token());
  watching.join();
  REQUIRE_FALSE(reply);
  CHECK(reply.error().code == Errc::kCancelled);
  CHECK(children_processor_seconds() - before >= 0.29);
}

TEST_CASE("clang worker: code that crashes, hangs or bloats Clang is quarantined, others live on",
          "[clang]") {
  TemporaryDirectory folder;
  folder.write("good.cpp", "int good() { return 1; }\n");
  folder.write("crash.cpp", "#pragma clang __debug crash\n");
  folder.write("hang.cpp", kEndless);
  WorkerOptions options = worker_options(folder.path());
  options.reply_time = std::chrono::seconds(120);
  std::vector<std::string> ends(4);
  WorkerPool pool(options, 1);
  const char* const names[] = {"crash.cpp", "good.cpp", "hang.cpp", "good.cpp"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    UnitRequest request = unit_request(folder.path(), names[i]);
    request.cpu_seconds = 1;
    REQUIRE(pool.submit(request, [&ends, i](const UnitOutcome& o) {
      ends[i] = std::string(to_string(o.end)) + ": " + o.reason;
    }));
  }
  pool.wait_idle();
  CHECK(ends[0].starts_with("quarantined: engram-clang-worker crashed"));
  CHECK(ends[1] == "indexed: ");
  CHECK(ends[2] == "quarantined: it took more processor time than allowed");
  CHECK(ends[3] == "indexed: ");
}

}  // namespace engram
