"""Random blocks of every weight type and their values by the gguf package.

    python tools/oracle/dequantize.py tests/data/dequantize.bin

Format, little-endian:  "EDEQ" u32 n_types;
  per type: u32 GGUF type id, u32 n_values, u32 n_bytes, bytes[n_bytes], f32 values[n_values]
Block bytes are random. The 16-bit floats in scale positions are of ordinary size in every other
block; the rest go through what a damaged or unusual file may hold: zeros of both signs, subnormals,
the largest, infinities, NaN. MXFP4's exponents go through both ends of their range.
"""

import pathlib
import struct
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize

SCALES_AT = {  # byte offsets of half-precision numbers in a block
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
    "IQ4_NL": [0], "IQ4_XS": [0], "MXFP4": [],
}  # fmt: skip
ODD_HALVES = [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00, 0xFD01]
ODD_EXPONENTS = [0, 1, 2, 127, 252, 253, 254, 255]
BLOCKS = 2 * len(ODD_HALVES)


def random_blocks(name, generator):
    _, size = GGML_QUANT_SIZES[GGMLQuantizationType[name]]
    blocks = generator.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
    for i, offset in enumerate(SCALES_AT[name]):
        blocks[:, offset + 1] &= 0xBF  # exponent below 16: finite, magnitude below 2
        odd = np.roll(ODD_HALVES, i).astype("<u2").view(np.uint8).reshape(-1, 2)
        blocks[1::2, offset : offset + 2] = odd
    if name == "MXFP4":
        blocks[:, 0] = generator.integers(0, 250, BLOCKS)
        blocks[1 : 2 * len(ODD_EXPONENTS) : 2, 0] = ODD_EXPONENTS
    return blocks


def float_rows(name, generator):
    values = generator.standard_normal(512).astype(np.float32)
    values[:8] = [0.0, -0.0, 1e-45, -1e-39, 3.4e38, np.inf, -np.inf, np.nan]
    if name == "F32":
        return values.view(np.uint8), values
    if name == "F16":
        half = values[16:].astype(np.float16)
        half[: len(ODD_HALVES)] = np.array(ODD_HALVES, np.uint16).view(np.float16)
        return half.view(np.uint8), half.astype(np.float32)
    words = (values.view(np.uint32) >> 16).astype(np.uint16)
    return words.view(np.uint8), (words.astype(np.uint32) << 16).view(np.float32)


def main():
    generator = np.random.default_rng(20240611)
    names = ["F32", "F16", "BF16", *SCALES_AT]
    out = bytearray(b"EDEQ" + struct.pack("<I", len(names)))
    for name in names:
        kind = GGMLQuantizationType[name]
        if name in SCALES_AT:
            blocks = random_blocks(name, generator)
            with np.errstate(invalid="ignore", over="ignore"):
                values = dequantize(blocks.reshape(1, -1), kind).astype(np.float32).ravel()
        else:
            blocks, values = float_rows(name, generator)
        data = blocks.tobytes()
        out += struct.pack("<3I", kind.value, values.size, len(data)) + data + values.tobytes()
    pathlib.Path(sys.argv[1]).write_bytes(out)


if __name__ == "__main__":
    main()
