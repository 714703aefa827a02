#!/usr/bin/env bash
# tools/run_tests.sh PRESET [ctest argument...]: runs the tests of one build and sums them up.
#
# The last lines say why tests were skipped and how many there were of each kind. The summary stays
# in build/PRESET/Testing/summary.txt.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../build/$1" || exit 1
shift
mkdir -p Testing
ctest --parallel "${JOBS:-$(nproc)}" --output-on-failure --no-tests=error "$@" 2>&1 | tee Testing/run.log
status=${PIPESTATUS[0]}
why_skipped() {  # from what the skipped tests printed
  awk '
    /^[0-9]+\/[0-9]+ Testing: / { name = $0; sub(/^[^:]*: /, "", name); next }
    message { sub(/^ +/, ""); print "skipped: " name ": " $0; message = 0; next }
    /^explicitly with message:/ { message = 1 }
    sub(/^skipped: /, "") { print "skipped: " name ": " $0 }' Testing/Temporary/LastTest.log | sort -u
}
{
  sed -n '/tests passed, .* out of/,$p' Testing/run.log
  why_skipped
  awk '
    / +Passed +[0-9.]+ sec/ { passed++ }
    /\*\*\*(Failed|Timeout|Exception|Not Run|Not found)/ { failed++ }
    /\*\*\*Skipped/ { skipped++ }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }' Testing/run.log
} >Testing/summary.txt
sed -n '/^skipped: /p;$p' Testing/summary.txt
exit "$status"
