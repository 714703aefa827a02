#!/usr/bin/env bash
# tools/check.sh: what `make check` adds to `make test`. Every step runs even when one before it
# failed, and the last lines say which did and why (whole: build/check/STEP.log).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

check_format() {
  git ls-files -z '*.h' '*.cpp' | xargs -0 clang-format-19 --dry-run --Werror
}
check_layers() { tools/check_layers.sh; }
check_tidy() { tools/build.sh release && tools/tidy.sh release; }
check_second_compiler() { tools/build.sh gcc && tools/run_tests.sh gcc -L unit; }
check_address_and_undefined() { tools/build.sh asan && tools/run_tests.sh asan -L unit; }

why_failed() {  # the lines of a step's output that say so, or else its last ones
  local log=build/check/$1.log
  grep -E '^failed: |error:|^FAILED: |internal compiler error|Killed|No space left' "$log" | tail -n 40 |
    grep . || tail -n 10 "$log"
}

mkdir -p build/check
failed=()
for step in format layers tidy second_compiler address_and_undefined; do
  echo "check: ${step//_/ }"
  started=$SECONDS
  if "check_$step" 2>&1 | tee "build/check/$step.log"; then
    echo "check: ${step//_/ } passed ($((SECONDS - started)) s)"
  else
    echo "check: ${step//_/ } FAILED ($((SECONDS - started)) s)"
    failed+=("$step")
  fi
done
for step in "${failed[@]}"; do
  echo "check: why ${step//_/ } failed:"
  why_failed "$step"
done
[ ${#failed[@]} -eq 0 ] || { IFS=,; echo "check: failed: ${failed[*]//_/ }"; exit 1; }
echo "check: everything passed ($SECONDS s)"
