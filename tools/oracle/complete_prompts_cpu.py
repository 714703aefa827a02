#!/usr/bin/env python3
"""Completes prompts that `foreign_eval record` wrote, on one thread of a processor.

    python tools/oracle/complete_prompts_cpu.py MODEL.gguf ANSWERS.jsonl PROMPTS.jsonl...

The same choices and probabilities as complete_prompts.py, with a forward pass of its own: weights
and activations in bfloat16 (AMX where there is), sums in float32. Where a processor knows no
bfloat16, ENGRAM_EVAL_NUMBERS=rounded computes the same numbers in float32, rounded after each step,
and ENGRAM_EVAL_NUMBERS=float32 everything in float32: both six times as fast there. A prompt is
computed once for the text to score and the text to write, and several write together. PROMPTS, one
file a project, are taken in turn, so that what is done when time is up is balanced. Answers that
are there already are not made again. With --differing, places where all conditions ask the same are
left out: their differences are zero.
"""

import argparse
import json
import os
import time

import torch
import torch.nn.functional as F

import gguf_model
from complete_prompts import Row, Vocabulary, choose

ROPE_POSITIONS = 8192
NUMBERS = {"bfloat16": torch.bfloat16, "float32": torch.float32, "rounded": torch.float32}[
    os.environ.get("ENGRAM_EVAL_NUMBERS", "bfloat16")]
ROUNDED = os.environ.get("ENGRAM_EVAL_NUMBERS") == "rounded"


def rounded(x):
    """To what a bfloat16 holds, where that is asked for."""
    return x.bfloat16().float() if ROUNDED else x


def linear(x, weight, bias=None):
    return rounded(F.linear(x, weight, bias))


class Model:
    """A llama or qwen2 of one GGUF file; keys and values of a prompt are [layer, head, position, d]."""

    def __init__(self, path):
        hf, _ = gguf_model.load(path)
        self.heads, self.kv = hf.config.num_attention_heads, hf.config.num_key_value_heads
        self.d, self.eps = hf.config.hidden_size // self.heads, hf.config.rms_norm_eps
        self.layers = [self.layer(layer) for layer in hf.model.layers]
        self.embed = self.weight(hf.model.embed_tokens.weight)
        self.head = self.weight(hf.lm_head.weight)
        self.norm = hf.model.norm.weight.detach().float()
        theta = hf.config.rope_parameters["rope_theta"]
        angles = torch.arange(ROPE_POSITIONS).float()[:, None] * theta ** (
            -torch.arange(0, self.d, 2).float() / self.d)
        angles = torch.cat([angles, angles], -1)
        self.cos, self.sin = self.weight(angles.cos()), self.weight(angles.sin())

    @staticmethod
    def weight(tensor):
        return rounded(tensor.detach().to(NUMBERS)).contiguous()

    def layer(self, layer):
        attention, mlp = layer.self_attn, layer.mlp
        projections = (attention.q_proj, attention.k_proj, attention.v_proj)
        biased = projections[0].bias is not None
        return (
            layer.input_layernorm.weight.detach().float(),
            self.weight(torch.cat([p.weight for p in projections])),
            self.weight(torch.cat([p.bias for p in projections])) if biased else None,
            self.weight(attention.o_proj.weight),
            layer.post_attention_layernorm.weight.detach().float(),
            self.weight(torch.cat([mlp.gate_proj.weight, mlp.up_proj.weight])),
            self.weight(mlp.down_proj.weight),
        )

    def rms(self, x, weight):
        return rounded(F.rms_norm(x, (x.shape[-1],), weight, self.eps).to(NUMBERS))

    @staticmethod
    def rope(x, cos, sin):
        half = x.shape[-1] // 2
        out = rounded(x * cos)
        out[..., :half].addcmul_(x[..., half:], sin[..., :half], value=-1)
        out[..., half:].addcmul_(x[..., :half], sin[..., half:])
        return rounded(out)

    def run(self, x, attend):
        """x: [..., hidden] in float32; attend(layer, q, k, v) gives [..., heads * d]."""
        sizes = [self.heads * self.d, self.kv * self.d, self.kv * self.d]
        for i, (norm, qkv, bias, o, mlp_norm, gate_up, down) in enumerate(self.layers):
            q, k, v = linear(self.rms(x, norm), qkv, bias).split(sizes, -1)
            x += linear(attend(i, q, k, v), o)
            gate, up = linear(self.rms(x, mlp_norm), gate_up).chunk(2, -1)
            x += linear(rounded(rounded(F.silu(gate)).mul_(up)), down)
        return self.rms(x, self.norm)

    def prefill(self, ids, room):
        """Logits after the last token, and keys and values with room for so many more."""
        n, group = len(ids), self.heads // self.kv
        keys = torch.zeros(len(self.layers), self.kv, n + room, self.d, dtype=NUMBERS)
        values = torch.zeros_like(keys)
        cos, sin = self.cos[:n], self.sin[:n]

        def attend(i, q, k, v):
            q = self.rope(q.view(n, self.heads, self.d).transpose(0, 1), cos, sin)
            k = self.rope(k.view(n, self.kv, self.d).transpose(0, 1), cos, sin)
            v = v.view(n, self.kv, self.d).transpose(0, 1)
            keys[i, :, :n], values[i, :, :n] = k, v
            out = F.scaled_dot_product_attention(
                q[None], k.repeat_interleave(group, 0)[None], v.repeat_interleave(group, 0)[None],
                is_causal=True)
            return rounded(out[0].transpose(0, 1).reshape(n, -1))

        x = self.run(self.embed[torch.tensor(ids)].float(), attend)
        return linear(x[-1:], self.head)[0], keys, values

    def extend(self, states, ids):
        """states: [keys, values, length] each; ids: as many of each. Logits [state, token, vocabulary].

        Lengths stay: what is written past them is written again by the next call.
        """
        rows, m, group = len(states), len(ids[0]), self.heads // self.kv
        at = torch.tensor([s[2] for s in states])[:, None] + torch.arange(m)
        cos, sin = self.cos[at][:, :, None], self.sin[at][:, :, None]
        later = torch.full((m, m), float("-inf"), dtype=NUMBERS).triu(1)
        masks = [F.pad(later, (n, 0)).repeat(group, 1)[None, None] for _, _, n in states]

        def attend(i, q, k, v):
            q = self.rope(q.view(rows, m, self.heads, self.d), cos, sin)
            k = self.rope(k.view(rows, m, self.kv, self.d), cos, sin).transpose(1, 2)
            v = v.view(rows, m, self.kv, self.d).transpose(1, 2)
            outs = []
            for r, (keys, values, n) in enumerate(states):
                keys[i, :, n : n + m], values[i, :, n : n + m] = k[r], v[r]
                # Heads of one key head stand below each other: [kv, group * m, d].
                asked = q[r].view(m, self.kv, group, self.d).permute(1, 2, 0, 3)
                out = F.scaled_dot_product_attention(
                    asked.reshape(1, self.kv, group * m, self.d), keys[None, i, :, : n + m],
                    values[None, i, :, : n + m], attn_mask=None if m == 1 else masks[r])
                out = out.view(self.kv, group, m, self.d)
                outs.append(out.permute(2, 0, 1, 3).reshape(m, -1))
            return rounded(torch.stack(outs))

        x = self.run(self.embed[torch.tensor(ids)].float(), attend)
        return linear(x, self.head)


