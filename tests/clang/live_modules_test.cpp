// Imports of C++20 modules in an open file, as it is typed.
#include <algorithm>

#include "tests/clang/live_rig.h"

namespace engram {

namespace {

using Lines = std::vector<std::string>;

Lines errors_of(const LiveReply& reply) {
  CHECK(reply.failure.empty());
  Lines out;
  for (const UnitDiagnostic& d : reply.facts.diagnostics) {
    if (d.level >= DiagnosticLevel::kError) out.push_back(d.message);
  }
  return out;
}

// An open file that imports `shapes`, which lies in shapes.cppm.
struct Importer : LiveRig {
  Importer() {
    save("text.h", "#pragma once\nstruct Text { int size; };\n");
    save("shapes.cppm",
         "module;\n#include \"text.h\"\nexport module shapes;\n"
         "export struct Square { double side = 1; Text name; };\n"
         "export double area(const Square& square) { return square.side; }\n");
  }
  LiveRequest asked(LiveQuestion question) const {
    LiveRequest out = request(question);
    std::vector<std::string> arguments = out.arguments;
    arguments.back() = path("shapes.cppm");
    out.modules = {{"shapes", out.directory, arguments}};
    return out;
  }
  Lines errors() { return errors_of(ask(asked(LiveQuestion::kDiagnose))); }
};

}  // namespace

TEST_CASE("live: an import is followed, with and without inclusions before it",
          "[clang][modules]") {
  Importer rig;
  const std::string head =
      GENERATE("import shapes;\n", "#include \"text.h\"\nimport shapes;\n",
               "module;\n#include \"text.h\"\nexport module m;\nimport shapes;\n");
  INFO(head);
  rig.type(head + "double use(Square s) { return area(s) + s.name.size; }\n");
  CHECK(rig.errors() == Lines{});
  rig.type(head + "double use(Square s) { return area(s) + s.nothing; }\n");
  CHECK(rig.errors() == Lines{"no member named 'nothing' in 'Square'"});
  rig.type(head + "double use(Square s) { return area(s); }\n");
  CHECK(rig.errors() == Lines{});
}

TEST_CASE("live: an interface that changes is seen, saved or not", "[clang][modules]") {
  Importer rig;
  rig.type("#include \"text.h\"\nimport shapes;\ndouble use(Square s) { return s.side; }\n");
  CHECK(rig.errors() == Lines{});
  rig.save("shapes.cppm", "export module shapes;\nexport struct Square { double edge; };\n");
  CHECK(rig.errors() == Lines{"no member named 'side' in 'Square'"});
  rig.type("shapes.cppm", "export module shapes;\nexport struct Square { double side, x; };\n");
  CHECK(rig.errors() == Lines{});
}

TEST_CASE("live: names, signatures and sizes come over an import", "[clang][modules]") {
  Importer rig;
  const std::string text = "import shapes;\ndouble use(Square s) { return s.side + area(s); }\n";
  rig.type(text);
  LiveRequest names = rig.asked(LiveQuestion::kComplete);
  names.begin = static_cast<std::uint32_t>(text.find("side"));
  names.end = names.begin;
  const LiveReply completed = rig.ask(names);
  CHECK(std::ranges::any_of(completed.names, [](const LiveName& n) { return n.name == "side"; }));
  LiveRequest signatures = rig.asked(LiveQuestion::kSignatures);
  signatures.begin = signatures.end = static_cast<std::uint32_t>(text.find("area(") + 5);
  const LiveReply called = rig.ask(signatures);
  REQUIRE(called.signatures.size() == 1);
  CHECK(called.signatures[0].label == "area(const Square &square) -> double");
  LiveRequest details = rig.asked(LiveQuestion::kDescribe);
  details.begin = details.end = static_cast<std::uint32_t>(text.find("side"));
  const LiveReply described = rig.ask(details);
  CHECK(described.details.size == 64);
  CHECK(described.details.offset == 0);
}

TEST_CASE("live: what is wrong with an interface stands at its import", "[clang][modules]") {
  Importer rig;
  rig.save("shapes.cppm", "export module shapes;\nexport int fine();\nUnknown what();\n");
  const std::string text = "int x;\nimport shapes;\nint use() { return fine(); }\n";
  rig.type(text);
  const LiveReply reply = rig.ask(rig.asked(LiveQuestion::kDiagnose));
  CHECK(errors_of(reply) == Lines{});
  REQUIRE(reply.facts.diagnostics.size() == 1);
  const UnitDiagnostic& fault = reply.facts.diagnostics[0];
  CHECK(fault.message ==
        "the interface of module 'shapes' has errors: unknown type name 'Unknown'");
  CHECK(fault.file == 0);
  CHECK(text.substr(fault.begin, fault.end - fault.begin) == "shapes");
}

}  // namespace engram
