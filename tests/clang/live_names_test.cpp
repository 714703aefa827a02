// Completions and signatures at a place of an open file.
#include <algorithm>

#include "tests/clang/live_rig.h"

namespace engram {

namespace {

std::vector<std::string> names(const LiveReply& reply) {
  std::vector<std::string> out;
  for (const LiveName& name : reply.names) out.push_back(name.name);
  return out;
}

const LiveName* find(const LiveReply& reply, const std::string& name) {
  const auto at = std::find_if(reply.names.begin(), reply.names.end(),
                               [&](const LiveName& n) { return n.name == name; });
  return at == reply.names.end() ? nullptr : &*at;
}

std::string written(const LiveName& name) {
  std::string out = name.qualifier + name.name;
  for (const LivePiece& piece : name.after) {
    out += piece.to_fill_in ? "<" + piece.text + ">" : piece.text;
  }
  return out;
}

constexpr const char* kBox =
    "// A box.\nstruct Box {\n  // Puts it in.\n  int put(int what, char how = 0) const;\n"
    "  int place;\n  static int count;\n  [[deprecated]] int old();\n};\n";

}  // namespace

TEST_CASE("live names: members, with what is written and what is said of them", "[clang]") {
  LiveRig rig;
  const LiveReply reply =
      rig.at_mark(LiveQuestion::kComplete, std::string(kBox) + "void f(Box b) { b.p^ }\n");
  CHECK(find(reply, "place") != nullptr);
  CHECK(reply.names.size() == 2);
  const LiveName* put = find(reply, "put");
  REQUIRE(put != nullptr);
  CHECK(written(*put) == "put(<int what>)");
  CHECK(put->remark == " const");
  CHECK(put->result == "int");
  CHECK(put->kind == SymbolKind::kMethod);
  CHECK(put->doc == "Puts it in.");
  const LiveReply old =
      rig.at_mark(LiveQuestion::kComplete, std::string(kBox) + "void f(Box b) { b.old^ }\n");
  REQUIRE(find(old, "old") != nullptr);
  CHECK(find(old, "old")->deprecated);
}

TEST_CASE("live names: a dot where an arrow belongs brings the change along", "[clang]") {
  LiveRig rig;
  const std::string text = std::string(kBox) + "void f(Box* b) { b.pu^ }\n";
  const LiveReply reply = rig.at_mark(LiveQuestion::kComplete, text);
  const LiveName* put = find(reply, "put");
  REQUIRE(put != nullptr);
  REQUIRE(put->edits.size() == 1);
  CHECK(put->edits[0].text == "->");
  CHECK(rig.text().substr(put->edits[0].begin, 1) == ".");
}

TEST_CASE("live names: what fits the type and is near comes first", "[clang]") {
  LiveRig rig;
  rig.save("a.h", "int value_global; struct value_type {}; void value_nothing();\n");
  const LiveReply reply = rig.at_mark(LiveQuestion::kComplete,
                                      "#include \"a.h\"\nint on;\n#define VALUE_MACRO 1\n"
                                      "int f(int value_local) { return val^; }\n");
  CHECK(reply.new_preamble);
  const std::vector<std::string> found = names(reply);
  REQUIRE(found.size() >= 4);
  CHECK(found[0] == "value_local");
  CHECK(found[1] == "value_global");
  CHECK(std::find(found.begin(), found.end(), "VALUE_MACRO") != found.end());
  // Letters in order are a match, after those that begin so.
  const LiveReply loose =
      rig.at_mark(LiveQuestion::kComplete,
                  "#include \"a.h\"\nint on;\nint f(int value_local) { return vlc^; }\n");
  CHECK(names(loose) == std::vector<std::string>{"value_local"});
  CHECK_FALSE(loose.new_preamble);
}

TEST_CASE("live names: headers that an inclusion may name, whatever else the file says",
          "[clang]") {
  LiveRig rig("a.cpp", {"-nostdinc", "-Isub"});
  rig.save("sub/shape.h", "");
  rig.save("shared.h", "");
  rig.save("secret.txt", "");
  const LiveReply reply =
      rig.at_mark(LiveQuestion::kComplete, "#include \"gone.h\"\n#include \"sh^\nint broken(\n");
  const std::vector<std::string> found = names(reply);
  CHECK(found.size() == 2);
  for (const LiveName& name : reply.names) {
    CHECK(name.name.starts_with("sha"));
    CHECK(name.sort == LiveNameSort::kFile);
  }
}

TEST_CASE("live names: inside the preamble and at the end of the file", "[clang]") {
  LiveRig rig;
  rig.save("a.h", "int from_header;\n");
  CHECK(find(rig.at_mark(LiveQuestion::kComplete, "#include \"a.h\"\n#if FRO^\n#endif\n"),
             "from_header") == nullptr);
  CHECK(find(rig.at_mark(LiveQuestion::kComplete, "#include \"a.h\"\nint x = from_h^"),
             "from_header") != nullptr);
}

TEST_CASE("live names: the overloads of a call and where in it the cursor is", "[clang]") {
  LiveRig rig;
  const std::string head =
      "// Adds.\nint add(int a, int b = 2);\nint add(double);\ntemplate <class T> struct V { V(T "
      "t, "
      "int n); };\n";
  const LiveReply first = rig.at_mark(LiveQuestion::kSignatures, head + "int x = add(^);\n");
  REQUIRE(first.signatures.size() == 2);
  CHECK(first.active_parameter == 0);
  const LiveReply second =
      rig.at_mark(LiveQuestion::kSignatures, head + "int x = add(add(1.0), ^);\n");
  REQUIRE(!second.signatures.empty());
  const LiveSignature& active = second.signatures[second.active_signature];
  CHECK(active.label == "add(int a, int b = 2) -> int");
  CHECK(active.doc == "Adds.");
  CHECK(second.active_parameter == 1);
  REQUIRE(active.parameters.size() == 2);
  const auto b = active.parameters[1];
  CHECK(active.label.substr(b.begin, b.end - b.begin) == "int b = 2");
  CHECK(rig.at_mark(LiveQuestion::kSignatures, head + "V<int> v(1, ^\n").signatures.size() >= 1);
  CHECK(rig.at_mark(LiveQuestion::kSignatures, head + "int y = 1;^\n").signatures.empty());
}

TEST_CASE("live names: as many as wanted, and whether there are more", "[clang]") {
  LiveRig rig;
  std::string text;
  for (int i = 0; i < 300; ++i) text += "int name" + std::to_string(i) + ";\n";
  const LiveReply reply = rig.at_mark(LiveQuestion::kComplete, text + "int x = nam^;\n");
  CHECK(reply.names.size() == 200);
  CHECK(reply.more_names);
}

TEST_CASE("live names: what another header declares comes last, with its inclusion", "[clang]") {
  LiveRig rig;
  rig.save("shapes/box.h", "#pragma once\nnamespace lib::inner { struct BoxOfThings {}; }\n");
  rig.save("shapes/here.h", "#pragma once\nnamespace lib { struct BoxHere {}; }\n");
  const auto complete = [&](std::string marked) {
    const std::size_t at = marked.find('^');
    rig.type(marked.erase(at, 1));
    LiveRequest asked = rig.request(LiveQuestion::kComplete);
    asked.end = static_cast<std::uint32_t>(at);
    asked.begin = static_cast<std::uint32_t>(marked.rfind("Box", at));
    asked.candidates = {
        {"BoxOfThings", "lib::inner", SymbolKind::kStruct, rig.path("shapes/box.h")},
        {"BoxHere", "lib", SymbolKind::kStruct, rig.path("shapes/here.h")},
        {"BoxGone", "", SymbolKind::kStruct, rig.path("shapes/gone.h")},
        {"BOX_MAX", "", SymbolKind::kMacro, rig.path("shapes/box.h")}};
    return rig.ask(asked);
  };
  const std::string head = "#include \"shapes/here.h\"\n";
  const LiveReply inside = complete(head + "namespace lib { Box^ }\n");
  CHECK(names(inside) == std::vector<std::string>{"BoxHere", "BoxOfThings", "BOX_MAX"});
  const LiveName& offered = inside.names.at(1);
  CHECK(offered.header == "\"shapes/box.h\"");
  CHECK(written(offered) == "inner::BoxOfThings");
  REQUIRE(offered.edits.size() == 1);
  std::string text = rig.text();
  text.replace(offered.edits[0].begin, offered.edits[0].end - offered.edits[0].begin,
               offered.edits[0].text);
  CHECK(text.starts_with("#include \"shapes/box.h\"\n#include \"shapes/here.h\"\n"));
  CHECK(inside.names.at(2).sort == LiveNameSort::kMacro);
  CHECK(inside.names.at(0).header.empty());
  const LiveReply scoped = complete(head + "lib::inner::Box^\n");
  REQUIRE(find(scoped, "BoxOfThings") != nullptr);
  CHECK(written(*find(scoped, "BoxOfThings")) == "BoxOfThings");
  CHECK(find(scoped, "BOX_MAX") == nullptr);
  CHECK(find(complete(head + "other::Box^\n"), "BoxOfThings") == nullptr);
  CHECK(find(complete("struct S { int a; } s;\nint f() { return s.Box^; }\n"), "BoxOfThings") ==
        nullptr);
}

TEST_CASE("live names: the standard library's names bring their headers", "[clang]") {
  LiveRig rig("a.cpp", {"-nostdinc", "-std=c++20"});
  const LiveReply reply = rig.at_mark(LiveQuestion::kComplete, "int f() { unordered_m^ }\n");
  const LiveName* map = find(reply, "unordered_map");
  REQUIRE(map != nullptr);
  CHECK(map->header == "<unordered_map>");
  CHECK(written(*map) == "std::unordered_map");
  CHECK(map->edits.at(0).text == "#include <unordered_map>\n");
  CHECK(find(rig.at_mark(LiveQuestion::kComplete, "int f() { un^ }\n"), "unordered_map") ==
        nullptr);  // too short to say
  LiveRig c("a.c");
  const LiveReply of_c = c.at_mark(LiveQuestion::kComplete, "void f(void) { fprintf^ }\n");
  REQUIRE(find(of_c, "fprintf") != nullptr);
  CHECK(find(of_c, "fprintf")->header == "<stdio.h>");
}

}  // namespace engram
