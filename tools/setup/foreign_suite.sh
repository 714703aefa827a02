# tools/setup/foreign_suite.sh: packages of another Debian suite, without adding it to the machine.
#
# Each suite gets its own apt state under $ENGRAM_DOWNLOADS: own sources, lists, cache and an empty
# status file, so that apt sees a machine with nothing installed. The mirror is the one this machine
# already uses; signatures are checked with Debian's keyring. Nothing here needs root.

# Prints the URIs of this machine's sources that may be Debian's own main archive, from both of apt's
# formats (one-line .list files, stanzas of .sources files). Others may use the same suite names:
# whose archive it is, the signature decides.
mirror_candidates() {  # [FOLDER of the sources]
  local sources=${1:-/etc/apt}
  {
    find "$sources" -name '*.sources' -exec sed '$G' {} \; |
      awk 'BEGIN { RS = ""; FS = "\n" }
        { uri = suites = components = ""; on = 1
          for (i = 1; i <= NF; i++) {
            if ($i ~ /^URIs:/) { split($i, part, /[ \t]+/); uri = part[2] }
            if ($i ~ /^Suites:/) suites = $i " "
            if ($i ~ /^Components:/) components = $i " "
            if ($i ~ /^Enabled:[ \t]*no/) on = 0
          }
          if (on && uri != "" && suites ~ /[ \t](bookworm|stable|oldstable)[ \t]/ &&
              components ~ /[ \t]main[ \t]/) print uri }'
    find "$sources" -name '*.list' -exec cat {} + |
      awk '$1 == "deb" { gsub(/\[[^]]*\]/, ""); if ($3 ~ /^(bookworm|stable|oldstable)$/ && / main( |$)/) print $2 }'
  } | awk '!seen[$0]++'
}

# use_suite SUITE [deb-src]: makes every later apt-get of this shell see that suite alone.
use_suite() {
  local state=$ENGRAM_DOWNLOADS/apt/$1 types="deb ${2:-}" mirror
  mkdir -p "$state"/{etc,lists/partial,cache/archives/partial,debs}
  : >"$state/status"
  cat >"$state/apt.conf" <<CONF
Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "$state/etc";
Dir::State "$state"; Dir::State::lists "$state/lists"; Dir::State::status "$state/status";
Dir::Cache "$state/cache"; APT::Sandbox::User "root"; APT::Update::Error-Mode "any";
CONF
  export APT_CONFIG=$state/apt.conf
  cd "$state/debs"
  for mirror in $(mirror_candidates); do
    printf '%s\n' "Types: $types" "URIs: $mirror" "Suites: $1" "Components: main" \
      "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg" >"$state/etc/suite.sources"
    if apt-get update; then return; fi
  done
  echo "cannot read Debian's suite $1 through any source under /etc/apt that serves bookworm's main" >&2
  return 1
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
