#!/usr/bin/env bash
# tools/run_benchmarks.sh [NAME]: the benchmarks whose name contains NAME, JSON lines on stdout.
#
# The first line names machine, preset and commit. bench/<layer>/run, where there is one, says which
# programs of a layer are run with which arguments (and runs their peers in between); else
# bench_<layer> is run without any.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export ENGRAM_BIN=$PWD/build/release/bin
export ENGRAM_DEPS=${ENGRAM_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/engram/deps}
wanted=${1:-}

model=$(awk -F ': *' '/^model name/ { print $2; exit }' /proc/cpuinfo)
printf '{"machine":"%s","cores":%d,"memory_bytes":%d,"preset":"release","commit":"%s","date":"%s","load":%s}\n' \
  "$model" "$(nproc)" "$(awk '/^MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)" \
  "$(git describe --always --dirty 2>/dev/null || echo unknown)" "$(date -u +%F)" "$(cut -d' ' -f1 /proc/loadavg)"

ran=0
for folder in bench/*/; do
  layer=$(basename "$folder")
  [[ $layer == *"$wanted"* ]] || continue
  ran=$((ran + 1))
  echo "bench: $layer" >&2
  if [ -x "$folder/run" ]; then "$folder/run"; else "$ENGRAM_BIN/bench_$layer"; fi
done
[ "$ran" -gt 0 ] || { echo "bench: no benchmark is called '$wanted'" >&2; exit 2; }
