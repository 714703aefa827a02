"""engram find, outline, search, definition, declaration, references and hover."""


def test_find_gives_definitions_with_place_and_certainty(indexed):
    symbols = indexed.json("find", "total_area")["symbols"]
    places = {(s["file"], s["line"], s["column"]) for s in symbols}
    assert ("src/shape.cpp", 4, 8) in places
    for s in symbols:
        assert s["qualified_name"] == "geometry::total_area"
        assert s["kind"] == "function" and s["certainty"] == "syntactic" and s["id"]


def test_find_filters_by_kind_and_matches_fuzzily(indexed):
    assert {s["name"] for s in indexed.json("find", "Shape", "--kind", "class")["symbols"]} == {
        "Shape"}
    assert "total_area" in {s["name"] for s in
                            indexed.json("find", "totar", "--fuzzy")["symbols"]}
    assert indexed.json("find", "no_such_name")["symbols"] == []
    assert "kind" in indexed.error("find", "x", "--kind", "nonsense", code=2)


def test_outline_is_a_tree_and_needs_no_index(engram):
    symbols = engram.json("outline", "src/shape.h")["symbols"]
    assert [s["name"] for s in symbols] == ["geometry"]
    inside = {s["name"]: s for s in symbols[0]["children"]}
    assert set(inside) == {"Shape", "Circle", "total_area"}
    assert "area" in {m["name"] for m in inside["Circle"]["children"]}
    assert inside["Shape"]["line"] == 4 and inside["Shape"]["end_line"] == 8


def test_outline_of_python(engram):
    symbols = engram.json("outline", "tools/report.py")["symbols"]
    assert [(s["name"], s["kind"]) for s in symbols] == [("format_area", "function"),
                                                        ("Report", "class")]
    assert symbols[1]["children"][0]["name"] == "add_line"


def test_search_is_verified_text_with_places(indexed):
    answer = indexed.json("search", "shapes[i]->area()")
    (match,) = answer["matches"]
    assert (match["file"], match["line"], match["column"]) == ("src/shape.cpp", 6, 42)
    assert match["text"] == "  for (int i = 0; i < count; ++i) sum += shapes[i]->area();"
    assert answer["truncated"] is False and answer["skipped"] == []


def test_search_by_regex_word_case_and_glob(indexed):
    assert len(indexed.json("search", "Circle::\\w+", "--regex")["matches"]) == 1
    assert indexed.json("search", "are", "--word")["matches"] == []
    assert len(indexed.json("search", "CIRCLE::AREA", "--ignore-case")["matches"]) == 1
    files = {m["file"] for m in indexed.json("search", "area", "--glob", "*.py")["matches"]}
    assert files == {"tools/report.py"}
    limited = indexed.json("search", "area", "--limit", "1")
    assert len(limited["matches"]) == 1 and limited["truncated"] is True
    assert "RE2" in indexed.error("search", "(", "--regex", code=2)


def spots(answer):
    return [(p["file"], p["line"], p["column"]) for p in answer["locations"]]


def test_definition_from_a_position_with_certainty(indexed):
    answer = indexed.json("definition", "src/shape.cpp:3:48")  # radius_ in Circle::area
    assert spots(answer) == [("src/shape.h", 15, 10)]
    (place,) = answer["locations"]
    assert place["role"] == "definition" and place["certainty"] in ("syntactic", "textual")
    assert (place["end_line"], place["end_column"]) == (15, 17)
    local = indexed.json("definition", "src/shape.cpp:6:42")["locations"]  # shapes
    assert [(p["file"], p["line"], p["certainty"]) for p in local] == [
        ("src/shape.cpp", 4, "syntactic")]


def test_declaration_references_and_hover(indexed):
    assert spots(indexed.json("declaration", "src/shape.cpp:4:8")) == [("src/shape.h", 17, 8)]
    assert set(spots(indexed.json("references", "tools/report.py:4:5"))) == {
        ("tools/report.py", 4, 5), ("tools/report.py", 10, 27)}
    hover = indexed.json("hover", "src/shape.cpp:4:25")  # Shape
    assert hover["signature"] == "class Shape" and hover["doc"] == "A closed figure with an area."
    assert hover["qualified_name"] == "geometry::Shape"
    text = indexed.run("hover", "src/shape.cpp:4:25").stdout.decode()
    assert "src/shape.h:4:7" in text and "A closed figure" in text


def test_relations_without_a_compiler_say_so(indexed):
    (circle,) = indexed.json("implementations", "src/shape.h:4:7")["locations"]
    assert (circle["name"], circle["role"]) == ("geometry::Circle", "implementation")
    assert circle["certainty"] in ("syntactic", "textual")
    (caller,) = indexed.json("callers", "tools/report.py:4:5")["locations"]
    assert caller["name"] == "Report.add_line" and caller["role"] == "caller"
    assert [(c["line"], c["column"]) for c in caller["calls"]] == [(10, 27)]
    callees = indexed.json("callees", "tools/report.py:9:9")["locations"]
    assert [c["name"] for c in callees] == ["format_area"]
    hierarchy = indexed.json("type-hierarchy", "src/shape.h:9:7")["locations"]
    assert [(t["name"], t["role"], t.get("depth")) for t in hierarchy] == [
        ("geometry::Circle", "type", None), ("geometry::Shape", "supertype", 1)]
    (shape,) = indexed.json("type-definition", "src/shape.cpp:4:40")["locations"]  # shapes
    assert shape["name"] == "geometry::Shape"
    assert indexed.json("callers", "tools/report.py:2")["locations"] == []
    assert "callers" in indexed.run("help").stdout.decode()


def test_a_symbol_id_of_find_is_a_place(indexed):
    (symbol,) = [s for s in indexed.json("find", "total_area")["symbols"]
                 if s["file"] == "src/shape.cpp"]
    assert spots(indexed.json("definition", symbol["id"])) == [("src/shape.cpp", 4, 8)]
    # It survives an edit above.
    text = (indexed.repo / "src/shape.cpp").read_text()
    indexed.write("src/shape.cpp", "// one more line\n" + text)
    assert spots(indexed.json("definition", symbol["id"])) == [("src/shape.cpp", 5, 8)]
    indexed.error("definition", "src/shape.cpp#geometry::gone@7", code=2)


def test_a_line_alone_means_what_is_defined_on_it(indexed):
    assert spots(indexed.json("definition", "tools/report.py:4")) == [("tools/report.py", 4, 5)]
    assert indexed.json("definition", "tools/report.py:2")["locations"] == []


def test_without_an_index_the_file_and_its_imports_answer(engram):
    engram.write("tools/main.py", "from tools.report import Report\nReport()\n")
    assert spots(engram.json("definition", "tools/main.py:2:1")) == [("tools/report.py", 8, 7)]
    assert b"engram index" in engram.run("definition", "tools/main.py:2:1").stderr


def test_navigation_from_elsewhere_and_bad_places(indexed):
    indexed.write(".engram.toml", "")  # else the directory one stands in is the workspace
    answer = indexed.json("definition", str(indexed.repo / "tools/report.py") + ":10:27",
                          cwd=indexed.repo / "tools")
    assert spots(answer) == [("tools/report.py", 4, 5)]
    assert "outside the file, which has" in indexed.error("definition", "src/shape.cpp:99:1", code=2)
    indexed.error("definition", "src/none.cpp:1:1", code=3)
    assert "position" in indexed.error("hover", "nonsense", code=2)
    indexed.error("references", "src/shape.cpp:0:1", code=2)
