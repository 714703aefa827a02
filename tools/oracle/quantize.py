"""Rows of floats and what other quantisers make of them: the yardstick of kernels/quantize_weights.

    python tools/oracle/quantize.py LLAMA_DIR tests/data/quantize.bin

LLAMA_DIR is an unpacked llama.cpp (tools/setup.sh peers: <deps>/llama). Q8_0, Q4_0 and Q4_1 are
quantised by the gguf package, the K types, which it cannot write, by llama.cpp's libggml.

Format, little-endian:  "EQUA" u32 n_values, f32 values[n_values] u32 n_types;
  per type: u32 GGUF type id, u32 n_bytes, bytes[n_bytes]
"""

import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
from gguf import GGMLQuantizationType, quantize

# Runs under the loader and C library that libggml was built for.
C_PROGRAM = r"""
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
typedef size_t quantize(int, const float*, void*, int64_t, int64_t, int64_t, const float*);
int main(int argc, char** argv) {
  void* library = dlopen("libggml-base.so.0", RTLD_NOW);
  if (argc < 3 || library == NULL) return fprintf(stderr, "%s\n", dlerror());
  quantize* chunk = (quantize*)dlsym(library, "ggml_quantize_chunk");
  const int64_t n = atoll(argv[2]);
  float* values = malloc(n * 4);
  char* out = malloc(n * 4);
  if (fread(values, 4, n, stdin) != (size_t)n) return 1;
  fwrite(out, 1, chunk(atoi(argv[1]), values, out, 0, n / 256, 256, NULL), stdout);
}
"""


def values_to_quantize():
    """20 rows of 256: weights as models have them, and what is odd."""
    generator = np.random.default_rng(7)
    rows = [generator.standard_normal(256) * 0.02 for _ in range(6)]
    rows += [generator.standard_t(3, 256) * 0.01 for _ in range(4)]  # outliers
    rows += [generator.laplace(0, 0.05, 256) + 0.1 for _ in range(2)]  # not centred
    rows += [np.abs(generator.standard_normal(256)), -np.abs(generator.standard_normal(256))]
    rows += [np.zeros(256), np.full(256, 0.37), np.full(256, -2.5)]
    rows += [generator.standard_normal(256) * 1e-6]  # scales are subnormal halves
    rows += [generator.standard_normal(256) * 1e4]
    rows += [np.where(np.arange(256) % 32 == 3, 1.0, 0.0)]
    return np.array(rows, np.float32)


def by_llama(llama, kind, values):
    library = next(llama.glob("usr/lib/*/libc.so.6")).parent
    loader = next(library.glob("ld-linux*.so.*"))
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(folder, "q.c"), pathlib.Path(folder, "q")
        source.write_text(C_PROGRAM)
        subprocess.run(["cc", "-O1", source, "-o", program, "-ldl"], check=True)
        command = [loader, "--library-path", library, program, str(kind.value), str(values.size)]
        return subprocess.run(command, input=values.tobytes(), capture_output=True, check=True).stdout


def main():
    values = values_to_quantize()
    out = bytearray(b"EQUA" + struct.pack("<I", values.size) + values.tobytes())
    out += struct.pack("<I", 5)
    for name in ["Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"]:
        kind = GGMLQuantizationType[name]
        if name.endswith("_K"):
            data = by_llama(pathlib.Path(sys.argv[1]), kind, values)
        else:
            data = quantize(values, kind).tobytes()
        out += struct.pack("<2I", kind.value, len(data)) + data
    pathlib.Path(sys.argv[2]).write_bytes(out)


if __name__ == "__main__":
    main()
