# tools/setup/piece_folders.sh: private dependencies as whole folders, current or rebuilt.
# Sourced by tools/setup.sh; `here` is this folder.
#
# tools/setup/pieces/<piece> is a program with three verbs:
#   describe        one line for the list of what will be installed
#   inputs          the files that make up its recipe (locks, requirements), one a line
#   make DIR FINAL  fills the empty DIR, which will be renamed to FINAL
# <piece>/.recipe holds the hash of the recipe that made the folder.

recipe_hash() {
  { "$here/pieces/$1" inputs; echo "$here/pieces/$1"; } | xargs -d '\n' cat | sha256sum | cut -c1-64
}

piece_is_current() {
  local stamp=$ENGRAM_DEPS/$1/.recipe
  [ -f "$stamp" ] && [ "$(<"$stamp")" = "$(recipe_hash "$1")" ]
}

make_piece() {
  local piece=$1 final=$ENGRAM_DEPS/$1 log=$ENGRAM_DOWNLOADS/$1.log started=$SECONDS
  local fresh=$ENGRAM_DEPS/.new-$piece old=$ENGRAM_DEPS/.old-$piece
  rm -rf "$fresh" "$old"
  mkdir -p "$fresh"
  "$here/pieces/$piece" make "$fresh" "$final" >"$log" 2>&1 </dev/null || {
    tail -n 15 "$log" >&2
    echo "setup: could not make $final (whole log: $log)" >&2
    return 1
  }
  recipe_hash "$piece" >"$fresh/.recipe"
  [ ! -e "$final" ] || mv "$final" "$old"
  mv "$fresh" "$final"
  rm -rf "$old"
  echo "setup: $piece ready ($((SECONDS - started)) s)"
}
