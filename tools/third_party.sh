#!/usr/bin/env bash
# tools/third_party.sh: rewrites the tables of THIRD_PARTY.md that follow from lock files, between
# their markers. A test compares the page with what this script would write (--check).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
page=THIRD_PARTY.md

# The direct dependencies of an npm folder: name, version, licence, hash.
npm_table() {
  echo '| package | version | licence | hash |'
  echo '| --- | --- | --- | --- |'
  awk -F '"' '
    FNR == NR { while (match($0, /"[^"]+": "[0-9][^"]*"/)) {
        entry = substr($0, RSTART + 1, RLENGTH - 2); $0 = substr($0, RSTART + RLENGTH)
        sub(/": "/, " ", entry); split(entry, part, " "); wanted[part[1]] = part[2] }
      next }
    /^    "node_modules\// { name = $2; sub("node_modules/", "", name); version = licence = "" }
    /^      "version":/ { version = $4 }
    /^      "integrity":/ { hash = $4 }
    /^      "license":/ { licence = $4 }
    /^    }/ { if (name in wanted && wanted[name] == version)
        printf "| %s | %s | %s | `%s` |\n", name, version, licence == "" ? "MIT" : licence, hash
      name = "" }' "$1/package.json" "$1/package-lock.json" | LC_ALL=C sort
}

python_table() {
  echo '| package | version | hash |'
  echo '| --- | --- | --- |'
  awk '!/^#/ { split($1, part, "=="); sub("--hash=", "", $2); printf "| %s | %s | `%s` |\n", part[1], part[2], $2 }' \
    tools/python/test-requirements.txt
}

section() {
  case $1 in
    grammars) npm_table tools/grammars ;;
    editors) npm_table tools/editors/code-server ;;
    python) python_table ;;
  esac
}

rewritten() {
  local line name skipping=false
  while IFS= read -r line; do
    case $line in
      '<!-- begin '*) name=${line#<!-- begin }; echo "$line"; section "${name% -->}"; skipping=true ;;
      '<!-- end -->') echo "$line"; skipping=false ;;
      *) $skipping || echo "$line" ;;
    esac
  done <"$page"
}

if [ "${1:-}" = --check ]; then
  diff "$page" <(rewritten) || { echo "$page is behind the lock files: run tools/third_party.sh" >&2; exit 1; }
else
  rewritten >"$page.new"
  mv "$page.new" "$page"
fi
