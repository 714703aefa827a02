#!/usr/bin/env bash
# tools/setup.sh: installs what building and testing Engram needs, and nothing that is there already.
#
#   tools/setup.sh [build|test|editors|peers|all]...     default: build
#   tools/setup.sh --list [purpose]...                   says what is missing; installs nothing
#
#   build    compilers, libraries, tree-sitter grammars, Catch2: all that `make` and `make demo` use
#   test     build, plus clang-tidy, universal-ctags and the Python language-server client
#   editors  Neovim >= 0.12, VS Code in a browser (code-server), Chromium, Playwright
#   peers    llama.cpp, to print its numbers beside ours
#
# Debian packages (tools/setup/debian/<purpose>.txt: name, minimum version) come from the machine's
# own sources by archive signature, with sudo when the user is not root. Everything else is a
# *piece*: an executable tools/setup/pieces/<piece> that unpacks hash- or signature-checked archives
# into a private folder $ENGRAM_DEPS/<piece>, by default ~/.cache/engram/deps/<piece>:
#
#   catch2       catch2/usr                            Catch2 v3, from bookworm-backports
#   tree-sitter  tree-sitter/node_modules              core and grammars, sources only
#   python       python/bin/python                     pytest, pytest-lsp, lsprotocol
#   nvim         nvim/bin/nvim                         Neovim from sid, on its own loader
#   code-server  code-server/bin/code-server           VS Code 1.100.3 on its own Node 20
#                code-server/bin/node                  for Playwright scripts (NODE_PATH is set:
#                                                      require('playwright-core') works)
#                /usr/bin/chromium                     Debian's, for Playwright's executablePath
#   llama        llama/bin/{llama-bench,llama-completion,llama-server}
#
# A piece is rebuilt when its recipe changes and is swapped in whole, so an interrupted run leaves
# the old one. Downloads stay in ~/.cache/engram/downloads and in npm's and pip's own caches.
# On a terminal the script asks once before it installs; elsewhere it never asks.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/setup
cache=${XDG_CACHE_HOME:-$HOME/.cache}/engram
export ENGRAM_DEPS=${ENGRAM_DEPS:-$cache/deps}
export ENGRAM_DOWNLOADS=$cache/downloads
source "$here/debian_packages.sh"
source "$here/piece_folders.sh"

usage() { sed -n '4,5p' "${BASH_SOURCE[0]}" | cut -c3- >&2; exit 2; }

list_only=false
purposes=()
for argument in "${@:-build}"; do
  case $argument in
    --list) list_only=true ;;
    build | editors | peers) purposes+=("$argument") ;;
    test) purposes+=(build test) ;;
    all) purposes+=(build test editors peers) ;;
    *) usage ;;
  esac
done
[ ${#purposes[@]} -gt 0 ] || purposes=(build)

declare -A pieces_of=(
  [build]="catch2 tree-sitter" [test]="python" [editors]="nvim code-server" [peers]="llama")

mapfile -t packages < <(missing_packages "${purposes[@]}")
pieces=()
for purpose in "${purposes[@]}"; do
  for piece in ${pieces_of[$purpose]}; do
    piece_is_current "$piece" || pieces+=("$piece")
  done
done
if [ ${#packages[@]} -eq 0 ] && [ ${#pieces[@]} -eq 0 ]; then
  echo "setup: everything for ${purposes[*]} is here"
  exit 0
fi

echo "setup: will install"
[ ${#packages[@]} -eq 0 ] || echo "  Debian packages: ${packages[*]}"
for piece in "${pieces[@]}"; do echo "  $ENGRAM_DEPS/$piece: $("$here/pieces/$piece" describe)"; done
if $list_only; then exit 0; fi
if [ -t 0 ] && [ -t 1 ]; then
  read -r -p "setup: go on? [Y/n] " answer
  case $answer in [nN]*) echo "setup: nothing was installed" >&2; exit 1 ;; esac
fi

mkdir -p "$ENGRAM_DEPS" "$ENGRAM_DOWNLOADS"
exec 9>"$ENGRAM_DEPS/.lock"
flock 9  # two commands started at once install one after the other
[ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"
for piece in "${pieces[@]}"; do
  piece_is_current "$piece" || make_piece "$piece"
done
echo "setup: done in $SECONDS s"
