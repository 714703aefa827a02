#!/usr/bin/env python3
"""Hides lines of a project, indexes the rest, and shows what `engram complete` writes there.

Uses only the command contract: `engram index --json` and `engram complete --stdin --json`.
The lines are drawn from the code of the project by a seed, one a file; the same seed and project
give the same lines on every machine.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

CODE = {".cc", ".cpp", ".cxx", ".c", ".cu", ".py", ".rs", ".go", ".java", ".js", ".ts", ".tsx",
        ".cs", ".rb", ".php", ".lua", ".kt", ".swift", ".scala"}
OUTSIDE = re.compile(r"(^|/)(third[-_]party|vendor|node_modules|build|external|\.git)/|test|example")
COMMENT = re.compile(r"^(//|/\*|\*|#|--|;;|\"\"\"|''')")
TELLING = re.compile(r"[A-Za-z_]\w{2,}.*[A-Za-z_]\w{2,}")  # at least two names or keywords


def is_worth_hiding(line):
    """Code inside a body, of sensible length: no comment, no lone brace, no import."""
    text = line.strip()
    return (line[:1] in " \t" and 20 <= len(text) <= 90 and not COMMENT.match(text)
            and TELLING.search(text) and not text.startswith(("import ", "using ", "from "))
            and text[-1] not in "\\,(")


def candidate_files(tree):
    """The sources in the tree's main language, that is the suffix with the most bytes."""
    found, bytes_of = {}, {}
    for folder, _, names in os.walk(tree):
        for name in names:
            file = Path(folder, name)
            path = file.relative_to(tree).as_posix()
            if file.suffix in CODE and not OUTSIDE.search(path) and not file.is_symlink():
                found.setdefault(file.suffix, []).append(path)
                bytes_of[file.suffix] = bytes_of.get(file.suffix, 0) + file.stat().st_size
    return sorted(found[max(sorted(bytes_of), key=bytes_of.get)]) if found else []


def draw_lines(tree, seed, count):
    """(path, line number from 1, text) of `count` lines in as many files."""
    chance = random.Random(seed)
    files = candidate_files(tree)
    chance.shuffle(files)
    drawn = []
    for path in files:
        try:
            lines = (tree / path).read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            continue
        if not 100 <= len(lines) <= 5000:
            continue
        body = range(len(lines) // 5, len(lines))  # past the licence and the includes
        worth = [n for n in body if is_worth_hiding(lines[n])]
        if worth:
            number = chance.choice(worth)
            drawn.append((path, number + 1, lines[number]))
            if len(drawn) == count:
                return drawn
    return drawn


def hide(tree, path, number):
    """Leaves the line's indentation, where the cursor will stand; returns the file without it."""
    file = tree / path
    lines = file.read_text(encoding="utf-8").split("\n")
    line = lines[number - 1]
    lines[number - 1] = line[: len(line) - len(line.lstrip())]
    file.write_text("\n".join(lines), encoding="utf-8")
    return lines


def run(command, **options):
    """The JSON document on stdout; progress on stderr goes straight to the terminal."""
    done = subprocess.run(command, stdout=subprocess.PIPE, **options)
    if done.returncode != 0:
        sys.exit(f"demo: '{' '.join(command[:2])}' failed (exit status {done.returncode})")
    return json.loads(done.stdout)


def paint(code, text):
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() else text


def show_index(report, tree):
    print(f"\n{paint(1, tree.name)}: {report['files']:,} files, {report['bytes'] / 1e6:.1f} MB -> "
          f"{report['symbols']:,} symbols, {report['occurrences']:,} occurrences, "
          f"{report['chunks']:,} chunks in {report['seconds']:.1f} s "
          f"(peak {report['peak_rss_bytes'] / 2**20:.0f} MB); "
          f"{len(report['skipped'])} left out, each with its reason (engram status)")


def verdict(text, truth):
    if text.split("\n")[0].strip() == truth.strip():
        return "the hidden line, exactly"
    if "".join(text.split()).startswith("".join(truth.split())):
        return "the hidden line, broken into lines otherwise"
    return "not the hidden line"


def sources_text(sources, at_most=4):
    names = [f"{s['file']}:{s['line']}" for s in sources]
    more = f" and {len(names) - at_most} more" if len(names) > at_most else ""
    return (", ".join(names[:at_most]) or "this file alone") + more


def show_completion(place, lines, truth, answer):
    path, number = place
    print(f"\n{paint(1, f'{path}:{number}')}")
    for n in range(max(0, number - 4), number - 1):
        print(f"  {n + 1:5} | {lines[n]}")
    print(f"  {paint(2, 'hidden')}| {truth}")
    for item in answer["items"]:
        first = item["text"].split("\n")[0]
        indent = lines[number - 1] if not first.startswith((" ", "\t")) else ""
        for i, text in enumerate(item["text"].rstrip("\n").split("\n")):
            print(f"  {paint(32, 'engram')}| {paint(32, (indent if i == 0 else '') + text)}")
        print(f"  {verdict(item['text'], truth)}; confidence {item['confidence']:.2f}, checked: {item['checked']}, "
              f"facts: {item['certainty']}")
        print(f"  sources: {sources_text(item['sources'])}")
    if not answer["items"]:
        detail = f" ({answer['detail']})" if answer.get("detail") else ""
        print(f"  {paint(33, 'silent')}: {answer['reason']}{detail}")
    t, n = answer["timings_ms"], answer["tokens"]
    print(f"  {t['total']:.0f} ms: context {t['context']:.0f}, prefill {t['prefill']:.0f} "
          f"({n['prompt']} tokens), decode {t['decode']:.0f} ({n['generated']} tokens), "
          f"check {t['check']:.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--engram", required=True)
    parser.add_argument("--tree", required=True, type=Path, help="a copy: lines are taken out of it")
    parser.add_argument("--store", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=3)
    given = parser.parse_args()

    drawn = draw_lines(given.tree, given.seed, given.lines)
    if not drawn:
        sys.exit(f"demo: no line of code worth hiding in {given.tree}: no file has 100 lines of a known language")
    without = [hide(given.tree, path, number) for path, number, _ in drawn]

    engram = os.path.abspath(given.engram)
    show_index(run([engram, "index", ".", "--syntax-only", "--store", given.store, "--json"], cwd=given.tree), given.tree)
    print(f"model {given.model}, seed {given.seed}")
    for (path, number, truth), lines in zip(drawn, without):
        column = len(lines[number - 1].encode()) + 1
        answer = run([engram, "complete", f"{path}:{number}:{column}", "--stdin", "--store", given.store,
                      "--model", given.model, "--json"], cwd=given.tree, input="\n".join(lines).encode())
        show_completion((path, number), lines, truth, answer)


if __name__ == "__main__":
    main()
