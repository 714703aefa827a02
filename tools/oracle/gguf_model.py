"""Loads a llama or qwen2 GGUF as a float32 transformers model: the oracle of our logits.

Every tensor is dequantised by the gguf package, so the oracle computes with exactly the weights
of the file. GGUF stores llama's Q and K rows permuted for adjacent-pair RoPE; transformers rotates
halves, so the permutation is undone here. qwen2 rotates halves in both.
"""

import torch
from gguf import GGUFReader, dequantize
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
TOP_NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def unpermute_rows(weight, n_heads):
    """Undoes the converter's permutation: pairs (2i, 2i+1) become (i, i + half)."""
    rows = weight.shape[0]
    pairs = weight.reshape(n_heads, rows // n_heads // 2, 2, *weight.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weight.shape)


def _name_in_transformers(name):
    stem, kind = name.rsplit(".", 1)
    if stem.startswith("blk."):
        _, layer, part = stem.split(".")
        return f"model.layers.{layer}.{LAYER_NAMES[part]}.{kind}"
    return f"{TOP_NAMES[stem]}.{kind}"


def load(path):
    reader = GGUFReader(path)
    architecture = reader.fields["general.architecture"].contents()

    def key(suffix):
        return reader.fields[f"{architecture}.{suffix}"].contents()

    tensors = {t.name: t for t in reader.tensors}
    n_heads, n_kv_heads = key("attention.head_count"), key("attention.head_count_kv")
    config = {"llama": LlamaConfig, "qwen2": Qwen2Config}[architecture](
        vocab_size=int(tensors["token_embd.weight"].shape[1]),
        hidden_size=key("embedding_length"),
        intermediate_size=key("feed_forward_length"),
        num_hidden_layers=key("block_count"),
        num_attention_heads=n_heads,
        num_key_value_heads=n_kv_heads,
        max_position_embeddings=key("context_length"),
        rms_norm_eps=key("attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": key("rope.freq_base")},
        tie_word_embeddings="output.weight" not in tensors,
        attn_implementation="eager",
        dtype=torch.float32,
    )
    model = {"llama": LlamaForCausalLM, "qwen2": Qwen2ForCausalLM}[architecture](config)
    state = {}
    for tensor in reader.tensors:
        weight = dequantize(tensor.data, tensor.tensor_type)
        if architecture == "llama" and ".attn_q." in tensor.name:
            weight = unpermute_rows(weight, n_heads)
        if architecture == "llama" and ".attn_k." in tensor.name:
            weight = unpermute_rows(weight, n_kv_heads)
        state[_name_in_transformers(tensor.name)] = torch.from_numpy(weight.copy())
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected, unexpected
    assert set(missing) <= {"lm_head.weight"}, missing
    model.tie_weights()
    return model.float().eval(), reader
