// Hierarchies over a real index: what Clang told of overriding, deriving, calling and types.
#include "tests/clang/indexed_workspace.h"

namespace engram {

namespace {

constexpr const char* kHeader =
    "#pragma once\n"
    "struct Shape { virtual ~Shape(); virtual double area() const = 0; };\n"
    "struct Square : Shape { double area() const override; };\n"
    "struct Tile : Square { double area() const override; int glaze; };\n"
    "template <class T> struct Box : Shape { T t; double area() const override { return 1; } };\n"
    "double measure(const Shape& s);\n"
    "using Slab = Tile;\n";
constexpr const char* kSource =
    "#include \"shape.h\"\n"
    "Shape::~Shape() = default;\n"
    "double Square::area() const { return 2; }\n"
    "double Tile::area() const { return Square::area(); }\n"
    "double measure(const Shape& s) { return s.area(); }\n";
constexpr const char* kMain =
    "#include \"shape.h\"\n"
    "struct Brick : Box<int> {};\n"
    "Tile make() { return Tile(); }\n"
    "double twice() { double one = measure(Tile()); return one + measure(Brick()); }\n"
    "double deep() { auto f = [] { return measure(make()); }; return f(); }\n"
    "double start = twice();\n"
    "int touch(Slab slab) { auto& same = slab; return same.glaze; }\n"
    "using my_auto = int;\n"
    "void more() { auto const firm = 1; my_auto plain = 2; (void)firm; (void)plain; }\n";

class Shapes : public IndexedWorkspace {
 public:
  Shapes()
      : IndexedWorkspace({{"shape.h", kHeader}, {"shape.cpp", kSource}, {"main.cpp", kMain}}) {}

  // "file:line name" of each in the order found, for calls "file:line name @ line line".
  std::vector<std::string> related(const CodePlace& at, SymbolRelation relation) {
    const auto found = navigator->related(at, relation);
    REQUIRE(found);
    return lines_of(*found);
  }

