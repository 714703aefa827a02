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
        "total": 2, "indexed": 2, "failed": 0, "inferred": 0, "semantic": 2,
        "without_errors": 2, "guessed": 0, "guessed_of": 0}
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


GUESS = {"ENGRAM_CLANG_GUESS_SECONDS": "30"}


def test_without_a_compile_database_commands_are_guessed_and_say_so(engram):
    engram.write("lib/include/lib/half.h", "#pragma once\ndouble half(int n);\n")
    engram.write("lib/half.cpp", "#include <lib/half.h>\ndouble half(int n) { return n / 2.0; }\n")
    engram.write("app/main.c", "#include <lib/half.h>\nint main(void) { return (int)half(3); }\n")
    engram.write("app/broken.c", "#include <lib/nowhere.h>\n")
    assert engram.json("index")["translation_units"]["total"] == 0
    report = engram.json("index", env=GUESS)
    assert report["translation_units"] == {
        "total": 4, "indexed": 4, "failed": 0, "inferred": 4, "semantic": 0,
        "without_errors": 3, "guessed": 4, "guessed_of": 4}
    (place,) = engram.json("definition", "app/main.c:2:30")["locations"]
    assert (place["file"], place["line"], place["certainty"]) == (
        "lib/include/lib/half.h", 2, "inferred")
    line = "no compile database: commands of 4 of 4 units were guessed, 3 have no errors, "
    assert line in engram.run("status").stdout.decode()
    assert line in engram.run("index", env=GUESS).stdout.decode()
    # What no unit has read is still there, by name.
    engram.write("app/later.c", "#include <lib/half.h>\nint later(void) { return (int)half(4); }\n")
    engram.json("index")
    uses = engram.json("references", "lib/include/lib/half.h:2:8")["locations"]
    assert {(p["file"], p["line"], p["certainty"]) for p in uses} >= {
        ("app/main.c", 2, "inferred"), ("app/later.c", 2, "textual")}
    assert line.replace("4 of 4", "4 of 5") in engram.run("status").stdout.decode()


def test_a_definition_that_no_unit_has_read_is_found_by_name(engram):
    engram.write("lib.h", "int twice(int n);\n")
    engram.write("main.c", '#include "lib.h"\nint main(void) { return twice(3); }\n')
    engram.json("index", env=GUESS)
    engram.write("lib.c", '#include "lib.h"\nint twice(int n) { return 2 * n; }\n')
    engram.json("index")
    (place,) = engram.json("definition", "main.c:2:26")["locations"]
    assert (place["file"], place["line"]) == ("lib.c", 2)
    assert place["certainty"] in ("syntactic", "textual")
