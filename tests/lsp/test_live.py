"""`engram lsp` as it ships, on files that are open: diagnostics, fixes, completions and signatures of
text that was never saved."""

import os

import pytest
from raw_client import RawClient
from test_real_server import eventually
from test_semantic import MAIN, Project, ready

PROGRAM = os.environ["ENGRAM_PROGRAM"]
PUSHED = {"textDocument": {"codeAction": {"codeActionLiteralSupport": {}}}}


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    project.database()
    return project


def start(project, raw: RawClient, capabilities=PUSHED):
    return raw.initialize(rootUri=project.root.as_uri(), capabilities=capabilities)["capabilities"]


def diagnostics(raw: RawClient, version: int):
    """The published messages of a version."""
    while True:
        said = raw.notification("textDocument/publishDiagnostics")
        if said.get("version") == version:
            return said["diagnostics"]


def pulled(project, raw: RawClient):
    """The diagnostics an editor that pulls is answered."""
    document = {"uri": project.uri("src/main.cpp")}
    return raw.request("textDocument/diagnostic", {"textDocument": document})["result"]["items"]


def fixes(project, raw: RawClient, problem):
    """The code actions offered for a diagnostic."""
    return raw.request(
        "textDocument/codeAction",
        {
            "textDocument": {"uri": project.uri("src/main.cpp")},
            "range": problem["range"],
            "context": {"diagnostics": [problem]},
        },
    )["result"]


def change(project, raw: RawClient, version: int, text: str):
    raw.notify(
        "textDocument/didChange",
        {
            "textDocument": {"uri": project.uri("src/main.cpp"), "version": version},
            "contentChanges": [{"text": text}],
        },
    )


def at(project, text: str, what: str):
    offset = text.index(what) + len(what)
    line = text.count("\n", 0, offset)
    return {
        "textDocument": {"uri": project.uri("src/main.cpp")},
        "position": {"line": line, "character": offset - text.rfind("\n", 0, offset) - 1},
    }


def test_what_is_typed_is_diagnosed_and_fixed(project):
    with project.server("ENGRAM_LSP_SEMANTIC=false") as raw:
        start(project, raw)
        raw.open(project.uri("src/main.cpp"), MAIN.replace("area();", "area()"))
        (wrong,) = diagnostics(raw, 1)
        assert wrong["message"] == "expected ';' after return statement (fix available)"
        assert wrong["range"]["start"]["line"] == 3
        assert (wrong["severity"], wrong["source"]) == (1, "engram")
        (fix,) = fixes(project, raw, wrong)
        assert fix["title"] == "insert ';'"
        change(project, raw, 2, MAIN)
        assert diagnostics(raw, 2) == []
        # Text of another open file that was not saved counts.
        raw.open(project.uri("include/shapes.h"), "struct Tall { int height() const; };\n")
        change(project, raw, 3, MAIN + "\n")
        assert [d["message"] for d in diagnostics(raw, 3)] == ["no member named 'area' in 'Tall'"]


def test_names_and_signatures_of_unsaved_text(project):
    with project.server("ENGRAM_LSP_SEMANTIC=false") as raw:
        offered = start(project, raw)
        assert "." in offered["completionProvider"]["triggerCharacters"]
        text = MAIN.replace("it.area()", "it.ar + twice(")
        raw.open(project.uri("src/main.cpp"), text)
        listed = raw.request("textDocument/completion", at(project, text, "it.ar"))["result"]
        assert [item["label"] for item in listed["items"]] == ["area"]
        assert listed["items"][0]["labelDetails"]["description"] == "int"
        help = raw.request("textDocument/signatureHelp", at(project, text, "twice("))["result"]
        assert [s["label"] for s in help["signatures"]] == ["twice(int v) -> int"]


def test_a_client_that_pulls_is_answered_and_a_setting_switches_it_off(project):
    pulls = {"textDocument": {"diagnostic": {}}}
    with project.server("ENGRAM_LSP_SEMANTIC=false") as raw:
        assert "diagnosticProvider" in start(project, raw, pulls)
        raw.open(project.uri("src/main.cpp"), MAIN.replace("Tall()", "Small()"))
        assert any("'Small'" in item["message"] for item in pulled(project, raw))
    with project.server("ENGRAM_LSP_SEMANTIC=false", "ENGRAM_LSP_CLANG=false") as raw:
        offered = start(project, raw, pulls)
        assert not {"diagnosticProvider", "completionProvider"} & offered.keys()
        raw.open(project.uri("src/main.cpp"), "broken")
        assert pulled(project, raw) == []


def test_a_hover_measures_unsaved_text(project):
    with project.server("ENGRAM_LSP_SEMANTIC=false") as raw:
        start(project, raw)
        text = MAIN + "#define SUM(a, b) ((a) + (b))\nstruct S { char c; int late; };\nint n = SUM(1, 2);\n"
        raw.open(project.uri("src/main.cpp"), text)
        diagnostics(raw, 1)

        def hover(what):
            return raw.request("textDocument/hover", at(project, text, what))["result"]["contents"]["value"]

        said = hover("int la")
        assert "offset 4 bytes, size 4 bytes, alignment 4 bytes (semantic)" in said
        assert "int late" in said
        assert "((1) + (2))" in hover("n = SU")
        assert "size 8 bytes, alignment 4 bytes (semantic)" in hover("struct S")


def test_an_unused_inclusion_is_a_hint_that_removes_it(project):
    project.write("include/other.h", "#pragma once\nint other();\n")
    with project.server("ENGRAM_LSP_SEMANTIC=false") as raw:
        start(project, raw)
        raw.open(project.uri("src/main.cpp"), '#include "other.h"\n' + MAIN)
        (hint,) = diagnostics(raw, 1)
        assert (hint["code"], hint["severity"], hint["tags"]) == ("unused-include", 4, [1])
        (fix,) = fixes(project, raw, hint)
        assert fix["title"] == "remove '#include \"other.h\"'"
        change(project, raw, 2, MAIN)
        assert diagnostics(raw, 2) == []
    with project.server("ENGRAM_LSP_SEMANTIC=false", "ENGRAM_LSP_INCLUDE_HINTS=false") as raw:
        start(project, raw)
        raw.open(project.uri("src/main.cpp"), '#include "other.h"\n' + MAIN)
        assert diagnostics(raw, 1) == []


def test_a_name_of_a_header_that_is_not_included_brings_it(project):
    with project.server() as raw:
        start(project, raw)
        ready(raw, 6)
        text = "int main() { return twi; }\n"
        raw.open(project.uri("src/main.cpp"), text)

        def offered():
            items = raw.request("textDocument/completion", at(project, text, "twi"))["result"]["items"]
            return [item for item in items if item["label"] == "twice"]

        (item,) = eventually("the name", offered)
        assert item["detail"] == '#include "shapes.h"'
        (edit,) = item["additionalTextEdits"]
        assert edit["newText"] == '#include "shapes.h"\n'
        assert edit["range"]["start"] == edit["range"]["end"] == {"line": 0, "character": 0}


def test_a_file_opened_before_the_tree_is_read_finds_its_headers_by_itself(tmp_path):
    project = Project(tmp_path)  # no database says where they are
    with project.server("ENGRAM_LSP_SEMANTIC=false") as raw:
        start(project, raw)
        raw.open(project.uri("src/main.cpp"), MAIN.replace("area();", "height();"))
        while [d["message"] for d in diagnostics(raw, 1)] != ["no member named 'height' in 'Tall'"]:
            pass
