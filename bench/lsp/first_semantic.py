#!/usr/bin/env python3
"""How long after it was opened a file has semantic answers, while everything else is still unread.

    bench/lsp/first_semantic.py WORKSPACE FILE[@WHEN]... [--engram PROGRAM] [--model] [--clangd]

WORKSPACE has a compile_commands.json, or else what Clang says is inferred; the store is made from nothing. Each file is opened once WHEN has
come: `start` (at once, the workspace unread), `syntax` (the syntax tier is a tenth done), `semantic` (Clang has
begun with all units), and the one before has its answer. Then the definition of something that it defines is
asked for four times a second until the answer is `semantic` or `inferred`. One JSON line a file: seconds until
then, how far the indexes were, and the longest any question took; at the end the most memory the server had. --clangd: the same of clangd-19 afterwards, which then has the
machine to itself.
"""

import argparse
import json
import os
import pathlib
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "lsp"))
from raw_client import RawClient  # noqa: E402

PATIENCE = 180
LOOK = 0.25


def place(text: str):
    """The name of a function or type that the file defines, in its middle."""
    named = [r"^\w[\w:*&<>, ]*?[ :*&](\w+)\([^;{}]*\{", r"^\s*(?:class|struct)\s+(\w+)[^;(]*\{"]
    found = [m.start(1) for regex in named for m in re.finditer(regex, text, re.MULTILINE)]
    if not found:
        sys.exit("first_semantic: a file that defines nothing")
    at = found[len(found) // 2]
    return {"line": text.count("\n", 0, at), "character": at - text.rfind("\n", 0, at) - 1}


class Session:
    def __init__(self, options, scratch: str):
        self.root = options.workspace.resolve()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ENGRAM_")}
        command = [str(options.engram.resolve()), "lsp", "--store", f"{scratch}/store"]
        if not options.model:
            command.append("--no-model")
        self.raw = RawClient(command, deadline=PATIENCE, cwd=self.root, env=environment,
                             stderr=open(f"{scratch}/log", "wb"))
        self.raw.initialize(rootUri=self.root.as_uri(), capabilities={})

    def status(self):
        return self.raw.request("engram/status")["result"]

    def wait_for(self, when: str):
        until = time.monotonic() + 600
        while when != "start" and time.monotonic() < until:
            now = self.status()
            if when == "syntax" and now["index"]["filesDone"] * 10 > now["index"]["filesTotal"] > 0:
                return
            if when == "semantic" and now["semantic"]["state"] == "indexing":
                return
            time.sleep(LOOK)

    def ask(self, method: str, uri: str, at) -> str:
        begun = time.monotonic()
        reply = self.raw.request(
            f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": at}
        )
        self.slowest = max(self.slowest, time.monotonic() - begun)
        return json.dumps(reply.get("result"))

    def peak(self):
        status = pathlib.Path(f"/proc/{self.raw.process.pid}/status").read_text()
        kilobytes = int(re.search(r"VmHWM:\s+(\d+)", status)[1])
        print(json.dumps({"name": "server, most memory resident, without its workers",
                          "value": round(kilobytes / 1000), "unit": "MB"}), flush=True)

    def measure(self, name: str, when: str):
        file = self.root / name
        text = file.read_text(errors="replace")
        self.wait_for(when)
        self.slowest = 0.0
        at = place(text)
        begun = time.monotonic()
        self.raw.open(file.as_uri(), text, "c" if name.endswith(".c") else "cpp")
        answered = said = None
        while answered is None and time.monotonic() - begun < PATIENCE:
            said = re.search(r'"certainty": "(semantic|inferred)"', self.ask("definition", file.as_uri(), at))
            if said:
                answered = round(time.monotonic() - begun, 2)
            else:
                time.sleep(LOOK)
        hover = said is not None and f"({said[1]}" in self.ask("hover", file.as_uri(), at)
        now = self.status()
        print(json.dumps({
            "name": f"opened to first answer by Clang, {name}", "value": answered, "unit": "s", "opened": when,
            "certainty": said and said[1],
            "hover_too": hover, "slowest_question_s": round(self.slowest, 3),
            "files_done": f"{now['index']['filesDone']} of {now['index']['filesTotal']}",
            "units_done": f"{now['semantic']['done']} of {now['semantic']['total']}",
        }), flush=True)


def clangd(root: pathlib.Path, name: str):
    """The same of clangd, which answers nothing before it has read the file."""
    file = root / name
    text = file.read_text(errors="replace")
    with RawClient(["clangd-19", "--background-index=false", "--log=error"], deadline=PATIENCE, cwd=root) as raw:
        raw.initialize(rootUri=root.as_uri(), capabilities={})
        begun = time.monotonic()
        raw.open(file.as_uri(), text, "c" if name.endswith(".c") else "cpp")
        raw.request("textDocument/definition", {"textDocument": {"uri": file.as_uri()}, "position": place(text)})
        print(json.dumps({"name": f"opened to first answer, clangd-19, {name}",
                          "value": round(time.monotonic() - begun, 2), "unit": "s"}), flush=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("workspace", type=pathlib.Path)
    arguments.add_argument("files", nargs="+")
    arguments.add_argument("--engram", type=pathlib.Path, default="build/release/bin/engram")
    arguments.add_argument("--model", action="store_true", help="load the model, too")
    arguments.add_argument("--clangd", action="store_true", help="time clangd-19, too")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        session = Session(options, scratch)
        try:
            for file in options.files:
                name, _, when = file.partition("@")
                session.measure(name, when or "start")
            session.peak()
        finally:
            session.raw.process.kill()
            session.raw.process.wait()
    for file in options.files if options.clangd else ():
        clangd(options.workspace.resolve(), file.partition("@")[0])


main()
