#!/usr/bin/env bash
# package.sh: checks, bundles and packs the extension: build/engram-<version>.vsix.
# Dependencies by exact version and hash (package-lock.json); nothing of them is run on install.
set -euo pipefail
cd "$(dirname "$0")"
deps=${ENGRAM_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/engram/deps}
if [ "$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')" -lt 20 ] 2>/dev/null || ! command -v node >/dev/null; then
  ../../tools/setup.sh editors  # Debian 12's Node is 18; vsce wants 20
  export PATH="$deps/code-server/bin:$PATH"
fi
out=$(git rev-parse --show-toplevel)/build
mkdir -p "$out"
cp ../../LICENSE LICENSE
trap 'rm -f LICENSE' EXIT
npm ci --silent
npm run --silent check
npm run --silent bundle
npx --no-install vsce package --no-dependencies --allow-missing-repository --out "$out/" >/dev/null
ls "$out"/engram-*.vsix
