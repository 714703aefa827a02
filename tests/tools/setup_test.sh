#!/usr/bin/env bash
# setup_test.sh TOOLS: the set-up scripts on made-up machines; nothing is downloaded or installed.
set -euo pipefail
tools=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() { echo "FAILED: $*"; exit 1; }

# --- which Debian packages are missing
mkdir -p "$scratch/bin" "$scratch/recipes/debian" "$scratch/recipes/pieces"
cat >"$scratch/bin/dpkg-query" <<'DPKG'
#!/bin/sh
printf '%s\n' 'ii  old-tool 1.2-1' 'ii  library:amd64 1:3.4-5' 'rc  removed 9.9'
DPKG
chmod +x "$scratch/bin/dpkg-query"
cat >"$scratch/recipes/debian/build.txt" <<'LIST'
# package   minimum  command that serves as well
old-tool    2.0
library     1:3.0
removed     1.0
stood-in    1.0      sh
absent      1.0      no-such-command-anywhere
LIST
here=$scratch/recipes
source "$tools/setup/debian_packages.sh"
missing=$(PATH=$scratch/bin:$PATH missing_packages build | tr '\n' ' ')
[ "$missing" = "absent old-tool removed " ] || fail "missing packages: '$missing'"

# --- pieces: made once, again when the recipe changes, and kept when that fails
export ENGRAM_DEPS=$scratch/deps ENGRAM_DOWNLOADS=$scratch/downloads
mkdir -p "$ENGRAM_DEPS" "$ENGRAM_DOWNLOADS"
cat >"$scratch/recipes/pieces/toy" <<'PIECE'
#!/usr/bin/env bash
set -euo pipefail
folder=$(dirname "$(dirname "${BASH_SOURCE[0]}")")
case $1 in
  describe) echo "a toy" ;;
  inputs) echo "$folder/toy.lock" ;;
  make) grep -q good "$folder/toy.lock" && cp "$folder/toy.lock" "$2/made" ;;
esac
PIECE
chmod +x "$scratch/recipes/pieces/toy"
source "$tools/setup/piece_folders.sh"
echo "good 1" >"$here/toy.lock"
! piece_is_current toy || fail "a piece that was never made is current"
make_piece toy >/dev/null
piece_is_current toy || fail "a piece just made is not current"
echo "good 2" >"$here/toy.lock"
! piece_is_current toy || fail "a changed lock file leaves the piece current"
make_piece toy >/dev/null
[ "$(cat "$ENGRAM_DEPS/toy/made")" = "good 2" ] || fail "the new recipe was not used"
echo "bad 3" >"$here/toy.lock"
! (make_piece toy >/dev/null 2>&1) || fail "a failing recipe reports success"
[ "$(cat "$ENGRAM_DEPS/toy/made")" = "good 2" ] || fail "a failing recipe destroyed the old piece"

# --- the mirror comes from either format of apt's sources
source "$tools/setup/foreign_suite.sh"
mkdir -p "$scratch/apt/sources.list.d"
cat >"$scratch/apt/sources.list.d/a.sources" <<'SOURCES'
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no

Types: deb
URIs: http://vendor.example/tool
Suites: nodistro
Components: main
SOURCES
cat >"$scratch/apt/sources.list.d/b.sources" <<'SOURCES'
Types: deb deb-src
URIs: http://one.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
SOURCES
cat >"$scratch/apt/sources.list" <<'LIST'
# deb http://commented.example/debian bookworm main
deb http://vendor.example/docker bookworm stable
deb [arch=amd64 signed-by=/k.gpg] http://two.example/debian bookworm main
deb http://one.example/debian bookworm main
deb http://security.example/debian bookworm-security main
LIST
found=$(mirror_candidates "$scratch/apt" | tr '\n' ' ')
[ "$found" = "http://one.example/debian http://two.example/debian " ] || fail "mirrors: '$found'"

# --- nothing to do is quick, silent about root, and asks nothing
here_tools=$tools
unset ENGRAM_DEPS ENGRAM_DOWNLOADS
if "$here_tools/setup.sh" --list build </dev/null | grep -q 'is here'; then
  started=$(date +%s%N)
  "$here_tools/setup.sh" build </dev/null >/dev/null
  took=$((($(date +%s%N) - started) / 1000000))
  [ "$took" -lt 1000 ] || fail "nothing to do took $took ms"
else
  echo "note: something is missing on this machine, so the quick path was not timed"
fi
! "$here_tools/setup.sh" nonsense >/dev/null 2>&1 || fail "an unknown purpose is accepted"
echo "setup: judged on made-up machines"
