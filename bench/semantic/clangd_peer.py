#!/usr/bin/env python3
"""clangd_peer.py DIR: processor time and memory of clangd-19's background index of a compile database.

Starts clangd on a copy of DIR/compile_commands.json (so that its index is made from nothing and DIR
stays as it is) with one thread, opens one file, waits for the index to be complete, and prints JSON
lines. The opened file's own parse is part of the time: clangd does not start without one. Its index
of the standard library is switched off: it is for the opened file alone. Its indexing threads run at
idle priority whatever --background-index-priority says, and stand still on a busy machine: they are
raised again and again, which changes when the work is done and not how much it is.
"""
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading


def send(process, message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    process.stdin.flush()


def receive(process):
    size = 0
    while line := process.stdout.readline().strip():
        if line.lower().startswith(b"content-length:"):
            size = int(line.split(b":")[1])
    return json.loads(process.stdout.read(size)) if size else None


def keep_at_normal_priority(process, over):
    while not over.wait(0.1):
        try:
            for task in os.listdir(f"/proc/{process.pid}/task"):
                os.sched_setscheduler(int(task), os.SCHED_OTHER, os.sched_param(0))
        except (FileNotFoundError, ProcessLookupError):
            pass  # a thread ended meanwhile


def wait_for_index(process):
    """Until the progress of the background index has ended."""
    while (message := receive(process)) is not None:
        if message.get("method") == "window/workDoneProgress/create":
            send(process, {"id": message["id"], "result": None})
        elif message.get("method") == "$/progress":
            parameters = message["params"]
            if parameters["token"] == "backgroundIndexProgress" and parameters["value"]["kind"] == "end":
                return
    sys.exit("clangd_peer: clangd ended before its index was complete")


def main():
    root = os.path.abspath(sys.argv[1])
    with open(os.path.join(root, "compile_commands.json"), encoding="utf-8") as file:
        entry = json.load(file)[0]
    opened = os.path.join(entry["directory"], entry["file"])
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copy(os.path.join(root, "compile_commands.json"), scratch)
        os.makedirs(os.path.join(scratch, "config", "clangd"))
        with open(os.path.join(scratch, "config", "clangd", "config.yaml"), "w", encoding="utf-8") as file:
            file.write("Index:\n  StandardLibrary: No\n")
        process = subprocess.Popen(
            ["clangd-19", "-j=1", "--background-index", "--background-index-priority=normal",
             "--log=error", f"--compile-commands-dir={scratch}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "XDG_CACHE_HOME": os.path.join(scratch, "cache"),
                 "XDG_CONFIG_HOME": os.path.join(scratch, "config")})
        send(process, {"id": 1, "method": "initialize", "params": {
            "processId": None, "rootUri": "file://" + root,
            "capabilities": {"window": {"workDoneProgress": True}}}})
        send(process, {"method": "initialized", "params": {}})
        with open(opened, encoding="utf-8", errors="replace") as file:
            text = file.read()
        send(process, {"method": "textDocument/didOpen", "params": {"textDocument": {
            "uri": "file://" + opened, "languageId": "cpp", "version": 1, "text": text}}})
        over = threading.Event()
        raising = threading.Thread(target=keep_at_normal_priority, args=(process, over))
        raising.start()
        try:
            wait_for_index(process)
        finally:
            over.set()
            raising.join()
            process.kill()
            process.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    name = os.path.basename(root)
    for what, value, unit in ((" clangd-19, processor", used.ru_utime + used.ru_stime, "s"),
                              (" clangd-19, peak memory", used.ru_maxrss * 1024 / 1e6, "MB")):
        print(json.dumps({"name": name + what, "value": round(value, 3), "unit": unit}))


main()
