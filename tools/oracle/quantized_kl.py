"""How far quantised models are from the one they were made from, in nats.

    python tools/oracle/quantized_kl.py SOURCE.gguf QUANTISED.gguf...

Mean KL divergence of the next-token distributions, and how often the likeliest token is the same,
over 96 positions of each prompt of code_prompts.txt; both by PyTorch on the dequantised weights.
"""

import pathlib
import sys

import torch

import gguf_model
from logits import read_prompts, tokenizer_of

TOKENS = 128
FIRST = 32


def distributions(path, prompts):
    model, _ = gguf_model.load(path)
    with torch.no_grad():
        return [torch.log_softmax(model(ids[None]).logits[0, FIRST:], -1) for ids in prompts]


def main():
    _, reader = gguf_model.load(sys.argv[1])
    tokenizer = tokenizer_of(reader)
    encoded = [tokenizer.encode(text).ids[:TOKENS] for text in read_prompts()]
    prompts = [torch.tensor(ids) for ids in encoded]
    source = distributions(sys.argv[1], prompts)
    for path in sys.argv[2:]:
        kl, same, n = 0.0, 0, 0
        for p, q in zip(source, distributions(path, prompts), strict=True):
            kl += (p.exp() * (p - q)).sum(-1).double().sum().item()
            same += (p.argmax(-1) == q.argmax(-1)).sum().item()
            n += len(p)
        name = pathlib.Path(path).name
        print(f"{name}: mean KL {kl / n:.5f}, same first token {100 * same / n:.1f} % of {n}")


if __name__ == "__main__":
    main()
