#!/usr/bin/env bash
# tools/python/lock.sh: rewrites test-requirements.txt with the newest versions of the tools named
# here and all they need, each with the hash of its wheel. The diff is reviewed like code.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
/usr/bin/python3 -m venv "$wheels/venv"
"$wheels/venv/bin/pip" download -q --only-binary :all: -d "$wheels" pytest pytest-lsp lsprotocol pytest-timeout
{
  echo "# Test tools for Debian 12's Python 3.11; made by tools/python/lock.sh, checked by pip."
  for wheel in "$wheels"/*.whl; do
    IFS=- read -r name version _ <<<"$(basename "$wheel")"
    echo "${name//_/-}==$version --hash=sha256:$(sha256sum "$wheel" | cut -c1-64)"
  done
} >test-requirements.txt