def answers(batch, model, vocabulary):
    """Yields each request of the batch with its Row."""
    room = 4 + max(max(len(q["scored"]), q["max"]) for _, asked in batch for q in asked.values())
    first, states = [], []
    for (ids, _), _ in batch:
        logits, keys, values = model.prefill(list(ids), room)
        first.append(logits)
        states.append([keys, values, len(ids)])
    for (_, asked), logits, state in zip(batch, first, states):
        if "scored" not in asked:
            continue
        ids = asked["scored"]["scored"]
        logits = logits[None]
        if len(ids) > 1:
            logits = torch.cat([logits, model.extend([state], [ids[:-1]])[0]])
        row = Row(asked["scored"], vocabulary)
        for at, token in enumerate(ids):
            choose(vocabulary, logits[at : at + 1], [row], [token])
        yield asked["scored"], row
    for is_line in (True, False):  # choose() wants rows of one kind
        writing = [i for i, (_, asked) in enumerate(batch)
                   if "written" in asked and asked["written"]["line"] == is_line]
        yield from written(batch, writing, first, states, model, vocabulary)


def written(batch, writing, first, states, model, vocabulary):
    rows = {i: Row(batch[i][1]["written"], vocabulary) for i in writing}
    logits = torch.stack([first[i] for i in writing]) if writing else None
    while writing:
        tokens = choose(vocabulary, logits, [rows[i] for i in writing])
        for i in writing:
            if rows[i].stop is not None:
                yield batch[i][1]["written"], rows[i]
        going = [(i, token) for i, token in zip(writing, tokens) if rows[i].stop is None]
        writing = [i for i, _ in going]
        if writing:
            logits = model.extend([states[i] for i in writing], [[t] for _, t in going])[:, 0]
            for i in writing:
                states[i][2] += 1


def read(files, known, differing):
    """Prompts with what is asked of each, places of all files in turn."""
    header, places = None, []
    for at, path in enumerate(files):
        groups = {}
        with open(path, encoding="utf-8") as file:
            first = file.readline()
            header = header or json.loads(first)
            for line in file:
                request = json.loads(line)
                groups.setdefault(request["group"], []).append(request)
        for group, requests in groups.items():
            if not differing or len({(tuple(r["ids"]), r["forced"]) for r in requests}) > 1:
                places.append((group, at, requests))
    work = {}
    for _, _, requests in sorted(places, key=lambda place: place[:2]):
        for request in requests:
            if request["key"] in known:
                continue
            known.add(request["key"])
            asked = work.setdefault((tuple(request["ids"]), request["forced"]), {})
            asked["scored" if request["scored"] else "written"] = request
    return header, list(work.items())


def answered(path):
    keys = set()
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                try:
                    keys.add(json.loads(line)["key"])
                except ValueError:
                    pass  # cut off
    return keys


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("answers")
    parser.add_argument("prompts", nargs="+")
    parser.add_argument("--batch", type=int, default=8, help="prompts that write together")
    parser.add_argument("--differing", action="store_true")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after this long")
    arguments = parser.parse_args()
    begun = time.time()
    torch.set_num_threads(1)
    model = Model(arguments.model)
    header, work = read(arguments.prompts, answered(arguments.answers), arguments.differing)
    vocabulary = Vocabulary(header, model.embed.shape[0], "cpu")
    vocabulary.table(b"", True)
    with open(arguments.answers, "a", encoding="utf-8") as out, torch.inference_mode():
        for at in range(0, len(work), arguments.batch):
            for request, row in answers(work[at : at + arguments.batch], model, vocabulary):
                done = {"key": request["key"], "text": row.text.hex(), "tokens": row.tokens,
                        "stop": row.stop or "end_of_text"}
                out.write(json.dumps(done) + "\n")
            out.flush()
            print(f"{at + arguments.batch} of {len(work)}, {time.time() - begun:.0f} s", flush=True)
            if time.time() - begun > arguments.seconds:
                break


if __name__ == "__main__":
    main()
