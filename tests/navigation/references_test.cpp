// References, highlights, hover, workspace symbols, structure.
#include <algorithm>

#include "assist/navigation/document_outline.h"
#include "assist/navigation/document_structure.h"
#include "assist/navigation/module_files.h"
#include "tests/navigation/marked_workspace.h"

namespace engram {

TEST_CASE("references: every use at [[ ]], and no other", "[navigation]") {
  struct Case {
    const char* why;
    const char* files;
  };
  const auto c = GENERATE(values<Case>({
      {"a local stays in its scope",
       "== a.c\nint f(int [[n]]) { return [[^n]] + [[n]]; }\nint g(int n) { return n; }\n"
       "== b.c\nint n;\n"},
      {"a function, in other files too",
       "== a.c\nint [[f]](void) { return 1; }\nint g(void) { return [[^f]](); }\n"
       "== b.c\nint [[f]](void);\nint h(void) { int x = [[f]](); return x; }\n"
       "== c.c\nint k(int f) { return f; }\n== d.py\nf()\n"},
      {"a member is not a local of its name",
       "== a.py\nclass A:\n    def [[run]](self):\n        self.[[^run]]()\n\ndef go(run):\n    "
       "run()\n"},
      {"asked where it is defined",
       "== a.go\npackage p\n\nfunc [[^F]]() {}\n\nfunc g() { [[F]]() }\n"},
      {"in a buffer and in a changed file",
       "== a.rb\ndef [[^build]](x)\nend\n== b.rb\nbuild(1)\n== b.rb (open)\n\n[[build]](1)\n"
       "== c.rb\nbuild(2)\n== c.rb (late)\n\n\n[[build]](2, 3)\n"},
  }));
  INFO(c.why << "\n" << c.files);
  MarkedWorkspace w(c.files);
  const auto places = w.navigator->references(w.asked, {});
  REQUIRE(places);
  CHECK(MarkedWorkspace::spots(*places) == w.expected);
}

TEST_CASE("references: positions in a changed file of UTF-16 count in its UTF-8", "[navigation]") {
  MarkedWorkspace w("== a.c\nint ^f(void) { return 1; }\n== b.c\nint g(void) { return f(); }\n");
  const std::string text = "\n/* new */ int g(void) { return f(); }\n";
  std::string utf16 = "\xff\xfe";
  for (const char c : text) (utf16 += c) += '\0';
  w.directory.write("w/b.c", utf16);
  const auto places = w.navigator->references(w.asked, {.include_declaration = false});
  REQUIRE(places);
  CHECK(MarkedWorkspace::spots(*places) ==
        std::vector<std::string>{"b.c:" + std::to_string(text.find("f()"))});
}

TEST_CASE("references: inside the file syntactic, across files textual", "[navigation]") {
  MarkedWorkspace w(
      "== a.c\nint ^f(void) { return 1; }\nint g(void) { return f(); }\n"
      "== b.c\nint h(void) { return f(); }\n");
  const auto places = w.navigator->references(w.asked, {.include_declaration = false});
  REQUIRE(places);
  REQUIRE(places->size() == 2);
  CHECK(places->at(0).certainty == Certainty::kSyntactic);
  CHECK(places->at(0).role == "call");
  CHECK(places->at(1).certainty == Certainty::kTextual);
  const auto limited = w.navigator->references(w.asked, {.limit = 1});
  REQUIRE(limited);
  CHECK(limited->size() == 1);
}

TEST_CASE("highlights: the same thing in the same file", "[navigation]") {
  MarkedWorkspace w(
      "== a.js\nlet x = 1;\nfunction f([[x]]) { [[^x]] = 2; return [[x]]; }\nx++;\n"
      "== b.js\nlet x;\n");
  const auto places = w.navigator->highlights(w.asked);
  REQUIRE(places);
  CHECK(MarkedWorkspace::spots(*places) == w.expected);
  CHECK(std::count_if(places->begin(), places->end(),
                      [](const FoundPlace& p) { return p.role == "write"; }) == 1);
}

TEST_CASE("hover: head, comment, place and certainty of what a name stands for", "[navigation]") {
  MarkedWorkspace w(
      "== a.py\nfrom b import Shape\nprint(^Shape)\n"
      "== b.py\nclass Shape(Base):\n    \"\"\"A closed figure.\"\"\"\n");
  const auto hover = w.navigator->hover(w.asked);
  REQUIRE(hover);
  REQUIRE(*hover);
  REQUIRE((*hover)->place.symbol);
  CHECK((*hover)->place.symbol->signature == "class Shape(Base)");
  CHECK((*hover)->place.symbol->doc == "A closed figure.");
  CHECK((*hover)->place.source->path == "b.py");
  CHECK((*hover)->place.certainty == Certainty::kSyntactic);
  CHECK((*hover)->qualified_name == "Shape");
  CHECK((*hover)->begin == w.asked.offset);
  const auto nothing = w.navigator->hover({"a.py", 0});
  REQUIRE(nothing);
  CHECK_FALSE(*nothing);
}

TEST_CASE("workspace symbols: ranked, filtered by container, buffers included", "[navigation]") {
  MarkedWorkspace w(
      "== a.cpp\nstruct Circle { void draw() {} };\nstruct Square { void draw() {} };\n"
      "void draw_all() {}\n"
      "== b.cpp\nvoid draw() {}\n== b.cpp (open)\nvoid redraw() {}\n");
  const auto all = w.navigator->workspace_symbols("draw", 10);
  REQUIRE(all);
  std::vector<std::string> names;
  for (const FoundSymbol& s : *all)
    names.push_back(s.hit.symbol.container + "/" + s.hit.symbol.name);
  CHECK(names == std::vector<std::string>{"Circle/draw", "Square/draw", "/draw_all", "/redraw"});
  const auto one = w.navigator->workspace_symbols("Circle::draw", 10);
  REQUIRE(one);
  REQUIRE(one->size() == 1);
  CHECK(one->front().hit.symbol.container == "Circle");
  CHECK(w.navigator->workspace_symbols("", 10)->empty());
  CHECK(w.navigator->workspace_symbols("draw", 1)->size() == 1);
}

TEST_CASE("document structure: outline, folds, selections, links, the other file", "[navigation]") {
  MarkedWorkspace w(
      "== src/a.cpp\n#include \"a.h\"\n#include <vector>\n#include \"b.h\"\n\n// One\n// two\n"
      "namespace n {\nint f(int x) {\n  if (x) {\n    return ^x;\n  }\n  return 0;\n}\n}\n"
      "== src/a.h\nint f(int);\n== include/b.h\nint g;\n");
  SourceTexts& texts = w.navigator->texts();
  const SourceSnapshot source = texts.find("src/a.cpp");
  const NamesSnapshot names = texts.find_names("src/a.cpp");
  REQUIRE(source);
  REQUIRE(names);

  const auto outline = document_outline(names->symbols);
  REQUIRE(outline.size() == 1);
  CHECK(outline[0].symbol->name == "n");
  REQUIRE(outline[0].children.size() == 1);
  CHECK(outline[0].children[0].symbol->name == "f");

  const auto folds = folding_lines(*source, *names);
  REQUIRE(folds);
  std::vector<std::string> lines;
  for (const FoldingLines& f : *folds) {
    lines.push_back(std::to_string(f.first) + "-" + std::to_string(f.last) +
                    "ci"[f.kind == FoldKind::kImports]);
  }
  CHECK(lines == std::vector<std::string>{"0-2i", "4-5c", "6-12c", "7-11c", "8-9c"});

  const auto spans = selection_spans(*source, {w.asked.offset, 0});
  REQUIRE(spans);
  REQUIRE(spans->size() == 2);
  CHECK(spans->front().front() == TextSpan{w.asked.offset, w.asked.offset + 1});
  for (std::size_t i = 1; i < spans->front().size(); ++i) {  // each lies in the next
    CHECK(spans->front()[i].begin <= spans->front()[i - 1].begin);
    CHECK(spans->front()[i].end >= spans->front()[i - 1].end);
  }
  CHECK(spans->front().back() == TextSpan{0, source->text->size()});

  std::vector<std::string> links;
  for (const DocumentLink& link : document_links(texts, *source, *names)) {
    links.push_back(source->text->substr(link.begin, link.end - link.begin) + " " + link.path);
  }
  CHECK(links == std::vector<std::string>{"a.h src/a.h", "b.h include/b.h"});
  CHECK(counterparts(texts, "src/a.cpp") == std::vector<std::string>{"src/a.h"});
  CHECK(counterparts(texts, "src/a.h") == std::vector<std::string>{"src/a.cpp"});
  CHECK(counterparts(texts, "include/b.h").empty());
}

}  // namespace engram
