"""Log-probabilities of a GGUF by PyTorch: the fixtures our engine's logits are held against.

    python tools/oracle/logits.py MODEL.gguf OUT.bin [--positions 8 | 128]

For each prompt of code_prompts.txt the model sees the first tokens; at each scored position the
fixture keeps the 128 largest log-probabilities and the mass of all others. Tokens are stored as
ids, so a reader needs no tokenizer.

Format, little-endian:  "ELOG" u32 version=1, u32 n_prompts, u32 vocab_size, u32 top
  prompt:   u32 n_tokens, u32 ids[n_tokens], u32 n_scored
  scored:   u32 position, u32 ids[top], u16 codes[top], f32 tail mass
A code c stands for the log-probability -c / 2048 (error <= 2.5e-4, weighted by its own mass;
32 and less likely saturate); ids are in order of decreasing probability. The margin of the first
two is exact enough to be compared with 1e-3, which is two codes.
"""

import argparse
import pathlib
import struct

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers

import gguf_model

TOP = 128
CODES_PER_NAT = 2048


def read_prompts():
    text = (pathlib.Path(__file__).parent / "code_prompts.txt").read_text()
    return [part.split("\n", 1)[1] for part in text.split("=== ")[1:]]


def tokenizer_of(reader):
    tokens = reader.fields["tokenizer.ggml.tokens"].contents()
    merges = reader.fields["tokenizer.ggml.merges"].contents()
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [tuple(m.split(" ")) for m in merges]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer


def scored_positions(n):
    """8: every twelfth position; otherwise n in a row after a short start."""
    return list(range(11, 96, 12)) if n == 8 else list(range(31, 31 + n))


def pack_position(position, log_probabilities):
    top = torch.topk(log_probabilities, TOP)
    kept = top.values.double().numpy()
    codes = np.minimum(np.rint(-kept * CODES_PER_NAT), 65535).astype("<u2")
    rest = log_probabilities.double().exp()
    rest[top.indices] = 0
    return (
        struct.pack("<I", position)
        + top.indices.numpy().astype("<u4").tobytes()
        + codes.tobytes()
        + struct.pack("<f", rest.sum().item())
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--positions", type=int, default=8)
    args = parser.parse_args()
    model, reader = gguf_model.load(args.model)
    tokenizer = tokenizer_of(reader)
    positions = scored_positions(args.positions)
    prompts = read_prompts()
    out = bytearray(b"ELOG" + struct.pack("<4I", 1, len(prompts), model.config.vocab_size, TOP))
    for prompt in prompts:
        ids = tokenizer.encode(prompt).ids[: positions[-1] + 1]
        assert len(ids) == positions[-1] + 1, "a prompt is too short"
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0]
        log_probabilities = torch.log_softmax(logits.double(), -1)
        out += struct.pack(f"<I{len(ids)}II", len(ids), *ids, len(positions))
        for position in positions:
            out += pack_position(position, log_probabilities[position])
    pathlib.Path(args.out).write_bytes(out)


if __name__ == "__main__":
    main()
