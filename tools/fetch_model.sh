#!/usr/bin/env bash
# tools/fetch_model.sh NAME: fetches a model with our own command; a present one costs nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec build/release/bin/engram model fetch "$1"
