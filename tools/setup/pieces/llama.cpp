#!/usr/bin/env bash
# llama.cpp from sid, the peer whose speed is printed beside ours; it runs on its own loader.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
case $1 in
  describe) echo "llama.cpp tools from sid (19 MB)" ;;
  inputs) ;;
  make)
    dir=$2
    source "$here/foreign_suite.sh"
    use_suite sid
    unpack_packages "$dir" $(with_dependencies llama.cpp-tools)
    mkdir "$dir/bin"
    for tool in "$dir"/usr/bin/llama-*; do
      cat >"$dir/bin/$(basename "$tool")" <<'TOOL'
#!/bin/sh
# GGML_BACKEND_PATH may name another of backends0/*.so; the best one for AVX-512 is the default.
dir=$(dirname "$(dirname "$(readlink -f "$0")")")
lib=$(dirname "$(ls "$dir"/usr/lib/*/libc.so.6)")
backend=libggml-cpu-haswell.so
grep -qm1 avx512_bf16 /proc/cpuinfo && backend=libggml-cpu-zen4.so
export GGML_BACKEND_PATH="${GGML_BACKEND_PATH:-$lib/ggml/backends0/$backend}"
exec "$lib"/ld-linux*.so.* --library-path "$lib:$lib/llama" "$dir/usr/bin/$(basename "$0")" "$@"
TOOL
    done
    chmod +x "$dir"/bin/*
    "$dir/bin/llama-bench" --help >/dev/null
    ls "$dir"/usr/lib/*/ggml/backends0
    ;;
esac
