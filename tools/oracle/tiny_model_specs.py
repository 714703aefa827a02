"""What each tiny model is: its transformers configuration, GGUF keys and tensor names."""

import dataclasses

import numpy as np

COMMON = dict(
    hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128,
)
LAYER = {
    "attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
STARCODER = LAYER | {"ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj"}
GEMMA = LAYER | {
    "post_attention_norm": "post_attention_layernorm", "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
MOE = LAYER | {"ffn_gate_inp": "mlp.gate"}
DEEPSEEK = MOE | {
    "attn_q_a": "self_attn.q_a_proj", "attn_q_a_norm": "self_attn.q_a_layernorm",
    "attn_q_b": "self_attn.q_b_proj", "attn_kv_a_mqa": "self_attn.kv_a_proj_with_mqa",
    "attn_kv_a_norm": "self_attn.kv_a_layernorm", "ffn_gate_shexp": "mlp.shared_experts.gate_proj",
    "ffn_up_shexp": "mlp.shared_experts.up_proj", "ffn_down_shexp": "mlp.shared_experts.down_proj",
}
TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def adjacent_pairs(weight, n_heads):
    """llama's rows for RoPE on pairs (2i, 2i + 1) instead of (i, i + half)."""
    halves = weight.reshape(n_heads, 2, weight.shape[0] // n_heads // 2, *weight.shape[1:])
    return halves.swapaxes(1, 2).reshape(weight.shape)


def halves(weight, n_heads):
    pairs = weight.reshape(n_heads, weight.shape[0] // n_heads // 2, 2, *weight.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weight.shape)


@dataclasses.dataclass
class Spec:
    name: str
    architecture: str
    config: str
    model: str
    settings: dict
    more_keys: dict = dataclasses.field(default_factory=dict)
    layer_names: dict = dataclasses.field(default_factory=lambda: LAYER)
    permuted: bool = False     # Q and K rows for adjacent pairs
    norm_offset: bool = False  # norms are stored with 1 added
    half: tuple = ()           # tensors kept in F16
    rope_factors: bool = False
    older: bool = False        # as converters wrote it before they split kv_b and stacked experts
    seed: int = 7

    def keys(self, c):
        head_dim = getattr(c, "head_dim", None) or c.hidden_size // c.num_attention_heads
        keys = {
            "block_count": c.num_hidden_layers, "context_length": c.max_position_embeddings,
            "embedding_length": c.hidden_size, "feed_forward_length": c.intermediate_size,
            "attention.head_count": c.num_attention_heads,
            "attention.head_count_kv": c.num_key_value_heads,
            "attention.key_length": head_dim, "attention.value_length": head_dim,
            "rope.dimension_count": head_dim, "vocab_size": c.vocab_size,
        }
        if hasattr(c, "rms_norm_eps"):
            keys["attention.layer_norm_rms_epsilon"] = float(c.rms_norm_eps)
        rope = c.rope_parameters
        if "rope_theta" in rope:
            keys["rope.freq_base"] = float(rope["rope_theta"])
        return keys | self.more_keys

    def tensors(self, state, c):
        """(GGUF name, array, what takes the rounded array back into the state)."""
        tied = c.tie_word_embeddings
        for gguf_name, name in TOP.items():
            if not (gguf_name == "output" and tied):
                yield from self._plain(state, gguf_name, name, c)
        if tied:
            state["lm_head.weight"] = state["model.embed_tokens.weight"]
        if self.rope_factors:
            yield "rope_freqs.weight", llama3_factors(c), lambda exact: None
        for i in range(c.num_hidden_layers):
            for gguf_name, name in self.layer_names.items():
                yield from self._plain(state, f"blk.{i}.{gguf_name}", f"model.layers.{i}.{name}", c)
            yield from self._experts(state, i)
            yield from self._latent(state, i, c)

    def _plain(self, state, gguf_name, name, c):
        for kind in ("weight", "bias"):
            key = f"{name}.{kind}"
            if key not in state:
                continue
            array, undo = state[key], lambda x: x
            if self.norm_offset and array.ndim == 1:
                array, undo = array + 1, lambda x: x - 1
            heads = {"attn_q": c.num_attention_heads, "attn_k": c.num_key_value_heads}
            n = heads.get(gguf_name.rsplit(".", 1)[-1])
            if self.permuted and n:
                array, undo = adjacent_pairs(array, n), lambda x, n=n: halves(x, n)
            yield f"{gguf_name}.{kind}", array, lambda x, key=key, f=undo: state.update({key: f(x)})

    def _experts(self, state, i):
        both, down = (f"model.layers.{i}.mlp.experts.{n}" for n in ("gate_up_proj", "down_proj"))
        if both not in state:
            return
        half = state[both].shape[1] // 2

        def put(part):
            return lambda x: state[both].__setitem__((slice(None), part), x)

        stacks = (("ffn_gate", state[both][:, :half], put(slice(0, half))),
                  ("ffn_up", state[both][:, half:], put(slice(half, None))),
                  ("ffn_down", state[down], lambda x: state.update({down: x})))
        for name, stack, give_back in stacks:
            if not self.older:
                yield f"blk.{i}.{name}_exps.weight", stack, give_back
                continue
            for e, matrix in enumerate(stack.copy()):
                yield f"blk.{i}.{name}.{e}.weight", matrix, partial_put(stack, e)
        bias = f"model.layers.{i}.mlp.gate.e_score_correction_bias"
        if bias in state:
            yield f"blk.{i}.exp_probs_b.bias", state[bias], lambda x: state.update({bias: x})

    def _latent(self, state, i, c):
        key = f"model.layers.{i}.self_attn.kv_b_proj.weight"
        if key not in state:
            return
        if self.older:
            yield f"blk.{i}.attn_kv_b.weight", state[key], lambda x: state.update({key: x})
            return
        nope, rank = c.qk_nope_head_dim, c.kv_lora_rank
        heads = state[key].reshape(c.num_attention_heads, nope + c.v_head_dim, rank)
        yield (f"blk.{i}.attn_k_b.weight", heads[:, :nope].swapaxes(1, 2),
               lambda x: heads.__setitem__((slice(None), slice(0, nope)), x.swapaxes(1, 2)))
        yield (f"blk.{i}.attn_v_b.weight", heads[:, nope:],
               lambda x: heads.__setitem__((slice(None), slice(nope, None)), x))
        state[key] = heads.reshape(state[key].shape)


def partial_put(stack, index):
    return lambda x: stack.__setitem__(index, x)


def llama3_factors(c):
    """As llama.cpp's converter computes rope_freqs from Llama 3.1's parameters."""
    p = c.rope_parameters
    dim = c.hidden_size // c.num_attention_heads
    wavelength = 2 * np.pi * p["rope_theta"] ** (np.arange(0, dim, 2) / dim)
    low = p["original_max_position_embeddings"] / p["low_freq_factor"]
    high = p["original_max_position_embeddings"] / p["high_freq_factor"]
    smooth = (p["original_max_position_embeddings"] / wavelength - p["low_freq_factor"]) / (
        p["high_freq_factor"] - p["low_freq_factor"])
    between = 1 / ((1 - smooth) / p["factor"] + smooth)
    factors = np.where(wavelength < high, 1, np.where(wavelength > low, p["factor"], between))
    return factors.astype(np.float32)


def rope(theta=10000.0, **more):
    return {"rope_type": "default", "rope_theta": theta} | more


def yarn(**more):
    return rope(rope_type="yarn", factor=4.0, original_max_position_embeddings=32,
                beta_fast=32.0, beta_slow=1.0, **more)


YARN_KEYS = {"rope.scaling.type": "yarn", "rope.scaling.factor": 4.0,
             "rope.scaling.original_context_length": 32}
LATENT = COMMON | dict(
    num_hidden_layers=2, num_key_value_heads=4, kv_lora_rank=32, qk_rope_head_dim=16,
    qk_nope_head_dim=32, v_head_dim=32, n_routed_experts=8, num_experts_per_tok=2,
    moe_intermediate_size=32, first_k_dense_replace=1, tie_word_embeddings=False,
)
LATENT_KEYS = {
    "attention.head_count_kv": 1, "attention.key_length": 48, "attention.value_length": 32,
    "attention.key_length_mla": 48, "attention.value_length_mla": 32,
    "attention.kv_lora_rank": 32, "rope.dimension_count": 16, "leading_dense_block_count": 1,
    "expert_count": 8, "expert_used_count": 2, "expert_feed_forward_length": 32,
}

MIXTRAL = COMMON | dict(num_local_experts=4, num_experts_per_tok=2, intermediate_size=32,
                        tie_word_embeddings=False, rope_parameters=rope(1e6))
MIXTRAL_KEYS = {"expert_count": 4, "expert_used_count": 2}
LITE = dict(q_lora_rank=None, n_shared_experts=2, routed_scaling_factor=1.5, topk_method="greedy",
            head_dim=16, rope_parameters=yarn(mscale=0.707, mscale_all_dim=0.707))
# Before MLA was absorbed: the cache's keys and values were those of the expanded heads.
OLDER_LATENT_KEYS = {k: v for k, v in LATENT_KEYS.items() if not k.endswith("_mla")} | {
    "attention.head_count_kv": 4}

SPECS = [
    Spec("llama", "llama", "LlamaConfig", "LlamaForCausalLM",
         COMMON | dict(rope_parameters=rope(500.0), tie_word_embeddings=False),
         permuted=True, half=("attn_v", "ffn_down")),
    Spec("llama3", "llama", "LlamaConfig", "LlamaForCausalLM",
         COMMON | dict(tie_word_embeddings=True, rope_parameters=rope(
             500000.0, rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
             original_max_position_embeddings=32)),
         permuted=True, rope_factors=True),
    Spec("llama-linear", "llama", "LlamaConfig", "LlamaForCausalLM",
         COMMON | dict(tie_word_embeddings=True, attention_bias=True,
                       rope_parameters=rope(rope_type="linear", factor=4.0)),
         more_keys={"rope.scaling.type": "linear", "rope.scaling.factor": 4.0}, permuted=True),
    Spec("mixtral", "llama", "MixtralConfig", "MixtralForCausalLM", MIXTRAL,
         more_keys=MIXTRAL_KEYS, layer_names=MOE, permuted=True, seed=8),
    Spec("mixtral-older", "llama", "MixtralConfig", "MixtralForCausalLM", MIXTRAL,
         more_keys=MIXTRAL_KEYS, layer_names=MOE, permuted=True, seed=8, older=True),
    Spec("smollm3", "smollm3", "SmolLM3Config", "SmolLM3ForCausalLM",
         COMMON | dict(num_hidden_layers=4, intermediate_size=64, tie_word_embeddings=True,
                       pad_token_id=2, rope_parameters=rope(2e6)), permuted=True),
    Spec("qwen2", "qwen2", "Qwen2Config", "Qwen2ForCausalLM",
         COMMON | dict(tie_word_embeddings=True, rope_parameters=rope(1e6))),
    Spec("qwen2-yarn", "qwen2", "Qwen2Config", "Qwen2ForCausalLM",
         COMMON | dict(tie_word_embeddings=True, rope_parameters=yarn()), more_keys=YARN_KEYS),
    Spec("qwen3", "qwen3", "Qwen3Config", "Qwen3ForCausalLM",
         COMMON | dict(head_dim=32, tie_word_embeddings=True, rope_parameters=rope(1e6))),
    Spec("qwen3moe", "qwen3moe", "Qwen3MoeConfig", "Qwen3MoeForCausalLM",
         COMMON | dict(head_dim=32, num_experts=6, num_experts_per_tok=3, moe_intermediate_size=32,
                       norm_topk_prob=True, tie_word_embeddings=False, rope_parameters=rope(1e6)),
         more_keys={"expert_count": 6, "expert_used_count": 3, "expert_feed_forward_length": 32},
         layer_names=MOE),
    Spec("starcoder2", "starcoder2", "Starcoder2Config", "Starcoder2ForCausalLM",
         COMMON | dict(sliding_window=12, tie_word_embeddings=True, rope_parameters=rope()),
         more_keys={"attention.layer_norm_epsilon": 1e-5, "attention.sliding_window": 12},
         layer_names=STARCODER),
    Spec("granite", "granite", "GraniteConfig", "GraniteForCausalLM",
         COMMON | dict(embedding_multiplier=3.0, residual_multiplier=0.4, logits_scaling=2.0,
                       attention_multiplier=0.3, tie_word_embeddings=True, rope_parameters=rope()),
         more_keys={"embedding_scale": 3.0, "residual_scale": 0.4, "logit_scale": 2.0,
                    "attention.scale": 0.3}, permuted=True),
    Spec("gemma2", "gemma2", "Gemma2Config", "Gemma2ForCausalLM",
         COMMON | dict(head_dim=32, query_pre_attn_scalar=32, sliding_window=12,
                       final_logit_softcapping=5.0, attn_logit_softcapping=2.0,
                       tie_word_embeddings=True, rope_parameters=rope()),
         more_keys={"attention.sliding_window": 12, "attn_logit_softcapping": 2.0,
                    "final_logit_softcapping": 5.0}, layer_names=GEMMA, norm_offset=True),
    Spec("gemma3", "gemma3", "Gemma3TextConfig", "Gemma3ForCausalLM",
         COMMON | dict(num_hidden_layers=6, intermediate_size=64, head_dim=16,
                       query_pre_attn_scalar=16, sliding_window=12, tie_word_embeddings=True,
                       rope_parameters={
                           "full_attention": rope(1e6, rope_type="linear", factor=8.0),
                           "sliding_attention": rope()}),
         more_keys={"attention.sliding_window": 12, "rope.freq_base": 1e6,
                    "rope.scaling.type": "linear", "rope.scaling.factor": 8.0},
         layer_names=GEMMA, norm_offset=True),
    Spec("deepseek2-lite", "deepseek2", "DeepseekV2Config", "DeepseekV2ForCausalLM",
         LATENT | LITE,
         more_keys=LATENT_KEYS | YARN_KEYS | {
             "rope.scaling.yarn_log_multiplier": 0.0707, "expert_shared_count": 2,
             "expert_weights_scale": 1.5, "expert_gating_func": 1},
         layer_names=DEEPSEEK),
    Spec("deepseek2-older", "deepseek2", "DeepseekV2Config", "DeepseekV2ForCausalLM",
         LATENT | LITE, more_keys=OLDER_LATENT_KEYS | YARN_KEYS | {
             "rope.scaling.yarn_log_multiplier": 0.0707, "expert_shared_count": 2,
             "expert_weights_scale": 1.5}, layer_names=DEEPSEEK, older=True),
    Spec("deepseek2-v3", "deepseek2", "DeepseekV3Config", "DeepseekV3ForCausalLM",
         LATENT | dict(q_lora_rank=32, n_shared_experts=1, routed_scaling_factor=2.5, n_group=4,
                       topk_group=2, norm_topk_prob=True,
                       rope_parameters=yarn(mscale=1.0, mscale_all_dim=1.0)),
         more_keys=LATENT_KEYS | YARN_KEYS | {
             "attention.q_lora_rank": 32, "rope.scaling.yarn_log_multiplier": 0.1,
             "expert_shared_count": 1, "expert_weights_scale": 2.5, "expert_weights_norm": True,
             "expert_group_count": 4, "expert_group_used_count": 2, "expert_gating_func": 2},
         layer_names=DEEPSEEK),
]
