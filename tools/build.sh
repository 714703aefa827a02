#!/usr/bin/env bash
# tools/build.sh PRESET [TARGET...]: configures when there is need (a new build, changed presets) and builds,
# saying only what matters.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=$1
shift
mkdir -p "build/$preset"
[ "build/$preset/build.ninja" -nt CMakePresets.json ] || cmake --preset "$preset" >"build/$preset/configure.log" 2>&1 || {
  tail -n 20 "build/$preset/configure.log" >&2
  echo "build: cmake --preset $preset failed (whole log: build/$preset/configure.log)" >&2
  exit 1
}
exec cmake --build --preset "$preset" -j "${JOBS:-$(nproc)}" ${1:+--target "$@"}
