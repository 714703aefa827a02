#!/usr/bin/env bash
# tools/run_tests.sh PRESET [ctest argument...]: runs the tests of one build and sums them up.
#
# The last lines say which tests failed with what they printed, why tests were skipped, and how many
# there were of each kind. The summary stays in build/PRESET/Testing/summary.txt.
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
what_failed() {  # each failed test and the last lines it printed
  awk '
    function flush(  i, from) {
      from = lines > 25 ? lines - 25 : 0
      for (i = from; i < lines; i++) print "failed:   " line[i]
      lines = 0
    }
    /^ +Start +[0-9]+: / || /^ *[0-9]+\/[0-9]+ Test +#/ || /^[0-9]+% tests passed/ { flush(); inside = 0 }
    /\*\*\*(Failed|Timeout|Exception|Not Run|Not found)/ && /Test +#/ {
      name = $0; sub(/^ *[0-9]+\/[0-9]+ /, "", name); print "failed: " name; inside = 1; next
    }
    inside && NF { line[lines++] = $0 }
    END { flush() }' Testing/run.log
}
{
  sed -n '/tests passed, .* out of/,$p' Testing/run.log
  what_failed
  why_skipped
  awk '
    / +Passed +[0-9.]+ sec/ { passed++ }
    /\*\*\*(Failed|Timeout|Exception|Not Run|Not found)/ { failed++ }
    /\*\*\*Skipped/ { skipped++ }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }' Testing/run.log
} >Testing/summary.txt
sed -n '/^failed: /p;/^skipped: /p;$p' Testing/summary.txt
exit "$status"
