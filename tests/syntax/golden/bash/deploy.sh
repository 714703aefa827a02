#!/usr/bin/env bash
# Deploys one thing.
set -euo pipefail
source ./common.sh
. "$HOME/.profile"

readonly TARGET=${1:-production}
declare -A hosts=([one]=1)
export PATH="$HOME/bin:$PATH"
count=0
alias ll='ls -l'

# Says something
# to the user.
say() {
  local message=$1 level
  level="${2:-info}"
  printf '%s: %s\n' "$level" "$message" >&2
  count=$((count + 1))
}

function deploy {
  local host
  for host in "${!hosts[@]}"; do
    say "to $host in $TARGET"
    rsync -a build/ "$host:/srv" || return 1
  done
  case $TARGET in
    production) notify "$count" ;;
    *) : ;;
  esac
  cat <<EOF
done: $TARGET
EOF
}

if [[ -n ${DEBUG:-} ]]; then
  trap 'say failed' ERR
fi
deploy "$@"
