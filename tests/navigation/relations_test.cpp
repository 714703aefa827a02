// Callers, subtypes and their like where only syntax answers.
#include "tests/navigation/marked_workspace.h"

namespace engram {

namespace {

void check(std::string_view marked, SymbolRelation relation) {
  MarkedWorkspace w(marked);
  INFO(marked);
  const auto found = w.navigator->related(w.asked, relation);
  REQUIRE(found);
  std::vector<FoundPlace> places;
  for (const RelatedSymbol& one : *found) {
    CHECK(one.place.certainty < Certainty::kSemantic);
    places.push_back(one.place);
  }
  CHECK(w.spots(places) == w.expected);
}

}  // namespace

TEST_CASE("relations by syntax: the functions around the calls", "[navigation]") {
  check(
      "== a.py\n"
      "def ^run():\n"
      "    pass\n"
      "== b.py\n"
      "from a import run\n"
      "def [[first]]():\n"
      "    run()\n"
      "    run()\n"
      "class C:\n"
      "    def [[second]](self):\n"
      "        return run()\n"
      "def third():\n"
      "    return run\n",
      SymbolRelation::kCallers);
}

TEST_CASE("relations by syntax: what a function calls", "[navigation]") {
  check(
      "== a.py\n"
      "def [[one]]():\n"
      "    pass\n"
      "def other():\n"
      "    pass\n"
      "def ^run():\n"
      "    one()\n"
      "    unknown()\n",
      SymbolRelation::kCallees);
}

TEST_CASE("relations by syntax: bases and derived types, near and far", "[navigation]") {
  constexpr const char* kBelow =
      "== base.py\n"
      "class ^Base:\n"
      "    def act(self): pass\n"
      "== mid.py\n"
      "from base import Base\n"
      "class [[Mid]](Base):\n"
      "    def act(self): pass\n";
  check(std::string(kBelow) + "class Low(Mid):\n    def act(self): pass\n",
        SymbolRelation::kSubtypes);
  check(std::string(kBelow) + "class [[Low]](Mid):\n    def act(self): pass\n",
        SymbolRelation::kImplementations);
  check(
      "== base.py\n"
      "class [[Base]]:\n"
      "    pass\n"
      "== mid.py\n"
      "from base import Base\n"
      "class ^Mid(Base):\n"
      "    pass\n",
      SymbolRelation::kSupertypes);
}

TEST_CASE("relations by syntax: methods of derived types of that name", "[navigation]") {
  check(
      "== shape.h\n"
      "struct Shape { virtual double ^area() = 0; };\n"
      "struct Square : Shape { double [[area]]() override { return 1; } };\n"
      "struct Tile : Square { double [[area]]() override { return 2; } double side(); };\n"
      "struct Other { double area(); };\n",
      SymbolRelation::kImplementations);
}

TEST_CASE("relations by syntax: the type that a declaration names", "[navigation]") {
  check(
      "== shape.h\n"
      "struct [[Shape]] { int side; };\n"
      "inline int use(const Shape& s) { return ^s.side; }\n",
      SymbolRelation::kType);
  check(
      "== shape.h\n"
      "struct [[Shape]] { int side; };\n"
      "struct Other {};\n"
      "Shape ^make(const Other& o);\n",
      SymbolRelation::kType);
}

}  // namespace engram
