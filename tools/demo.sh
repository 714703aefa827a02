#!/usr/bin/env bash
# tools/demo.sh: Engram on a real project it has never seen: indexes it, hides three lines, and shows
# what it would have written there. `make demo` builds first and calls this.
#
#   MODEL=NAME  the model (default qwen2.5-coder-1.5b, 1.1 GB; smollm2-135m, 98 MB, for the impatient)
#   REPO=DIR    your own repository instead of RocksDB; it is copied, never changed
#   SEED=N      which lines are hidden (default 1)
#
# The hidden lines are taken out before indexing, so the memory cannot know them either.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
engram=$tools/../build/release/bin/engram
model=${MODEL:-qwen2.5-coder-1.5b}
small=smollm2-135m
demo=${XDG_CACHE_HOME:-$HOME/.cache}/engram/demo

fetch_model() { "$engram" model fetch "$1"; }
if ! fetch_model "$model"; then
  [ "$model" != "$small" ] || { echo "demo: no model could be fetched: see the lines above" >&2; exit 1; }
  echo "demo: $model could not be fetched; going on with the much smaller $small, which guesses worse" >&2
  model=$small
  fetch_model "$model"
fi

# A fresh copy of the project: the demo takes lines out of it.
copy_of_repository() {  # FROM TO: what git tracks or would track; everything where there is no git
  if git -C "$1" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git -C "$1" ls-files -z --cached --others --exclude-standard |
      (cd "$1" && xargs -0 -r sh -c 'for f; do [ ! -f "$f" ] || printf "%s\0" "$f"; done' _) |
      tar -C "$1" --null -T - -cf - | tar -C "$2" -xf -
  else
    cp -a "$1/." "$2"
  fi
}
if [ -n "${REPO:-}" ]; then
  [ -d "$REPO" ] || { echo "demo: REPO=$REPO is not a directory" >&2; exit 2; }
  source_folder=$(cd "$REPO" && pwd)
  name=$(basename "$source_folder")
else
  name=rocksdb-7.8.3
  source_folder=$("$tools/corpus.sh" "$name")
fi
tree=$demo/$name
rm -rf "$tree"
mkdir -p "$tree"
copy_of_repository "$source_folder" "$tree"
[ -e "$tree/.engram.toml" ] || touch "$tree/.engram.toml"  # marks the copy as a workspace of its own

/usr/bin/env python3 "$tools/demo/hidden_lines.py" --engram "$engram" --tree "$tree" \
  --store "$demo/$name.store" --model "$model" --seed "${SEED:-1}"

absolute() { (cd "$1" && pwd); }
plugins=$(absolute "$tools/../editor-plugins")
cat <<NEXT

In your editor:
  VS Code   make vsix && code --install-extension build/engram-*.vsix
  Neovim    vim.opt.runtimepath:append('$plugins/nvim'); require('engram').setup()   (0.12 or newer, in init.lua)
NEXT
