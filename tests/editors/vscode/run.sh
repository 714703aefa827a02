#!/usr/bin/env bash
# run.sh PROGRAM OUTPUT_DIR: packs the extension and runs ghost_text_test.js in a real VS Code.
# Exit 77 (skipped, with the reason last) when the editor pieces are not on this machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
program=$1
output=$2
deps=${ENGRAM_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/engram/deps}
export ENGRAM_DEPS_CODE_SERVER=$deps/code-server
models=${XDG_CACHE_HOME:-$HOME/.cache}/engram/models
if [ ! -x "$ENGRAM_DEPS_CODE_SERVER/bin/code-server" ] || [ ! -x /usr/bin/chromium ]; then
  echo "skipped: no VS Code here; 'tools/setup.sh editors' installs it"
  exit 77
fi
model=$(ls "$models"/smollm2-135m/*.gguf)
vsix=$("$top/editor-plugins/vscode/package.sh" | tail -n 1)
exec timeout 300 "$ENGRAM_DEPS_CODE_SERVER/bin/node" "$here/ghost_text_test.js" \
  "$program" "$vsix" "$model" "$output"
