#!/usr/bin/env python3
"""How much of the machine Clang's workers get while somebody types without a pause, and what that costs.

    bench/lsp/typing_beside_workers.py WORKSPACE FILE [--seconds 60] [--model smollm2-135m] [--engram PROGRAM]

A real engine completes at every character of FILE that is typed, the next one once the answer is there: by itself
(no Clang at all), while Clang reads WORKSPACE from nothing in the background, and by itself again. JSON lines: the workers'
processor time as a share of one core (>= 0.2 is owed to them, indexer/semantic/worker_share.h), and the milliseconds
of a completion with and without them. On a machine that is busy with other things they may not get that much
even while nobody types, which is said beside it.
"""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "lsp"))
from raw_client import RawClient  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def children_of(pid: int):
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children") as children:
                yield from (int(child) for child in children.read().split())
        except FileNotFoundError:
            pass


def processor_seconds(pid: int, below_alone: bool = False) -> float:
    """Of a process and everything below it, running or ended; workers of open files aside."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as line:
            if b"--live" in line.read():
                return 0.0
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        own = sum(int(f) for f in fields[13 if below_alone else 11:15]) / TICK
        return own + sum(processor_seconds(child) for child in children_of(pid))
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


class Typing:
    def __init__(self, options, store: str, with_clang: bool):
        root = options.workspace.resolve()
        self.file = root / options.file
        self.text = self.file.read_text()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ENGRAM_")}
        environment.update(ENGRAM_LSP_CLANG="false", ENGRAM_LSP_SEMANTIC="true" if with_clang else "false")
        self.raw = RawClient(
            [str(options.engram.resolve()), "lsp", "--model", options.model, "--store", store],
            deadline=120, cwd=root, env=environment, stderr=open(os.devnull, "wb"))
        self.raw.initialize(rootUri=root.as_uri(), capabilities={})
        self.version = 1
        self.at = len(self.text) // 3
        self.raw.open(self.file.as_uri(), self.text[: self.at])
        self.wait_for("the model", lambda now: now["modelState"] == "ready")
        self.wait_for("the syntax tier", lambda now: now["index"]["state"] == "ready")
        if with_clang:
            self.wait_for("Clang", lambda now: now["semantic"]["total"] > 0)

    def status(self):
        return self.raw.request("engram/status")["result"]

    def wait_for(self, what: str, condition):
        for _ in range(2400):
            if condition(self.status()):
                return
            time.sleep(0.25)
        sys.exit(f"typing_beside_workers: {what} is not there after ten minutes")

    def type_one(self) -> float:
        self.at += 1
        self.version += 1
        before = self.text[: self.at]
        line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
        end = {"line": line, "character": column}
        begin = {"line": line, "character": column - 1} if self.text[self.at - 1] != "\n" else {
            "line": line - 1, "character": len(before[:-1]) - before[:-1].rfind("\n") - 1}
        begun = time.monotonic()
        self.raw.notify("textDocument/didChange", {
            "textDocument": {"uri": self.file.as_uri(), "version": self.version},
            "contentChanges": [{"range": {"start": begin, "end": begin}, "text": self.text[self.at - 1]}]})
        self.raw.request("textDocument/inlineCompletion",
                         self.raw.completion_params(self.file.as_uri(), end["line"], end["character"]))
        return (time.monotonic() - begun) * 1000

    def replay(self, seconds: float):
        """Milliseconds of each completion; the workers' share of one core; whether all was read meanwhile."""
        used, begun = processor_seconds(self.raw.process.pid, below_alone=True), time.monotonic()
        took = []
        while time.monotonic() - begun < seconds:
            took.append(self.type_one())
        elapsed = time.monotonic() - begun
        share = (processor_seconds(self.raw.process.pid, below_alone=True) - used) / elapsed
        return took, share, self.status()["semantic"]

    def rest(self, seconds: float) -> float:
        """The workers' share of one core while nobody types."""
        used = processor_seconds(self.raw.process.pid, below_alone=True)
        time.sleep(seconds)
        return (processor_seconds(self.raw.process.pid, below_alone=True) - used) / seconds

    def end(self):
        self.raw.process.kill()
        self.raw.process.wait()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("workspace", type=pathlib.Path)
    arguments.add_argument("file")
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--model", default="smollm2-135m")
    arguments.add_argument("--engram", type=pathlib.Path, default="build/release/bin/engram")
    options = arguments.parse_args()
    alone = []
    with tempfile.TemporaryDirectory() as store:
        for with_clang in (False, True, False):
            typing = Typing(options, f"{store}/store", with_clang)
            undisturbed = typing.rest(options.seconds / 4) if with_clang else 0
            took, share, semantic = typing.replay(options.seconds if with_clang else options.seconds / 2)
            typing.end()
            if not with_clang:
                alone += took
                continue
            beside = took
            print(json.dumps({"name": "workers beside constant typing", "value": round(share, 3), "unit": "cores",
                              "while_nobody_types": round(undisturbed, 3), "seconds": options.seconds, "completions": len(took),
                              "units_done": f"{semantic['done']} of {semantic['total']}"}), flush=True)
    for name, took in (("by itself", alone), ("beside workers", beside)):
        print(json.dumps({"name": f"completion {name}", "p50": round(statistics.median(took), 1),
                          "p95": round(sorted(took)[int(0.95 * len(took))], 1), "n": len(took), "unit": "ms"}))
    print(json.dumps({"name": "completion beside workers, times as long",
                      "value": round(statistics.mean(beside) / statistics.mean(alone), 2), "unit": "x"}))


main()
