#!/usr/bin/env bash
# tools/campaign.sh NAME [argument...]: a long piece of work that make test only samples. Each is a
# program tools/campaigns/NAME: seeded, and continued where it was interrupted when run again. Its
# results go under docs/benchmarks/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ $# -eq 0 ] || [ ! -x "tools/campaigns/$1" ]; then
  echo "usage: make campaign NAME=...; there is:" >&2
  for program in tools/campaigns/*; do
    [ -x "$program" ] || continue
    printf '  %-20s %s\n' "${program##*/}" "$(sed -n '2s/^# *[^:]*: *//p' "$program")" >&2
  done
  exit 2
fi
program=tools/campaigns/$1
shift
mkdir -p docs/benchmarks
exec "$program" "$@"
