#!/usr/bin/env python3
"""workspace.py redis|engram DEST: a copy of a real project with a compile database, made anew.

redis: the corpus of tools/corpora.txt, its 97 sources compiled as its Makefile would with libc's malloc.
engram: core/ and memory/ of this repository, from build/release/compile_commands.json. A copy, so that
whoever indexes it sees these units alone and may change them.
"""
import json
import os
import shutil
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def redis(destination):
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    corpus = os.path.join(cache, "engram", "corpora", "redis-7.0.15")
    if not os.path.isdir(corpus):
        sys.exit("workspace: fetch redis-7.0.15 first: tools/corpora.sh redis-7.0.15")
    for folder in ("src", "deps/hiredis", "deps/linenoise", "deps/lua/src", "deps/hdr_histogram"):
        shutil.copytree(os.path.join(corpus, folder), os.path.join(destination, folder))
    source = os.path.join(destination, "src")
    with open(os.path.join(source, "release.h"), "w", encoding="utf-8") as file:
        file.write('#define REDIS_GIT_SHA1 "0"\n#define REDIS_GIT_DIRTY "0"\n#define REDIS_BUILD_ID "0"\n')
    flags = ("cc -std=c11 -pedantic -DREDIS_STATIC='' -Wall -W -Wno-missing-field-initializers -O2 -g"
             " -I../deps/hiredis -I../deps/linenoise -I../deps/lua/src -I../deps/hdr_histogram -c ")
    return [{"directory": source, "file": os.path.join(source, name), "command": flags + name}
            for name in sorted(os.listdir(source)) if name.endswith(".c")]


def engram(destination):
    folders = ("core", "memory")
    for folder in folders:
        shutil.copytree(os.path.join(ROOT, folder), os.path.join(destination, folder))
    with open(os.path.join(ROOT, "build/release/compile_commands.json"), encoding="utf-8") as file:
        units = json.load(file)
    below = tuple(f"{ROOT}/{folder}/" for folder in folders)
    return [{"directory": destination, "file": unit["file"].replace(ROOT, destination),
             "command": unit["command"].replace(ROOT, destination)}
            for unit in units if unit["file"].startswith(below)]


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("redis", "engram"):
        sys.exit(__doc__.splitlines()[0])
    destination = os.path.abspath(sys.argv[2])
    shutil.rmtree(destination, ignore_errors=True)
    os.makedirs(destination)
    units = redis(destination) if sys.argv[1] == "redis" else engram(destination)
    with open(os.path.join(destination, "compile_commands.json"), "w", encoding="utf-8") as file:
        json.dump(units, file, indent=0)


if __name__ == "__main__":
    main()
