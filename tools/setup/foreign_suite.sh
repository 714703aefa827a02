# tools/setup/foreign_suite.sh: packages of another Debian suite, without adding it to the machine.
#
# Each suite gets its own apt state under $ENGRAM_DOWNLOADS: own sources, lists, cache and an empty
# status file, so that apt sees a machine with nothing installed. The mirror is the one this machine
# already uses; signatures are checked with Debian's keyring. Nothing here needs root.

# Prints the URI of the first source of this machine that serves Debian's own main suite.
debian_mirror() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    awk 'BEGIN { RS = ""; FS = "\n" }
      { uri = ""; suites = ""; on = 1
        for (i = 1; i <= NF; i++) {
          if ($i ~ /^URIs:/) { split($i, part, /[ \t]+/); uri = part[2] }
          if ($i ~ /^Suites:/) suites = $i " "
          if ($i ~ /^Enabled:[ \t]*no/) on = 0
        }
        if (on && uri != "" && suites ~ /[ \t](bookworm|stable)[ \t]/) { print uri; exit } }' "$file"
  done | head -n 1 | grep . && return
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    awk '$1 == "deb" { gsub(/\[[^]]*\]/, ""); if ($3 == "bookworm" || $3 == "stable") { print $2; exit } }' |
    grep . && return
  echo "no source of Debian bookworm found in /etc/apt: add one, then run this again" >&2
  return 1
}

# use_suite SUITE [deb-src]: makes every later apt-get of this shell see that suite alone.
use_suite() {
  local state=$ENGRAM_DOWNLOADS/apt/$1 types="deb ${2:-}" mirror
  mirror=$(debian_mirror)
  mkdir -p "$state"/{etc,lists/partial,cache/archives/partial,debs}
  : >"$state/status"
  printf '%s\n' "Types: $types" "URIs: $mirror" "Suites: $1" "Components: main" \
    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg" >"$state/etc/suite.sources"
  cat >"$state/apt.conf" <<CONF
Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "$state/etc";
Dir::State "$state"; Dir::State::lists "$state/lists"; Dir::State::status "$state/status";
Dir::Cache "$state/cache"; APT::Sandbox::User "root"; APT::Get::List-Cleanup "0";
CONF
  export APT_CONFIG=$state/apt.conf
  cd "$state/debs"
  apt-get update
}

# unpack_packages DIR PACKAGE...: downloads (unless kept from before) and unpacks into DIR.
unpack_packages() {
  local dir=$1 package version file
  shift
  for package in "$@"; do
    apt-get download "$package"
    version=$(apt-cache show --no-all-versions "$package" | awk '/^Version:/ { print $2; exit }')
    file=$(ls "${package%%:*}_${version//:/%3a}"_*.deb)
    dpkg -x "$file" "$dir"
  done
}

# with_dependencies PACKAGE: it and all it needs on a machine that has nothing.
with_dependencies() {
  apt-get install -s --no-install-recommends "$1" | awk '/^Inst/ { print $2 }'
}
