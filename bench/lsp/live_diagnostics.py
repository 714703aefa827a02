#!/usr/bin/env python3
"""From an edit to the diagnostics of that version: engram lsp and clangd, one after the other.

    bench/lsp/live_diagnostics.py WORKSPACE FILE --line N [--words 1|2] [--engram PROGRAM]
                                  [--clangd PROGRAM] [-n 10]

WORKSPACE has a compile_commands.json that clangd finds. Each edit changes the name in a statement added
behind line N, inside a function's body; the preamble is warm. One JSON line: medians in milliseconds of wall time
(debounces included) and of processor time of the server and its children for each edit, and their
ratios. `first` is engram's first word on the version (the edited function), `whole` its last.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
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
        self.raw = RawClient(command, deadline=600, cwd=root, **more)
        self.uri = file.as_uri()
        self.version = 1
        self.raw.initialize(rootUri=root.as_uri(), capabilities={})
        self.raw.open(self.uri, text)
        self.wait()

    def wait(self):
        """For a word on the current version."""
        while True:
            said = self.raw.notification("textDocument/publishDiagnostics")
            if said["uri"] == self.uri and said.get("version") == self.version:
                return

    def edit(self, text: str, words: int):
        before = processor_seconds(self.raw.process.pid)
        self.version += 1
        self.raw.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri, "version": self.version},
                "contentChanges": [{"text": text}],
            },
        )
        said = []
        begun = time.monotonic()
        for _ in range(words):
            self.wait()
            said.append((time.monotonic() - begun) * 1000)
        return said, (processor_seconds(self.raw.process.pid) - before) * 1000


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("workspace", type=pathlib.Path)
    arguments.add_argument("file", type=pathlib.Path)
    arguments.add_argument("--engram", default="build/release/bin/engram")
    arguments.add_argument("--clangd", default="clangd-19")
    arguments.add_argument("--line", type=int, required=True, help="inside a function's body")
    arguments.add_argument("--words", type=int, default=2, help="engram's for an edit: 1 or 2")
    arguments.add_argument("-n", type=int, default=10)
    options = arguments.parse_args()
    root, file = options.workspace.resolve(), options.file.resolve()
    lines = file.read_text().splitlines(keepends=True)

    def text(i: int) -> str:
        return "".join(lines[: options.line] + [f"  undeclared_{i}();\n"] + lines[options.line :])

    environment = dict(os.environ, ENGRAM_LSP_SEMANTIC="false")
    engram = Server(
        [str(pathlib.Path(options.engram).resolve()), "lsp", "--no-model", "--no-memory"],
        root, file, "".join(lines), env=environment,
    )
    clangd = Server(
        [options.clangd, "--background-index=false", "--log=error", "--clang-tidy=false"],
        root, file, "".join(lines),
    )
    engram.edit(text(0), 1)  # how long it takes is known from then on
    clangd.edit(text(0), 1)
    first, whole, theirs, our_cpu, their_cpu = [], [], [], [], []
    for i in range(1, options.n + 1):
        said, cpu = engram.edit(text(i), options.words)
        first.append(said[0])
        whole.append(said[-1])
        our_cpu.append(cpu)
        said, cpu = clangd.edit(text(i), 1)
        theirs.append(said[-1])
        their_cpu.append(cpu)
    median = {
        "first_ms": statistics.median(first), "whole_ms": statistics.median(whole),
        "clangd_ms": statistics.median(theirs), "cpu_ms": statistics.median(our_cpu),
        "clangd_cpu_ms": statistics.median(their_cpu),
    }
    out = {"file": str(file), "lines": len(lines), "n": options.n}
    out.update({key: round(value, 1) for key, value in median.items()})
    out["whole_to_clangd"] = round(median["whole_ms"] / median["clangd_ms"], 2)
    out["cpu_to_clangd"] = round(median["cpu_ms"] / max(median["clangd_cpu_ms"], 1), 2)
    print(json.dumps(out))
    for server in (engram, clangd):
        server.raw.process.kill()


main()
