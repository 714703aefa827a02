"""Tiny random models of every architecture, as GGUF files, with the logits PyTorch gives them.

    python tools/oracle/tiny_models.py [--out tests/data/architectures] [NAME...]

Each model is made by transformers from a fixed seed, its weights rounded to the types the file
keeps (F16, Q8_0; vectors F32), and its logits computed in double precision from those rounded
weights. Keys and values are rounded to half precision where our cache rounds them. The GGUF has the
keys and tensors llama.cpp's converter writes: Q and K of llama-like families permuted for adjacent
RoPE pairs, experts stacked, gemma's norms with 1 added, MLA's kv_b split into k_b and v_b; the
"older" ones have what that converter wrote before it stacked and split.

NAME.logits, little-endian: "EARC" u32 n_tokens, u32 vocab_size, u32 n_scored,
  i32 ids[n_tokens], u32 positions[n_scored], f32 logits[n_scored][vocab_size]
"""

import argparse
import contextlib
import pathlib
import struct

import gguf
import numpy as np
import torch
import transformers
from transformers import DynamicCache

from tiny_model_specs import SPECS

N_TOKENS = 72
SCORED = [0, 1, 5, 11, 12, 17, 30, 31, 32, 40, 47, 63, 64, 71]
VOCAB = 260  # 256 bytes and four control tokens


@contextlib.contextmanager
def double_precision():
    """Where a model's code says float32 (norms, RoPE, softmax) it gets doubles instead: else its own
    rounding moves keys to the next half-precision number, which is more than we allow."""
    names = (torch, "float"), (torch, "float32"), (torch.Tensor, "float")
    saved = [getattr(*name) for name in names]
    for (owner, name), value in zip(names, (torch.float64, torch.float64, torch.Tensor.double)):
        setattr(owner, name, value)
    try:
        yield
    finally:
        for (owner, name), value in zip(names, saved):
            setattr(owner, name, value)


class HalfCache(DynamicCache):
    """Keys and values as a half-precision cache returns them: the dimensions of keys with the
    largest biases as the sum of two halves (kernels/attention.h)."""

    def __init__(self, model):
        super().__init__(config=None)
        self.fine = [fine_dims(layer.self_attn, model.config) for layer in model.model.layers]

    def update(self, keys, values, layer, *args, **kwargs):
        rounded = keys.half().to(keys.dtype)
        if self.fine[layer] is not None:
            rest = (keys - rounded).half().to(keys.dtype)
            rounded += rest * self.fine[layer][None, :, None, :]
        return super().update(rounded, values.half().to(values.dtype), layer, *args, **kwargs)


def fine_dims(attention, config):
    """[KV heads, head_dim], 1 where a key's dimension has two halves; None where keys have no bias."""
    bias = getattr(getattr(attention, "k_proj", None), "bias", None)
    if bias is None:
        return None
    size = bias.detach().abs().reshape(config.num_key_value_heads, -1)
    dim = size.shape[1]
    size = torch.maximum(size, size.roll(dim // 2, 1))  # RoPE turns i and i + dim / 2 together
    n = (dim // 4 + 15) // 16 * 16
    return torch.zeros_like(size).scatter_(1, size.topk(n).indices, 1)


def make_model(spec):
    torch.manual_seed(spec.seed)
    config = getattr(transformers, spec.config)(
        vocab_size=VOCAB, attn_implementation="eager", **spec.settings
    )
    config._experts_implementation = "eager"  # the others have no double precision
    with double_precision():
        model = getattr(transformers, spec.model)(config).double().eval()
    for name, parameter in model.state_dict().items():
        if not parameter.is_floating_point() or "inv_freq" in name:
            continue
        random = torch.randn(parameter.shape)
        if parameter.ndim == 1:
            centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            if spec.norm_offset:
                centre = 0.0
            parameter.copy_(centre + 0.2 * random)
        else:
            parameter.copy_(random * 1.4 / parameter.shape[-1] ** 0.5)
    return model


def weight_type(spec, name, array):
    if array.ndim == 1:
        return gguf.GGMLQuantizationType.F32
    if "ffn_gate_inp" in name:  # routers stay exact, as converters leave them
        return gguf.GGMLQuantizationType.F32
    if array.shape[-1] % 32 != 0 or any(part in name for part in spec.half):
        return gguf.GGMLQuantizationType.F16
    return gguf.GGMLQuantizationType.Q8_0


def rounded(array, kind):
    data = gguf.quants.quantize(np.ascontiguousarray(array, dtype=np.float32), kind)
    return data, gguf.quants.dequantize(data, kind).astype(np.float32).reshape(array.shape)


def write_tokenizer(writer):
    tokens = ["<s>", "</s>", "<pad>", "<unk>"] + [byte_name(b) for b in range(256)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 4 + [1] * 256)
    writer.add_token_merges([])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)


def byte_name(byte):
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    if byte in printable:
        return chr(byte)
    return chr(256 + [b for b in range(256) if b not in printable].index(byte))


def export(spec, out):
    model = make_model(spec)
    path = out / f"{spec.name}.gguf"
    writer = gguf.GGUFWriter(path, spec.architecture)
    writer.add_name(f"tiny {spec.name}")
    for key, value in spec.keys(model.config).items():
        full = f"{spec.architecture}.{key}"
        if isinstance(value, bool):
            writer.add_bool(full, value)
        elif isinstance(value, float):
            writer.add_float32(full, value)
        elif isinstance(value, str):
            writer.add_string(full, value)
        else:
            writer.add_uint32(full, value)
    write_tokenizer(writer)
    state = {k: v.numpy().copy() for k, v in model.state_dict().items()}
    for name, array, give_back in spec.tensors(state, model.config):
        kind = weight_type(spec, name, array)
        data, exact = rounded(array, kind)
        writer.add_tensor(name, data, raw_dtype=kind)
        give_back(exact)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    model.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()})
    model.tie_weights()
    write_logits(model, out / f"{spec.name}.logits", spec.seed)
    return path


def logits_of(model, ids):
    with torch.no_grad(), double_precision():
        cache = HalfCache(model)
        return model(torch.tensor([ids]), cache=cache, use_cache=True).logits[0]


def write_logits(model, path, seed):
    ids = np.random.default_rng(seed).integers(0, VOCAB, N_TOKENS).tolist()
    logits = logits_of(model, ids)[SCORED].numpy().astype(np.float32)
    assert np.isfinite(logits).all()
    spread = logits.std(axis=1).mean()
    assert 0.3 < spread < 30, f"{path.name}: logits spread by {spread}: nothing is tested"
    path.write_bytes(
        b"EARC"
        + struct.pack(f"<3I{N_TOKENS}i", N_TOKENS, VOCAB, len(SCORED), *ids)
        + struct.pack(f"<{len(SCORED)}I", *SCORED)
        + logits.astype("<f4").tobytes()
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, default="tests/data/architectures")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for spec in SPECS:
        if not args.names or spec.name in args.names:
            path = export(spec, args.out)
            print(path.name, path.stat().st_size, flush=True)


if __name__ == "__main__":
    main()
