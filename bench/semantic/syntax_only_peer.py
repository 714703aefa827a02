#!/usr/bin/env python3
"""syntax_only_peer.py DIR: processor time of `clang-19 -fsyntax-only` over a compile database, as a JSON line."""
import json
import os
import resource
import shlex
import subprocess
import sys


def main():
    root = os.path.abspath(sys.argv[1])
    with open(os.path.join(root, "compile_commands.json"), encoding="utf-8") as file:
        units = json.load(file)
    failed = 0
    for unit in units:
        command = shlex.split(unit["command"])
        while not command[0].startswith("-") and "c++" not in command[0] and not command[0].endswith(("cc", "clang", "clang-19")):
            command.pop(0)  # ccache
        compiler = "clang++-19" if "++" in command[0] else "clang-19"
        output = command.index("-o") if "-o" in command else None
        if output is not None:
            del command[output:output + 2]
        done = subprocess.run([compiler, "-fsyntax-only", "-w", *command[1:]], cwd=unit["directory"],
                              stderr=subprocess.DEVNULL, check=False)
        failed += done.returncode != 0
    if failed:
        print(f"syntax_only_peer: {failed} units do not compile", file=sys.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"name": os.path.basename(root) + " clang-19 -fsyntax-only, processor",
                      "value": round(used.ru_utime + used.ru_stime, 3), "unit": "s"}))


main()
