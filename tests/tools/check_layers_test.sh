#!/usr/bin/env bash
# check_layers_test.sh SCRIPT: feeds check_layers small trees, each with one offence or none.
set -euo pipefail
script=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

expect() {  # WHY WANTED_TEXT FILE CONTENT [FILE CONTENT...]; no wanted text: the tree is clean
  local why=$1 wanted=$2 said status=0
  shift 2
  rm -rf "${tree:?}"/*
  while [ $# -gt 0 ]; do
    mkdir -p "$tree/$(dirname "$1")"
    printf '%s\n' "$2" >"$tree/$1"
    shift 2
  done
  said=$("$script" "$tree" 2>&1) || status=$?
  if [ -z "$wanted" ] && [ "$status" -ne 0 ]; then echo "FAILED: $why: $said"; exit 1; fi
  if [ -n "$wanted" ] && { [ "$status" -eq 0 ] || [[ $said != *"$wanted"* ]]; }; then
    echo "FAILED: $why: wanted '$wanted', got status $status: $said"
    exit 1
  fi
}

expect "downwards is fine" "" \
  assist/a.cpp '#include "engine/e.h"' engine/e.cpp '#include "kernels/k.h"'
expect "the engine knows no memory" "engine/e.cpp:1: engine/ must not know memory/" \
  engine/e.cpp '#include "memory/catalogue.h"'
expect "core knows nobody" "core/c.h:2: core/ must not know memory/" \
  core/c.h $'// c\n#include "memory/facts.h"'
expect "the command line starts the server in one file" "" cli/commands/lsp.cpp '#include "lsp/server.h"'
expect "and nowhere else" "cli/main.cpp:1: cli/ must not know lsp/" cli/main.cpp '#include "lsp/server.h"'
expect "one home for a third-party header" "<sqlite3.h> is already indexer/'s" \
  indexer/i.cpp '#include <sqlite3.h>' memory/m.cpp '#include <sqlite3.h>'
expect "parts of Boost are libraries of their own" "" \
  core/c.cpp '#include <boost/json.hpp>' lsp/l.cpp '#include <boost/asio/write.hpp>'
expect "the standard library and the system are everybody's" "" \
  core/c.cpp '#include <vector>' lsp/l.cpp $'#include <vector>\n#include <unistd.h>'
echo "check_layers: 8 trees judged as they should be"
