#!/usr/bin/env bash
# tools/check.sh [STEP...]: what `make check` adds to `make test`, or only the steps named. Every step
# runs even when one before it failed, and the last lines say which did and why (whole: build/check/STEP.log).
#
# CHECK_SECONDS=N bounds it all: a step that the time is over for ends, counts neither as passed nor as
# failed, and is named last. What it compiled is in ccache, so the next run goes on from there.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

check_format() {
  git ls-files -z '*.h' '*.cpp' | xargs -0 clang-format-19 --dry-run --Werror
}
check_layers() { tools/check_layers.sh; }
check_tidy() { tools/build.sh release all benchmarks && tools/tidy.sh; }
check_second_compiler() { tools/build.sh gcc && tools/run_tests.sh gcc -L unit; }
check_address_and_undefined() { tools/build.sh asan && tools/run_tests.sh asan -L unit; }

if [ "${CHECK_STEP-}" ]; then
  "check_$CHECK_STEP"
  exit
fi

run_step() {  # 124: the time was over
  local left=$((${CHECK_SECONDS:-1000000} - SECONDS))
  [ $left -gt 0 ] || return 124
  CHECK_STEP=$1 timeout --kill-after=20 $left tools/check.sh
}

why_failed() {  # the lines of a step's output that say so, or else its last ones
  local log=build/check/$1.log
  grep -E '^failed: |error:|^FAILED: |internal compiler error|Killed|No space left' "$log" | tail -n 40 |
    grep . || tail -n 10 "$log"
}

[ $# -gt 0 ] || set -- format layers tidy second_compiler address_and_undefined
mkdir -p build/check
failed=()
undone=()
for step in "$@"; do
  echo "check: ${step//_/ }"
  started=$SECONDS
  run_step "$step" 2>&1 | tee "build/check/$step.log"
  case ${PIPESTATUS[0]}${CHECK_SECONDS:+ of} in
    0*) echo "check: ${step//_/ } passed ($((SECONDS - started)) s)" ;;
    '124 of' | '137 of')
      echo "check: ${step//_/ } NOT DONE ($((SECONDS - started)) s)"
      undone+=("$step")
      ;;
    *)
      echo "check: ${step//_/ } FAILED ($((SECONDS - started)) s)"
      failed+=("$step")
      ;;
  esac
done
for step in "${failed[@]}"; do
  echo "check: why ${step//_/ } failed:"
  why_failed "$step"
done

summary() {
  local IFS=,
  [ ${#undone[@]} -eq 0 ] ||
    echo "check: not done, $CHECK_SECONDS s were over: ${undone[*]//_/ } (run it again: what was compiled is kept)"
  [ ${#failed[@]} -eq 0 ] || echo "check: failed: ${failed[*]//_/ }"
  [ ${#undone[@]} -gt 0 ] || [ ${#failed[@]} -gt 0 ] || echo "check: everything passed ($SECONDS s)"
}
summary | tee build/check/summary.txt
[ ${#failed[@]} -eq 0 ]
