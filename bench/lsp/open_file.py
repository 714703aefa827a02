#!/usr/bin/env python3
"""What a person with an open file waits for: engram lsp and clangd-19, turn by turn.

    bench/lsp/open_file.py WORKSPACE FILE [--line N] [-n 10] [--engram PROGRAM] [--clangd PROGRAM]

FILE stands in WORKSPACE/compile_commands.json; both servers are given a database of that file alone, and engram
has read the whole workspace before anything is timed. Each round edits the name in a statement inserted behind
line N (by default after the first brace in the middle of the file), waits for the diagnostics of that version,
then asks for hover, completion, signature help and semantic tokens there; the preamble is warm. Who goes first
changes from round to round. JSON lines, one a measure: p50 and p95 in milliseconds of wall time (debounces
included), the mean of processor time of the server and all below it, and ratios of the former and the latter.
`edited function` is engram's first word on a version, `whole file` its last; their processor time is one.
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "lsp"))
from raw_client import RawClient  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """Of a process and everything below it, running or ended."""
    total = 0.0
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
        total += sum(int(f) for f in fields[11:15]) / TICK
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children") as children:
                total += sum(processor_seconds(int(child)) for child in children.read().split())
        except FileNotFoundError:
            pass
    return total


class Server:
    def __init__(self, command, root: pathlib.Path, file: pathlib.Path, text: str, **more):
        self.raw = RawClient(command, deadline=600, cwd=root, stderr=open(os.devnull, "wb"), **more)
        self.uri = file.as_uri()
        self.version = 1
        self.quiet = 1.5  # seconds without a word: it was the last one
        self.wall, self.cpu = {}, {}
        self.raw.initialize(rootUri=root.as_uri(), capabilities={})
        self.raw.open(self.uri, text, "c" if file.suffix == ".c" else "cpp")
        self.wait()

    def wait(self):
        """For a word on the current version."""
        while True:
            said = self.raw.notification("textDocument/publishDiagnostics")
            if said["uri"] == self.uri and said.get("version") == self.version:
                return

    def note(self, measure: str, begun: float, cpu: float):
        self.wall.setdefault(measure, []).append((time.monotonic() - begun) * 1000)
        self.cpu[measure] = self.cpu.get(measure, 0) + (self.used() - cpu) * 1000

    def used(self):
        return processor_seconds(self.raw.process.pid)

    def edit(self, text: str, timed: bool = True):
        self.version += 1
        cpu, begun = self.used(), time.monotonic()
        self.raw.notify("textDocument/didChange", {
            "textDocument": {"uri": self.uri, "version": self.version}, "contentChanges": [{"text": text}]})
        self.wait()
        first = whole = (time.monotonic() - begun) * 1000
        while self.says_more():
            whole = (time.monotonic() - begun) * 1000
        self.quiet = max(self.quiet, 3 * whole / 1000)
        if timed:
            self.wall.setdefault("edited function", []).append(first)
            self.wall.setdefault("whole file", []).append(whole)
            self.cpu["whole file"] = self.cpu.get("whole file", 0) + (self.used() - cpu) * 1000

    def says_more(self) -> bool:
        """Whether another word on this version comes before it has been quiet for a while."""
        patience, self.raw.deadline = self.raw.deadline, self.quiet
        try:
            self.wait()
            return True
        except AssertionError:
            return False
        finally:
            self.raw.deadline = patience

    def ask(self, measure: str, method: str, line: int, character: int):
        cpu, begun = self.used(), time.monotonic()
        reply = self.raw.request(f"textDocument/{method}", {
            "textDocument": {"uri": self.uri}, "position": {"line": line, "character": character}})
        self.note(measure, begun, cpu)
        if not reply.get("result"):
            sys.exit(f"open_file: no answer to {method}: {reply}")

    def wait_until_all_is_read(self):
        while True:
            now = self.raw.request("engram/status")["result"]
            if now["index"]["state"] == "ready" and now["semantic"]["state"] == "ready":
                return
            time.sleep(0.5)


def middle_of_a_function(lines) -> int:
    """The number of a line in the file's middle behind which a statement may stand."""
    for i in range(len(lines) // 2, len(lines)):
        if re.match(r"(\{|\w.*\) (const )?\{)$", lines[i].rstrip()):
            return i + 1
    sys.exit("open_file: no function begins in the second half of the file; --line says where one is")


def call_behind(lines, begin: int):
    """Line and columns of the first call of something with a longer name: its name, and its bracket."""
    for i in range(begin, len(lines)):
        call = re.match(r"^\s+(?:[\w\s*=.>-]*[\s=.>])?([A-Za-z]\w{6,})\((?=\w)", lines[i])
        if call:
            return i, call.start(1), call.end(1) + 1
    sys.exit("open_file: no call behind that line")


def percentile(values, share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def report(file: str, ours: Server, theirs: Server):
    for measure in ours.wall:
        wall, their_wall = ours.wall[measure], theirs.wall[measure]
        both = "whole file" if measure == "edited function" else measure
        cpu, their_cpu = ours.cpu[both] / len(wall), theirs.cpu[both] / len(their_wall)
        out = {"name": f"{file}, {measure}", "n": len(wall), "unit": "ms"}
        for who, values, used in (("engram", wall, cpu), ("clangd", their_wall, their_cpu)):
            out[who] = {"p50": round(statistics.median(values), 1), "p95": round(percentile(values, 0.95), 1),
                        "cpu": round(used, 1)}
        out["wall_to_clangd"] = round(statistics.median(wall) / statistics.median(their_wall), 2)
        out["cpu_to_clangd"] = round(cpu / max(their_cpu, 1), 2)
        print(json.dumps(out), flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("workspace", type=pathlib.Path)
    arguments.add_argument("file")
    arguments.add_argument("--engram", default="build/release/bin/engram")
    arguments.add_argument("--clangd", default="clangd-19")
    arguments.add_argument("--line", type=int, help="inside a function's body")
    arguments.add_argument("-n", type=int, default=10)
    options = arguments.parse_args()
    root = options.workspace.resolve()
    file = root / options.file
    lines = file.read_text().splitlines(keepends=True)
    line = options.line or middle_of_a_function(lines)

    def text(i: int) -> str:
        return "".join(lines[:line] + [f"  undeclared_{i}();\n"] + lines[line:])

    with tempfile.TemporaryDirectory() as scratch:
        entries = json.loads((root / "compile_commands.json").read_text())
        own = [e for e in entries if pathlib.Path(e["directory"], e["file"]) == file]
        pathlib.Path(scratch, "compile_commands.json").write_text(json.dumps(own))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ENGRAM_")}
        environment["ENGRAM_CLANG_COMPILE_COMMANDS"] = scratch
        engram = Server(
            [str(pathlib.Path(options.engram).resolve()), "lsp", "--no-model", "--store", f"{scratch}/store"],
            root, file, "".join(lines), env=environment)
        engram.wait_until_all_is_read()
        clangd = Server(
            [options.clangd, "--background-index=false", "--log=error", "--clang-tidy=false",
             f"--compile-commands-dir={scratch}"], root, file, "".join(lines))
        for server in (engram, clangd):
            server.edit(text(0), timed=False)  # how long it takes is known from then on
        at, name, bracket = call_behind(lines, line)
        for i in range(1, options.n + 1):
            for server in (engram, clangd) if i % 2 else (clangd, engram):
                server.edit(text(i))
                server.ask("hover", "hover", at + 1, name + 1)
                server.ask("completion", "completion", at + 1, name + 3)
                server.ask("signature help", "signatureHelp", at + 1, bracket)
                server.ask("semantic tokens", "semanticTokens/full", at + 1, name)
        report(f"{options.file} ({len(lines)} lines)", engram, clangd)
        for server in (engram, clangd):
            server.raw.process.kill()
            server.raw.process.wait()


main()
