#!/usr/bin/env bash
# tools/fuzz_campaign.sh NAME EXECUTIONS [MAX_LEN]: runs a fuzzer until it has executed that often.
#
# Slices with seeds 1, 2, 3, ...; each starts from what the ones before learned (build/fuzz/corpus),
# and is counted in docs/benchmarks/fuzz_NAME.jsonl when it ends. Run again, it goes on with the next
# seed. A crash stops it; its input is in build/fuzz/found: give it a named test and run again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=$1 wanted=$2 max_len=${3:-16384}
program=build/fuzz/bin/fuzz_$name
results=docs/benchmarks/fuzz_$name.jsonl
log=build/fuzz/campaign_$name.log
slice_seconds=${SLICE_SECONDS:-120}
tools/build.sh fuzz "fuzz_$name"
mkdir -p build/fuzz/found "build/fuzz/corpus/$name"
touch "$results"
executed() { awk -F'[:,]' '{ sum += $4 } END { printf "%d", sum }' "$results"; }
number() { awk -v key="$1" '$1 == key { print $2 }' "$log"; }
while [ "$(executed)" -lt "$wanted" ]; do
  seed=$(($(wc -l <"$results") + 1))
  echo "fuzz_campaign: $name: $(executed) of $wanted executions, seed $seed" >&2
  "$program" -seed="$seed" -runs="$wanted" -max_total_time="$slice_seconds" -timeout=20 \
    -rss_limit_mb=2048 -malloc_limit_mb=2048 -max_len="$max_len" -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/corpus/$name" \
    "tests/fuzz/$name/corpus" >"$log" 2>&1 || { tail -n 25 "$log" >&2; exit 1; }
  printf '{"seed": %d, "executions": %d, "slowest_s": %d, "peak_rss_mb": %d, "corpus": %d}\n' \
    "$seed" "$(number stat::number_of_executed_units:)" "$(number stat::slowest_unit_time_sec:)" \
    "$(number stat::peak_rss_mb:)" "$(find "build/fuzz/corpus/$name" -type f | wc -l)" >>"$results"
done
echo "$name: $(executed) executions, none failed"
