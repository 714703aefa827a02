#!/usr/bin/env bash
# tools/pictures/make.sh: the README's pictures, from real runs on this machine, into docs/pictures/:
#
#   demo.svg    what `make demo` prints (SEED=, MODEL= and REPO= as for the demo)
#   vscode.png  ghost text in a real VS Code (tests/editors/vscode)
#
# Needs a release build and `tools/setup.sh editors`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p docs/pictures

{ printf '$ make demo\n'; tools/demo.sh 2>/dev/null | sed '/^In your editor:/,$d'; } >"$work/demo.txt"
python3 tools/pictures/terminal_svg.py "make demo" <"$work/demo.txt" >docs/pictures/demo.svg

tests/editors/vscode/run.sh "$PWD/build/release/bin/engram" "$work" >"$work/vscode.log" 2>&1 ||
  { cat "$work/vscode.log" >&2; exit 1; }
cp "$work/ghost-text.png" docs/pictures/vscode.png
ls -l docs/pictures
