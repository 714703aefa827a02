# tools/setup/debian_packages.sh: which Debian packages are missing, and installing them.
# Sourced by tools/setup.sh; `here` is this folder.

# Prints the packages of the given purposes that are neither installed in the minimum version nor
# stood in for by the command of the third column. One dpkg-query for all: this is the fast path.
missing_packages() {
  local -A installed
  local name version minimum command
  while read -r name version; do installed[$name]=$version; done < <(
    dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package} ${Version}\n' |
      awk '$1 == "ii" { sub(/:.*/, "", $2); print $2, $3 }')
  for purpose in "$@"; do cat "$here/debian/$purpose.txt"; done | sed 's/#.*//; /^ *$/d' | sort -u |
    while read -r name minimum command; do
      if [ -n "${installed[$name]:-}" ] &&
        version_at_least "${installed[$name]}" "$minimum"; then continue; fi
      if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
      echo "$name"
    done
}

version_at_least() {  # have, minimum; the cheap equality first, dpkg decides the rest
  [ "$2" = 0 ] || [ "$1" = "$2" ] || dpkg --compare-versions "$1" ge "$2"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  local log=$ENGRAM_DOWNLOADS/apt.log
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "setup: Debian packages need root and there is no sudo: as root, apt-get install $*" >&2
    return 1
  fi
  echo "setup: apt-get install (log: $log)"
  as_root apt-get update -qq >"$log" 2>&1 || true  # a dead third-party source must not stop us
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
    >>"$log" 2>&1 </dev/null || {
    tail -n 15 "$log" >&2
    echo "setup: apt-get could not install: $* (whole log: $log)" >&2
    return 1
  }
  local still
  still=$(missing_packages "${purposes[@]}")
  [ -z "$still" ] || {
    echo "setup: Debian's version is too old for:" $still "(Engram needs Debian 12 or newer)" >&2
    return 1
  }
}
