#!/usr/bin/env bash
# tools/run_fuzzers.sh SECONDS [NAME...]: every fuzzer of build/fuzz for that long, seeded from
# tests/fuzz/<name>/corpus. What it learns stays in build/fuzz/corpus, what it breaks on in
# build/fuzz/found: give each such file a named regression test.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=$1
shift
mkdir -p build/fuzz/found
failed=()
ran=0
for program in build/fuzz/bin/fuzz_*; do
  name=${program##*/fuzz_}
  [ -x "$program" ] || continue
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
  mkdir -p "build/fuzz/corpus/$name"
  seeds=()
  [ -d "tests/fuzz/$name/corpus" ] && seeds=("tests/fuzz/$name/corpus")
  "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/corpus/$name" "${seeds[@]}" \
    >"build/fuzz/$name.log" 2>&1 || { failed+=("$name"); tail -n 25 "build/fuzz/$name.log"; }
  ran=$((ran + 1))
  runs=$(awk '/number_of_executed_units/ { print $2 }' "build/fuzz/$name.log")
  echo "fuzz: $name: ${runs:-?} runs in $seconds s"
done
[ "$ran" -gt 0 ] || { echo "fuzz: build/fuzz has no such fuzzer: run make fuzz" >&2; exit 2; }
echo "$((ran - ${#failed[@]})) passed, ${#failed[@]} failed"
[ ${#failed[@]} -eq 0 ]