  static std::vector<std::string> lines_of(const std::vector<RelatedSymbol>& related) {
    std::vector<std::string> out;
    for (const RelatedSymbol& one : related) {
      REQUIRE(one.place.symbol);
      CHECK(one.place.certainty == Certainty::kSemantic);
      CHECK(one.place.key);
      std::string line =
          fmt::format("{}:{} {}", one.place.source->path,
                      one.place.source->lines.line_of(one.place.begin) + 1, one.place.symbol->name);
      if (!one.calls.empty()) line += " @";
      for (const FoundPlace& call : one.calls) {
        line += fmt::format(" {}", call.source->lines.line_of(call.begin) + 1);
      }
      out.push_back(line);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("relations: overrides and derived types, however far away", "[clang]") {
  Shapes w;
  const Lines areas{"shape.cpp:3 area", "shape.cpp:4 area", "shape.h:5 area"};
  CHECK(w.related(in("shape.cpp", kSource, "area();"), SymbolRelation::kImplementations) ==
        Lines{"shape.cpp:4 area"});  // Square::area, called by Tile's
  const auto called = in("shape.cpp", kSource, "area()", std::string_view(kSource).find("s.area"));
  CHECK(w.related(called, SymbolRelation::kImplementations) == areas);
  CHECK(w.related(in("shape.h", kHeader, "Shape {"), SymbolRelation::kImplementations) ==
        Lines{"main.cpp:2 Brick", "shape.h:3 Square", "shape.h:4 Tile", "shape.h:5 Box"});
}

TEST_CASE("relations: the steps of a type hierarchy", "[clang]") {
  Shapes w;
  const auto square = in("shape.h", kHeader, "Square :");
  CHECK(w.related(square, SymbolRelation::kSupertypes) == Lines{"shape.h:2 Shape"});
  CHECK(w.related(square, SymbolRelation::kSubtypes) == Lines{"shape.h:4 Tile"});
  CHECK(w.related(in("main.cpp", kMain, "Brick :"), SymbolRelation::kSupertypes) ==
        Lines{"shape.h:5 Box"});
  // It begins at a value, too.
  const auto root =
      w.navigator->related(in("main.cpp", kMain, "same.glaze"), SymbolRelation::kClass);
  REQUIRE(root);
  CHECK(w.lines_of(*root) == Lines{"shape.h:4 Tile"});
  const auto up =
      w.navigator->related_to(*root->front().place.key, "Tile", SymbolRelation::kSupertypes);
  REQUIRE(up);
  CHECK(w.lines_of(*up) == Lines{"shape.h:3 Square"});
}

TEST_CASE("relations: types of values and results", "[clang]") {
  Shapes w;
  CHECK(w.related(in("shape.cpp", kSource, "s)"), SymbolRelation::kType) ==
        Lines{"shape.h:2 Shape"});
  CHECK(w.related(in("main.cpp", kMain, "make()"), SymbolRelation::kType) ==
        Lines{"shape.h:4 Tile"});
  CHECK(w.related(in("main.cpp", kMain, "slab)"), SymbolRelation::kType) ==
        Lines{"shape.h:7 Slab"});
}

TEST_CASE("relations: calls belong to the named function around them", "[clang]") {
  Shapes w;
  const auto measure = in("shape.h", kHeader, "measure");
  CHECK(w.related(measure, SymbolRelation::kCallers) ==
        Lines{"main.cpp:4 twice @ 4 4", "main.cpp:5 deep @ 5"});
  CHECK(w.related(in("main.cpp", kMain, "twice"), SymbolRelation::kCallers) ==
        Lines{"main.cpp:6 start @ 6"});
  const auto deep = w.related(in("main.cpp", kMain, "deep"), SymbolRelation::kCallees);
  CHECK(std::count(deep.begin(), deep.end(), "shape.cpp:5 measure @ 5") == 1);
  CHECK(std::count(deep.begin(), deep.end(), "main.cpp:3 make @ 5") == 1);
  CHECK(w.related(in("main.cpp", kMain, "start"), SymbolRelation::kFunction).empty());
  // Nothing calls it, and nobody guesses.
  CHECK(w.related(in("main.cpp", kMain, "touch"), SymbolRelation::kCallers).empty());
}

TEST_CASE("names: what each is, and what the text leaves unsaid", "[clang]") {
  Shapes w;
  const auto tokens = w.navigator->tokens("main.cpp");
  REQUIRE(tokens);
  const auto kind_at = [&](std::string_view what) {
    const auto at = in("main.cpp", kMain, what).offset;
    for (const CodeToken& token : *tokens) {
      if (token.begin != at) continue;
      CHECK(token.certainty == Certainty::kSemantic);
      return token.kind;
    }
    return SymbolKind::kUnknown;
  };
  CHECK(kind_at("Brick :") == SymbolKind::kStruct);
  CHECK(kind_at("make()") == SymbolKind::kFunction);
  CHECK(kind_at("one =") == SymbolKind::kVariable);
  CHECK(kind_at("slab)") == SymbolKind::kParameter);
  CHECK(kind_at("Slab") == SymbolKind::kTypeAlias);
  CHECK(kind_at("glaze") == SymbolKind::kField);
  for (std::size_t i = 1; i < tokens->size(); ++i) {
    CHECK((*tokens)[i - 1].end <= (*tokens)[i].begin);
  }

  const auto hints = w.navigator->hints("main.cpp", 0, std::string_view(kMain).size());
  REQUIRE(hints);
  std::vector<std::string> said;
  for (const InlayHint& hint : *hints) {
    said.push_back(
        fmt::format("{} {}", std::string_view(kMain).substr(hint.offset, 6), hint.label));
  }
  CHECK(said ==
        Lines{"Tile() s:", "Brick( s:", "make() s:", " = sla : Slab &", " = 1;  : const int"});
}

}  // namespace engram
