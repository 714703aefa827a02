"""engram find, outline and search."""


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
