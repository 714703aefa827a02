#!/usr/bin/env bash
# tools/check_layers.sh [ROOT]: every #include goes downwards, and each third-party header is known
# to one folder only (ARCHITECTURE.md, section 2). Prints each offence as file:line: why.
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

mapfile -t files < <(find core memory indexer kernels engine assist lsp cli serve \
  \( -name '*.h' -o -name '*.cpp' \) 2>/dev/null | sort)
[ ${#files[@]} -gt 0 ] || { echo "check_layers: no sources under $PWD" >&2; exit 2; }

awk '
  BEGIN {
    sees["core"] = "core"
    sees["memory"] = "core memory"
    sees["indexer"] = "core memory indexer"
    sees["kernels"] = "core kernels"
    sees["engine"] = "core kernels engine"
    sees["assist"] = "core memory indexer engine assist"
    sees["lsp"] = sees["assist"] " lsp"
    sees["cli"] = sees["assist"] " cli"
    sees["serve"] = sees["assist"] " serve"
    split("core memory indexer kernels engine assist lsp cli serve tests bench", names)
    for (i in names) ours[names[i]] = 1
    # What the C library and Linux offer is nobody'"'"'s in particular, and fmt is everywhere.
    everyone = "^(fmt/|sys/|linux/|netinet/|arpa/|net/|(unistd|fcntl|signal|sched|pthread|spawn|poll|" \
      "dirent|string|strings|time|stdlib|stdint|errno|termios|pwd|limits|immintrin|cpuid|glob|dlfcn|execinfo)\\.h$)"
  }
  FNR == 1 { folder = FILENAME; sub("/.*", "", folder) }
  /^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\""); target = part[2]
    if (!sub("/.*", "", target) || !(target in ours)) next
    if (index(" " sees[folder] " ", " " target " ")) next
    if (folder == "cli" && target == "lsp" && FILENAME ~ /\/lsp[^\/]*\.cpp$/) next  # `engram lsp`
    offence(folder "/ must not know " target "/")
  }
  /^[ \t]*#[ \t]*include[ \t]*</ {
    header = $0; sub("^[^<]*<", "", header); sub(">.*", "", header)
    if (header !~ /[.\/]/ || header ~ everyone) next  # the standard library has neither
    library = header
    if (header ~ /^boost\//) { sub("^boost/", "", library); sub("[/.].*", "", library); library = "boost/" library }
    else sub("/.*", "", library)
    if (!(library in home)) { home[library] = folder; first[library] = FILENAME ":" FNR }
    else if (home[library] != folder) offence("<" header "> is already " home[library] "/'"'"'s (" first[library] ")")
  }
  function offence(why) { printf "%s:%d: %s\n", FILENAME, FNR, why; found++ }
  END { if (found) printf "%d includes break the layers\n", found; exit found > 0 }
' "${files[@]}"
