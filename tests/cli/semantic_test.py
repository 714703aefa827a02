"""What Clang's facts change: index, status and navigation of a workspace with a compile database."""

import json

import pytest

HEADER = """\
#pragma once
struct Shape { virtual double area() const = 0; };
struct Square : Shape { double area() const override; };
// Half of it.
double half(const Shape& s);
double half(int n);
"""
SHAPE = """\
#include "shape.h"
double Square::area() const { return 4; }
double half(const Shape& s) { return s.area() / 2; }
double half(int n) { return n / 2.0; }
"""
MAIN = """\
#include "shape.h"
int main() {
  auto square = Square();
  auto f = [&] { return half(square); };
  return int(f() + half(3));
}
"""


@pytest.fixture
def understood(engram):
    for name, text in {"shape.h": HEADER, "shape.cpp": SHAPE, "main.cpp": MAIN}.items():
        engram.write(name, text)
    units = [{"directory": str(engram.repo), "file": file, "command": f"g++ -std=c++17 -c {file}"}
             for file in ("shape.cpp", "main.cpp")]
    engram.write("compile_commands.json", json.dumps(units))
    report = engram.json("index", "--jobs", "1")
    assert report["translation_units"] == {
        "total": 2, "indexed": 2, "failed": 0, "inferred": 0, "semantic": 2}
    return engram


def spots(answer):
    return sorted((p["file"], p["line"], p["column"]) for p in answer["locations"])


def test_the_compiler_answers_where_names_could_not(understood):
    assert {p["certainty"] for p in understood.json("definition", "main.cpp:4:25")["locations"]} == {
        "semantic"}
    assert spots(understood.json("definition", "main.cpp:4:25")) == [("shape.cpp", 3, 8)]
    assert spots(understood.json("definition", "main.cpp:5:20")) == [("shape.cpp", 4, 8)]
    assert spots(understood.json("declaration", "main.cpp:5:20")) == [("shape.h", 6, 8)]
    uses = understood.json("references", "shape.h:5:8")["locations"]
    assert {(p["file"], p["line"], p["role"]) for p in uses} == {
        ("shape.h", 5, "declaration"), ("shape.cpp", 3, "definition"), ("main.cpp", 4, "call")}
    hover = understood.json("hover", "main.cpp:4:25")
    assert hover["doc"] == "Half of it." and hover["locations"][0]["certainty"] == "semantic"


def test_relations_are_the_compilers(understood):
    (caller,) = understood.json("callers", "shape.h:5:8")["locations"]
    assert (caller["name"], caller["certainty"]) == ("main", "semantic")
    assert [c["line"] for c in caller["calls"]] == [4]
    callees = understood.json("callees", "main.cpp:2:5")["locations"]
    assert [c["line"] for c in callees if c["name"] == "half"] == [3, 4]
    assert spots(understood.json("implementations", "shape.cpp:3:40")) == [("shape.cpp", 2, 16)]
    assert spots(understood.json("type-definition", "main.cpp:4:30")) == [("shape.h", 3, 8)]
    hierarchy = understood.json("type-hierarchy", "main.cpp:3:8")["locations"]
    assert [(t["name"], t["role"]) for t in hierarchy] == [("Square", "type"), ("Shape", "supertype")]


def test_only_units_that_read_a_change_are_parsed_again(understood):
    understood.write("main.cpp", MAIN.replace("half(3)", "half(5)"))
    # Before that, what stands above the change is still known.
    (place,) = understood.json("definition", "main.cpp:4:25")["locations"]
    assert (place["file"], place["line"], place["certainty"]) == ("shape.cpp", 3, "inferred")
    understood.json("index", "--jobs", "1")
    assert spots(understood.json("definition", "main.cpp:5:20")) == [("shape.cpp", 4, 8)]
    status = understood.json("status")
    assert status["translation_units"]["semantic"] == 2 and status["failed_units"] == []
