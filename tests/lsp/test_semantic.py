"""`engram lsp` as it ships on a small C++ project: Clang reads it in the background, and what it
tells takes the place of what the syntax guesses while the server runs.

Two classes have a method of one name, so that only the compiler knows which one is meant.
"""

import json
import os
import pathlib

import pytest
from raw_client import RawClient
from test_real_server import eventually, status

PROGRAM = os.environ["ENGRAM_PROGRAM"]

SHAPES = """#pragma once
// A wide one.
struct Wide { int area() const; };
struct Tall { int area() const; };
inline int twice(int v) { return 2 * v; }
"""
SOURCE = """#include "shapes.h"
int Wide::area() const { return 1; }
int Tall::area() const { return twice(2); }
"""
MAIN = """#include "shapes.h"
int main() {
  auto it = Tall();
  return it.area();
}
"""


class Project:
    def __init__(self, folder: pathlib.Path):
        self.root = folder / "project"
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("ENGRAM_")}
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            self.environment[f"XDG_{name}_HOME"] = str(folder / name.lower())
        self.environment.update(HOME=str(folder), XDG_RUNTIME_DIR=str(folder))
        self.files = {"include/shapes.h": SHAPES, "src/shapes.cpp": SOURCE, "src/main.cpp": MAIN}
        for i in range(4):
            self.files[f"src/other{i}.cpp"] = f'#include "shapes.h"\nint other{i}() {{ return {i}; }}\n'
        for name, text in self.files.items():
            self.write(name, text)

    def write(self, name: str, text: str):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def database(self, folder: str = "build", more=(), flags: str = ""):
        units = [name for name in self.files if name.endswith(".cpp")] + list(more)
        entries = [
            {
                "directory": str(self.root),
                "file": name,
                "command": f"c++ -std=c++17 -nostdinc -Iinclude {flags} -c {name}",
            }
            for name in units
        ]
        # As build tools do: readers never see half of it.
        self.write(f"{folder}/new.json", json.dumps(entries))
        (self.root / folder / "new.json").rename(self.root / folder / "compile_commands.json")

    def server(self, *settings: str, **more) -> RawClient:
        environment = dict(self.environment, **dict(s.split("=", 1) for s in settings))
        return RawClient(
            [PROGRAM, "lsp", "--no-model"], deadline=90, env=environment, cwd=self.root, **more
        )

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def start(self, raw: RawClient, **capabilities):
        raw.initialize(rootUri=self.root.as_uri(), capabilities=capabilities)

    def open(self, raw: RawClient, name: str, text: str = ""):
        raw.open(self.uri(name), text or (self.root / name).read_text())

    def definition(self, raw: RawClient, name: str, text: str, what: str):
        """file:line and certainty of each definition of the name at `what` in an open document."""
        at = text.index(what)
        place = {"line": text.count("\n", 0, at), "character": at - text.rfind("\n", 0, at) - 1}
        found = raw.request(
            "textDocument/definition",
            {"textDocument": {"uri": self.uri(name)}, "position": place},
        )["result"]
        return sorted(
            f"{p['uri'].rsplit('/', 1)[1]}:{p['range']['start']['line'] + 1} {p['certainty']}"
            for p in found
        )

    def definition_in_main(self, raw: RawClient):
        return self.definition(raw, "src/main.cpp", MAIN, "area()")


def semantic(raw: RawClient):
    return status(raw)["semantic"]


def ready(raw: RawClient, units: int):
    def whole():
        now = semantic(raw)
        return now if now["state"] == "ready" and now["total"] == units else None

    return eventually(f"{units} units are indexed", whole)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_guesses_become_facts_while_the_server_runs_and_progress_says_how_far(project):
    project.database()
    with project.server() as raw:
        project.start(raw, window={"workDoneProgress": True})
        project.open(raw, "src/main.cpp")
        seen = []
        while not seen or seen[-1]["kind"] != "end":
            message = raw.read_message()
            if message.get("method") == "window/workDoneProgress/create":
                raw.write_result(message["id"], None)
            elif message.get("method") == "$/progress":
                if "semantic" in message["params"]["token"]:
                    seen.append(message["params"]["value"])
        assert seen[0]["title"] == "Understanding"
        assert (
            seen[-1]["message"]
            == "100 % of translation units semantic (6 of 6, 0 inferred, 0 without)"
        )
        now = ready(raw, 6)
        assert (now["percentage"], now["semantic"], now["leftOut"]) == (100, 6, [])
        assert project.definition_in_main(raw) == ["shapes.cpp:3 semantic"]


