#!/usr/bin/env bash
# tools/check_layers.sh [ROOT]: every #include goes downwards, each third-party header is known to
# one folder only (ARCHITECTURE.md, section 2), and no two headers define a type of one name: two
# private headers never meet in one file, so no compiler or linker sees that the inline functions of
# both are mixed up. Prints each offence as file:line: why.
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
  FNR == 1 { scope = ""; unnamed = 0 }
  /^namespace .*{/ { scope = scope "/" $2; if ($2 == "{") unnamed++ }
  /^}  \/\/ namespace/ { if (scope ~ /\/{$/) unnamed--; sub("/[^/]*$", "", scope) }
  /^(struct|class|union|enum|enum class|enum struct) [A-Za-z0-9_]+( final)?( :[^:].*)? \{/ && !unnamed {
    type = $0; sub("^(struct|class|union|enum (class|struct)|enum) ", "", type)
    sub("[^A-Za-z0-9_].*", "", type); type = scope "::" type
    if (!(type in defined)) { defined[type] = FILENAME ":" FNR }
    else offence(substr(type, 2) " is already defined in " defined[type])
  }
  function offence(why) { printf "%s:%d: %s\n", FILENAME, FNR, why; found++ }
  END { if (found) printf "%d offences\n", found; exit found > 0 }
' "${files[@]}"
