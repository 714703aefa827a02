#!/usr/bin/env bash
# tools/tidy.sh [FILE...]: clang-tidy on our sources, those that changed since they last passed.
#
# Sources are read in the batches of cmake/EngramTargets.cmake, so that the headers of a batch are read
# and checked once. What passed is remembered under the user's cache by the content of a batch's sources,
# of every header of ours that they include, of .clang-tidy, of the tool and all flags: a second run, or another clone,
# costs only the difference. The release build with its benchmarks must be there (its dependency log says what includes what).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
passed=${XDG_CACHE_HOME:-$HOME/.cache}/engram/tidy
mkdir -p "$passed" build/tidy
cmake --preset tidy >build/tidy/configure.log 2>&1 || {
  tail -n 20 build/tidy/configure.log >&2
  echo "tidy: cmake --preset tidy failed (whole log: build/tidy/configure.log)" >&2
  exit 2
}
flags() { tr ' ' '\n' <build/tidy/compile_commands.json | grep '^-' | sed "s#$PWD##g" | sort -u; }
tool=$(clang-tidy-19 --version | sha256sum; sha256sum .clang-tidy; flags | sha256sum)

# One line for each that was compiled: its (first) source, then what else of ours was read.
sources_and_headers() {
  ninja -C build/release -t deps | awk -v root="$PWD/" '
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

# One line a batch: what the compiler is given, then the sources in it.
batches() {
  awk -v root="$PWD/" -F '"' '
    $2 == "file" && index($4, root) == 1 && !($4 in seen) {
      seen[$4] = 1; file = $4; line = ""
      if (file ~ /\.cxx$/) {
        while ((getline text < file) > 0) if (text ~ /^#include/) {
          split(text, part, "\""); line = line " " substr(part[2], length(root) + 1)
        }
      } else if (file ~ /\.cpp$/ && index(file, root "build/") != 1) line = " " substr(file, length(root) + 1)
      if (line != "") print file line
    }' build/tidy/compile_commands.json
}

tidy_one() {  # KEY FILE
  if clang-tidy-19 -p build/tidy --quiet "$2" >"$passed/$1.log" 2>/dev/null; then
    mv "$passed/$1.log" "$passed/$1"
  else
    cat "$passed/$1.log"
    rm "$passed/$1.log"
    return 1
  fi
}
export -f tidy_one
export passed

declare -A headers
while read -r source rest; do headers[$source]=$rest; done < <(sources_and_headers)
[ ${#headers[@]} -gt 0 ] || { echo "tidy: build/release has no dependency log: build it first" >&2; exit 2; }

asked_for() {  # ASKED... : those of `sources`
  local one
  [ $# -gt 0 ] || return 0
  for one in "${sources[@]}"; do [[ " $* " != *" $one "* ]] || return 0; done
  return 1
}
todo=()
total=0
while read -r file members; do
  read -ra sources <<<"$members"
  asked_for "$@" || continue
  total=$((total + ${#sources[@]}))
  key=$({
    echo "$tool" "$members"
    for source in "${sources[@]}"; do printf '%s\n' "$source" ${headers[$source]-}; done | sort -u | xargs sha256sum
  } | sha256sum | cut -c1-40)
  [ -f "$passed/$key" ] || todo+=("$key" "$file")
done < <(batches)
[ "$total" -gt 0 ] || { echo "tidy: none of the sources asked for is in build/tidy/compile_commands.json" >&2; exit 2; }
echo "tidy: $total sources, $((${#todo[@]} / 2)) batches of them to check"
[ ${#todo[@]} -eq 0 ] || printf '%s\0' "${todo[@]}" |
  xargs -0 -n 2 -P "${JOBS:-$(nproc)}" bash -c 'tidy_one "$1" "$2"' _
