#!/usr/bin/env bash
# tools/tidy.sh PRESET [FILE...]: clang-tidy on our sources, those that changed since they last passed.
#
# What passed is remembered under the user's cache by the content of the source, of every header of
# ours that it includes, of .clang-tidy and of the tool: a second run, or another clone, costs only
# the difference. The build must be there (its dependency log says what includes what).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/$1
shift
passed=${XDG_CACHE_HOME:-$HOME/.cache}/engram/tidy
mkdir -p "$passed"
tool=$(clang-tidy-19 --version | sha256sum; sha256sum .clang-tidy CMakePresets.json)

# One line a source: its path, then our headers that it includes.
sources_and_headers() {
  ninja -C "$build" -t deps | awk -v root="$PWD/" '
    /^[^ ].*: #deps/ { emit(); source = ""; line = ""; next }
    /^ / {
      path = $1; sub("^(\\.\\./)+", root, path)
      if (index(path, root) != 1) next
      path = substr(path, length(root) + 1)
      if (path ~ "^build/") next
      if (source == "" && path ~ /\.cpp$/) source = path; else line = line " " path
    }
    function emit() { if (source != "" && !(source in seen)) { seen[source] = 1; print source line } }
    END { emit() }' | sort
}

tidy_one() {  # KEY SOURCE
  if clang-tidy-19 -p "$build" --quiet "$2" >"$passed/$1.log" 2>/dev/null; then
    mv "$passed/$1.log" "$passed/$1"
  else
    cat "$passed/$1.log"
    rm "$passed/$1.log"
    return 1
  fi
}
export -f tidy_one
export build passed

todo=()
total=0
while read -r source headers; do
  if [ $# -gt 0 ] && [[ " $* " != *" $source "* ]]; then continue; fi
  total=$((total + 1))
  key=$({ echo "$tool"; echo "$source"; sha256sum $source $headers; } | sha256sum | cut -c1-40)
  [ -f "$passed/$key" ] || todo+=("$key" "$source")
done < <(sources_and_headers)
[ "$total" -gt 0 ] || { echo "tidy: $build has no dependency log: build it first" >&2; exit 2; }
echo "tidy: $((${#todo[@]} / 2)) of $total sources to check"
[ ${#todo[@]} -eq 0 ] || printf '%s\0' "${todo[@]}" |
  xargs -0 -n 2 -P "${JOBS:-$(nproc)}" bash -c 'tidy_one "$1" "$2"' _
