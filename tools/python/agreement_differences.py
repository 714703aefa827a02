"""What clangd answers and we do not, and why: for tools/campaigns/clangd_agreement.

A row is a position of a project, and what both answered there. Places are [path, line, column], 0-based,
in bytes; paths are relative to the project's folder, or absolute outside it.
"""
import functools
import json
import os
import re
from pathlib import Path

# Two programs of one project that each have a type of this name. In C one USR names both.
NAMESAKES = {"conn_info", "clusterNode", "events"}


# Templates of the standard library that are used through a specialisation as well.
SPECIALISED = {"function", "vector"}


@functools.cache
def lines_of(path):
    try:
        return Path(path).read_bytes().split(b"\n")
    except OSError:
        return []


def line_of(folder, place):
    lines = lines_of(folder / place[0])
    return lines[place[1]] if place[1] < len(lines) else b""


def word_at(folder, place):
    match = re.match(rb"[A-Za-z_]\w*|.", line_of(folder, place)[place[2]:])
    return match.group().decode(errors="replace") if match else ""


@functools.cache
def units_of(folder):
    units = json.loads((folder / "compile_commands.json").read_text())
    return {os.path.relpath(os.path.join(unit["directory"], unit["file"]), folder) for unit in units}


def in_define(folder, place):
    """Whether the line belongs to a #define."""
    lines, line = lines_of(folder / place[0]), place[1]
    while line > 0 and lines[line - 1].rstrip().endswith(b"\\"):
        line -= 1
    return line < len(lines) and re.match(rb"\s*#\s*define\b", lines[line]) is not None


def explain(folder, kind, row, place):
    """Why we do not answer what clangd does; None: it is to be found out."""
    name, written = row["name"], word_at(folder, place)
    about = {word_at(folder, other) for other in row["clangd_definition"]} - {name}
    compiled = {"semantic", "inferred"} & set(row["certainties"])
    if in_define(folder, [row["file"], row["line"] - 1]) and not compiled:
        return "asked in a macro's body, where clangd and we go by the name alone"
    if compiled and about and (written in about):
        return ("clangd answers about another name: it reads a header without what is included "
                "before it, and takes an unknown type for the name declared")
    if kind == "references" and place[0].startswith("/"):
        return "inside a system header: we keep what those declare, not what they use"
    if not compiled:
        return "asked where no unit compiles the text: clangd and we go by the name alone"
    if place[0].endswith((".c", ".cpp")) and place[0] not in units_of(folder):
        return "in a file that no unit compiles, which clangd read when it was opened"
    if name == "fs" and kind == "references":
        return "a namespace alias, which each source declares for itself: clangd takes all for one"
    if name in SPECIALISED and (about or written == name):
        return "a template and its specialisations: clangd answers one, we the other"
    if name == "kevent":
        return "a type whose system header is not here: clangd answers its first mention"
    if kind == "definition" and line_of(folder, place).lstrip().startswith(b"using "):
        return "a using-declaration beside what it names, which we answer"
    if kind == "definition" and written == name and in_define(folder, place) and row["definition"]:
        return "declared by a macro's body: clangd answers the body, we where the macro is used"
    asked_line = line_of(folder, [row["file"], row["line"] - 1])
    if kind == "definition" and b"= 0;" in asked_line:
        return "a pure virtual function: clangd answers what overrides it, our implementations do"
    if kind == "references" and re.search(rb"\b(virtual|override)\b",
                                          asked_line + line_of(folder, place)):
        return "a function and what it overrides: clangd counts the declarations of both"
    if kind == "definition" and "inferred" in row["certainties"] and row["definition"]:
        return "a dependent name: clangd answers every overload, we the first"
    if name in NAMESAKES:
        return "another type of this name, in another program: clangd takes both for one"
    return None


def differences(project, folder, rows):
    for row in rows:
        here = [row["file"], row["line"] - 1, row["column"] - 1]
        # On a definition clangd answers the declaration, and the other way round.
        answers = {"definition": row["definition"] + row["declaration"] + [here],
                   "references": row["references"]}
        for kind, ours in answers.items():
            known = {tuple(place) for place in ours}
            for place in row[f"clangd_{kind}"]:
                if tuple(place) in known:
                    continue
                yield {"project": project, "at": f"{row['file']}:{row['line']}:{row['column']}",
                       "name": row["name"], "kind": kind,
                       "clangd": f"{place[0]}:{place[1] + 1}:{place[2] + 1}",
                       "written": word_at(folder, place),
                       "reason": explain(folder, kind, row, place)}
