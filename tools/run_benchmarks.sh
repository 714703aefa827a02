#!/usr/bin/env bash
# tools/run_benchmarks.sh [NAME]: the benchmarks whose name contains NAME, JSON lines on stdout.
#
# The first line names machine, preset and commit. bench/<layer>/run, where there is one, says with
# which arguments a layer's program is run (and runs its peer in between); else it gets none.
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
for program in "$ENGRAM_BIN"/bench_*; do
  layer=${program##*/bench_}
  if [ ! -x "$program" ] || [[ $layer != *"$wanted"* ]]; then continue; fi
  ran=$((ran + 1))
  echo "bench: $layer" >&2
  if [ -x "bench/$layer/run" ]; then "bench/$layer/run"; else "$program"; fi
done
[ "$ran" -gt 0 ] || { echo "bench: no benchmark is called '$wanted'" >&2; exit 2; }
