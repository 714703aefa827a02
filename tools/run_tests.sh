#!/usr/bin/env bash
# tools/run_tests.sh PRESET [ctest argument...]: runs the tests of one build and sums them up.
#
# The last line counts the tests; ctest names the skipped ones above it. The summary stays in
# build/PRESET/Testing/summary.txt.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../build/$1" || exit 1
shift
mkdir -p Testing
ctest --parallel "${JOBS:-$(nproc)}" --output-on-failure --no-tests=error "$@" 2>&1 | tee Testing/run.log
status=${PIPESTATUS[0]}
{
  sed -n '/tests passed, .* out of/,$p' Testing/run.log
  awk '
    / +Passed +[0-9.]+ sec/ { passed++ }
    /\*\*\*(Failed|Timeout|Exception|Not Run|Not found)/ { failed++ }
    /\*\*\*Skipped/ { skipped++ }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }' Testing/run.log
} >Testing/summary.txt
tail -n 1 Testing/summary.txt
exit "$status"