def test_the_open_file_is_understood_before_the_workspace_is_read(project):
    project.database()
    with project.server() as raw:
        project.start(raw)
        project.open(raw, "src/main.cpp")
        eventually(
            "the compiler's answer", lambda: project.definition_in_main(raw) == ["shapes.cpp:3 semantic"]
        )


def test_what_is_saved_is_read_again_and_positions_move_with_the_buffer(project):
    project.database()
    with project.server() as raw:
        project.start(raw)
        project.open(raw, "src/main.cpp")
        ready(raw, 6)
        # Unsaved lines above the definition move it: what is shown is where it is now.
        project.open(raw, "src/shapes.cpp", "// One.\n// Two.\n" + SOURCE)
        assert project.definition_in_main(raw) == ["shapes.cpp:5 inferred"]
        # An unsaved line above the question moves the question.
        text = "\n" + MAIN
        raw.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": project.uri("src/main.cpp"), "version": 2},
                "contentChanges": [{"text": text}],
            },
        )
        assert project.definition(raw, "src/main.cpp", text, "area()") == ["shapes.cpp:5 inferred"]
        # Saved: facts again.
        project.write("src/shapes.cpp", "// One.\n// Two.\n" + SOURCE)
        project.write("src/main.cpp", text)
        for name in ("src/shapes.cpp", "src/main.cpp"):
            raw.notify("textDocument/didSave", {"textDocument": {"uri": project.uri(name)}})
        eventually(
            "the compiler has read what was saved",
            lambda: project.definition(raw, "src/main.cpp", text, "area()")
            == ["shapes.cpp:5 semantic"],
        )


def test_a_comment_in_a_header_moves_what_is_known_of_it(project):
    project.database()
    with project.server() as raw:
        project.start(raw)
        project.open(raw, "src/shapes.cpp")
        ready(raw, 6)
        asked = lambda: project.definition(raw, "src/shapes.cpp", SOURCE, "twice")  # noqa: E731
        assert asked() == ["shapes.h:5 semantic"]
        project.write("include/shapes.h", "// New.\n// Lines.\n" + SHAPES)
        raw.notify(
            "textDocument/didSave", {"textDocument": {"uri": project.uri("include/shapes.h")}}
        )
        eventually("the fact is where it is now", lambda: asked() == ["shapes.h:7 semantic"])


def test_a_compile_database_that_appears_or_changes_is_noticed(project):
    with project.server() as raw:
        project.start(raw)
        project.open(raw, "src/main.cpp")
        now = ready(raw, 6)  # with guessed commands
        assert (now["semantic"], now["inferred"]) == (0, 6)
        assert now["message"] == (
            "no compile database: commands of 6 units were guessed, 6 have no errors")
        assert project.definition_in_main(raw) == ["shapes.cpp:3 inferred"]
        project.database()
        eventually("commands are the database's", lambda: semantic(raw)["semantic"] == 6)
        ready(raw, 6)
        assert project.definition_in_main(raw) == ["shapes.cpp:3 semantic"]
        project.write("src/more.cpp", "int more;\n")
        project.database(more=["src/more.cpp"])
        ready(raw, 7)


def test_a_unit_that_kills_its_worker_is_listed_and_the_server_lives(project):
    project.write("src/bad.cpp", "#pragma clang __debug crash\n")
    project.database(more=["src/bad.cpp"])
    with project.server() as raw:
        project.start(raw)
        project.open(raw, "src/main.cpp")
        now = ready(raw, 7)
        assert (now["percentage"], now["semantic"], now["withoutFacts"]) == (85, 6, 1)
        (left_out,) = now["leftOut"]
        assert left_out["file"] == "src/bad.cpp" and "crashed" in left_out["reason"]
        assert project.definition_in_main(raw) == ["shapes.cpp:3 semantic"]


def test_a_broken_database_is_one_clear_line(project):
    project.write("build/compile_commands.json", '[{"directory": "/", "file": ')
    with project.server() as raw:
        project.start(raw)
        shown = raw.notification("window/showMessage")["message"]
        assert "compile_commands.json" in shown and "\n" not in shown
        assert ready(raw, 6)["semantic"] == 0  # with guessed commands
        project.database()  # repaired
        eventually("commands are the database's", lambda: semantic(raw)["semantic"] == 6)


def test_the_setting_switches_it_off(project):
    project.database()
    with project.server("ENGRAM_LSP_SEMANTIC=false") as raw:
        project.start(raw)
        project.open(raw, "src/main.cpp")
        eventually("the syntax tier is ready", lambda: status(raw)["index"]["state"] == "ready")
        assert semantic(raw)["state"] == "off"
        assert all(not place.endswith("semantic") for place in project.definition_in_main(raw))
