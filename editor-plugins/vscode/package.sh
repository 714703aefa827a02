#!/usr/bin/env bash
# package.sh: checks, bundles and packs the extension: build/engram-<version>.vsix.
# Dependencies by exact version and hash (package-lock.json); nothing of them is run on install.
set -euo pipefail
cd "$(dirname "$0")"
out=$(git rev-parse --show-toplevel)/build
mkdir -p "$out"
cp ../../LICENSE LICENSE
trap 'rm -f LICENSE' EXIT
npm ci --silent
npm run --silent check
npm run --silent bundle
npx --no-install vsce package --no-dependencies --allow-missing-repository --out "$out/" >/dev/null
ls "$out"/engram-*.vsix
