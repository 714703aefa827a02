#!/usr/bin/env python3
"""Starts `foreign_eval ask` and computes logits for it, on one thread of a processor.

    python tools/oracle/serve_logits.py MODEL.gguf build/release/bin/foreign_eval ask ANSWERS.jsonl ...

What goes through the two pipes is told in bench/completion/asked_model.h. The forward pass is that of
complete_prompts_cpu.py: weights and activations in bfloat16 (AMX where there is), sums in float32; or as
ENGRAM_EVAL_NUMBERS says.
The last prompts are kept, so that a place asked under several conditions computes each once, and
what several sequences go on with is computed together.
"""

import collections
import json
import subprocess
import sys

import torch

from complete_prompts_cpu import Model

KEPT_PROMPTS = 40
ROOM = 260  # tokens after a prompt; where more are wanted, more


class Server:
    def __init__(self, model):
        self.model = model
        self.prompts = collections.OrderedDict()  # ids: logits, keys, values, length
        self.sequences = {}  # number: [keys, values, length]

    def prompt(self, ids):
        if ids in self.prompts:
            self.prompts.move_to_end(ids)
        else:
            logits, keys, values = self.model.prefill(list(ids), ROOM)
            self.prompts[ids] = logits[None], keys, values, len(ids)
            if len(self.prompts) > KEPT_PROMPTS:
                self.prompts.popitem(last=False)
        return self.prompts[ids]

    def begin(self, ask):
        """Logits after the prompt and each of the tokens. What is scored leaves no sequence behind."""
        logits, keys, values, length = self.prompt(tuple(ask["prompt"]))
        tokens = ask["tokens"]
        if not tokens:
            self.sequences[ask["sequence"]] = [keys.clone(), values.clone(), length]
            return logits
        if len(tokens) > ROOM:
            keys, values = (torch.cat([x, x.new_zeros(*x.shape[:2], len(tokens), x.shape[3])], 2)
                            for x in (keys, values))
        return torch.cat([logits, self.model.extend([[keys, values, length]], [tokens])[0]])

    def step(self, asks):
        """Logits after each of the tokens of each ask; shorter ones are filled up for the pass."""
        states = [self.sequences[ask["sequence"]] for ask in asks]
        most = max(len(ask["tokens"]) for ask in asks)
        for state, ask in zip(states, asks):
            state[2] = ask["length"]
        ids = [ask["tokens"] + [0] * (most - len(ask["tokens"])) for ask in asks]
        rows = self.model.extend(states, ids)
        return [rows[i, : len(ask["tokens"])] for i, ask in enumerate(asks)]

    def answer(self, message):
        for sequence in message["ended"]:
            self.sequences.pop(sequence, None)
        asks = message["asks"]
        going = [i for i, ask in enumerate(asks) if not ask["prompt"]]
        out = {i: self.begin(ask) for i, ask in enumerate(asks) if ask["prompt"]}
        if going:
            out.update(zip(going, self.step([asks[i] for i in going])))
        return [out[i].float().contiguous() for i in range(len(asks))]


def main(path, *command):
    torch.set_num_threads(1)
    server = Server(Model(path))
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdin.write(server.model.head.shape[0].to_bytes(4, "little"))
    child.stdin.flush()
    with torch.inference_mode():
        for line in child.stdout:
            for rows in server.answer(json.loads(line)):
                child.stdin.write(rows.numpy().data)
            child.stdin.flush()
    child.stdin.close()
    sys.exit(child.wait())


if __name__ == "__main__":
    main(*sys.argv[1:])
