"""Completes prompts that `foreign_eval record` wrote, with PyTorch: the model's part of an evaluation
that our engine would need days for.

    python tools/oracle/complete_prompts.py MODEL.gguf PROMPTS.jsonl ANSWERS.jsonl [--device cuda]

The first line of PROMPTS holds the vocabulary as bytes. Each further line is a request: token ids,
`forced` bytes that the output has to begin with, and either a text to score (`scored`, ids) or a
text to write, to the line's end or to `max` tokens. Choice and probabilities follow
engine/sampler.h: forced bytes are conditioned on, newlines folded, the chance that a line had ended
is carried on. Weights are those of the file, computed with in bfloat16 on a GPU.
"""

import argparse
import bisect
import collections
import json
import math
import time

import torch

import gguf_model

BATCH_TOKENS = 262144
GROUPS_AT_ONCE = 24


def line_end_in(text, start):
    at = text.find(b"\n", start)
    return at - 1 if at > start and text[at - 1 : at] == b"\r" else at


class Vocabulary:
    def __init__(self, header, size, device):
        self.bytes = [bytes.fromhex(h) for h in header["vocabulary"]]
        self.ends = set(header["ends"])
        self.size, self.device = size, device
        self.by_bytes = {}
        for i, text in enumerate(self.bytes):
            if text and i not in self.ends:
                self.by_bytes.setdefault(text, i)
        self.texts = [i for i, text in enumerate(self.bytes) if text and i not in self.ends]
        self.sorted = sorted((self.bytes[i], i) for i in self.texts)
        self.tables = {}

    def candidates(self, forced):
        if not forced:
            return self.texts + sorted(self.ends)
        begin = bisect.bisect_left(self.sorted, (forced,))
        end = bisect.bisect_left(self.sorted, (forced + b"\xff" * 8,))
        found = [i for text, i in self.sorted[begin:end] if text.startswith(forced)]
        if not found or not forced.strip(b" \t\r\n\v\f"):
            found += [
                self.by_bytes[forced[:n]] for n in range(1, len(forced)) if forced[:n] in self.by_bytes
            ]
        return found

    def table(self, forced, fold):
        """Candidate ids, what each folds to, and which of them end the line."""
        key = (forced, fold)
        if key in self.tables:
            return self.tables[key]
        ids, into, ends_line, without = [], [], [], {}
        for i in self.candidates(forced):
            text = self.bytes[i] if i < len(self.bytes) else b""
            at = line_end_in(text, len(forced)) if fold and i not in self.ends else -1
            target = i
            if fold and i in self.ends:
                target = min(self.ends)
            if at >= 0:
                before = text[:at]
                target = self.by_bytes.get(before) if before else None
                if target is None:
                    target = without.setdefault(before, i)
            ids.append(i), into.append(target), ends_line.append(at >= 0)
        self.line_end = without.get(b"", None) if not forced and fold else getattr(self, "line_end", None)
        as_tensor = lambda x, t: torch.tensor(x, dtype=t, device=self.device)
        made = (as_tensor(ids, torch.long), as_tensor(into, torch.long), as_tensor(ends_line, torch.bool))
        self.tables[key] = made
        return made

    def fold(self, p, forced, fold):
        """Masses [.., vocabulary] of what can be chosen, and the part that ends the line."""
        if not forced and not fold:
            return p, torch.zeros_like(p)
        ids, into, ends_line = self.table(forced, fold)
        if forced:
            whole = torch.zeros_like(p)
            whole[..., ids] = p[..., ids]
        else:
            whole = p.clone()
        moved = ids != into
        whole[..., ids[moved]] = 0
        whole.index_add_(-1, into[moved], p[..., ids[moved]])
        line = torch.zeros_like(p).index_add_(-1, into[ends_line], p[..., ids[ends_line]])
        return whole, line


class Row:
    """One request while its tokens are chosen."""

    def __init__(self, request, vocabulary):
        self.v = vocabulary
        self.fold = request["line"]
        self.forced = bytes.fromhex(request["forced"])
        self.carried = 0.0
        self.text, self.tokens, self.stop = b"", [], None
        self.max = request["max"]

    def take(self, token, whole, line, total, given):
        """Notes a choice; the sum of log-probabilities is that of the text."""
        ends = not given and self.fold and line > 0 and 2 * line >= whole
        chance = (line if ends else whole) / max(total, 1e-30)
        self.carried = 0.0 if ends or whole <= 0 else line / whole
        if token in self.v.ends and not given:
            self.stop = "end_of_text"
            return
        bytes_ = self.v.bytes[token] if token < len(self.v.bytes) else b""
        forced, self.forced = self.forced, self.forced[len(bytes_) :]
        added = bytes_[len(forced) :]
        if self.fold and not given:
            at = line_end_in(bytes_, len(forced))
            if at >= 0:
                added = bytes_[len(forced) : at]
        begin = len(self.text)
        self.text += added
        if given or added or ends:
            self.tokens.append([begin, len(self.text), math.log(max(chance, 1e-30))])
        if ends:
            self.stop = "line_end"
        elif not given and len(self.tokens) >= self.max:
            self.stop = "max_tokens"


def choose(vocabulary, logits, rows, given=None):
    """The next token of every row: the most likely one, or the given one."""
    p = torch.softmax(logits.float(), -1)
    whole, line = vocabulary.fold(p, b"", rows[0].fold)  # a batch is of one kind
    total = torch.ones(len(rows), device=p.device)
    carried = torch.tensor([r.carried for r in rows], device=p.device)[:, None]
    whole, line = whole * (1 - carried), line * (1 - carried)
    if vocabulary.line_end is not None and rows[0].fold:
        whole[:, vocabulary.line_end] += carried[:, 0]
        line[:, vocabulary.line_end] += carried[:, 0]
    for i, row in enumerate(rows):
        if row.forced:
            whole[i], line[i] = vocabulary.fold(p[i], row.forced, row.fold)
            total[i] = whole[i].sum()
            if row.forced and total[i] <= 0:
                whole[i][vocabulary.table(row.forced, row.fold)[0]] = 1.0
                total[i] = whole[i].sum()
    tokens = whole.argmax(-1) if given is None else torch.tensor(given, device=p.device)
    at = tokens[:, None]
    masses = torch.stack([whole.gather(-1, at)[:, 0], line.gather(-1, at)[:, 0], total], -1).tolist()
    tokens = tokens.tolist()
    for i, row in enumerate(rows):
        if row.stop is None and tokens[i] is not None:
            row.take(tokens[i], *masses[i], given is not None)
    return tokens


class Batch:
    """Prompts of about one length, padded on the left, with their KV cache."""

    def __init__(self, model, vocabulary, prompts, device):
        self.model, self.v, self.device = model, vocabulary, device
        n = max(len(p) for p in prompts)
        ids = torch.zeros(len(prompts), n, dtype=torch.long)
        mask = torch.zeros(len(prompts), n, dtype=torch.long)
        for i, prompt in enumerate(prompts):
            ids[i, n - len(prompt) :] = torch.tensor(prompt)
            mask[i, n - len(prompt) :] = 1
        self.mask = mask.to(device)
        self.length = n
        self.past = None
        self.logits = self.forward(ids.to(device), 1)[:, -1]

    def forward(self, ids, keep):
        if self.past is not None:
            more = torch.ones(len(ids), ids.shape[1], dtype=torch.long, device=self.device)
            self.mask = torch.cat([self.mask, more], 1)
        positions = (self.mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        out = self.model(
            input_ids=ids,
            attention_mask=self.mask,
            position_ids=positions,
            past_key_values=self.past,
            use_cache=True,
            logits_to_keep=keep,
        )
        self.past = out.past_key_values
        return out.logits

    def rewind(self):
        self.past.crop(self.length - self.mask.shape[1])  # negative: so many fewer
        self.mask = self.mask[:, : self.length]

    def score(self, requests):
        rows = [Row(r, self.v) if r else None for r in requests]
        n = max((len(r["scored"]) for r in requests if r), default=0)
        if n == 0:
            return rows
        ids = torch.zeros(len(requests), n, dtype=torch.long)
        for i, r in enumerate(requests):
            if r:
                ids[i, : len(r["scored"])] = torch.tensor(r["scored"])
        logits = torch.cat([self.logits[:, None], self.forward(ids.to(self.device), n)], 1)
        for t in range(n):
            live = [i for i, r in enumerate(requests) if r and t < len(r["scored"])]
            given = [requests[i]["scored"][t] for i in live]
            choose(self.v, logits[live, t], [rows[i] for i in live], given)
        self.rewind()
        return rows

    def keep(self, indices):
        """Goes on with these rows alone."""
        chosen = torch.tensor(indices, device=self.device)
        self.past.batch_select_indices(chosen)
        self.mask = self.mask[chosen]

    def write(self, requests):
        rows = [Row(r, self.v) if r else None for r in requests]
        active = [r for r in rows]
        logits = self.logits
        while True:
            live = [i for i, r in enumerate(active) if r is not None and r.stop is None]
            if not live:
                return rows
            tokens = [0] * len(active)
            for i, token in zip(live, choose(self.v, logits[live], [active[i] for i in live])):
                tokens[i] = token
            live = [i for i in live if active[i].stop is None]
            if live and 2 * len(live) <= len(active):
                self.keep(live)
                active, tokens = [active[i] for i in live], [tokens[i] for i in live]
            if live:
                ids = torch.tensor(tokens, device=self.device)[:, None]
                logits = self.forward(ids, 1)[:, -1]


def read(path):
    with open(path) as file:
        header = json.loads(file.readline())
        work = collections.OrderedDict()
        for line in file:
            request = json.loads(line)
            place = work.setdefault((tuple(request["ids"]), request["forced"]), {})
            kind = "scored" if request["scored"] else "written"
            place.setdefault(kind, request)
    return header, list(work.items())


def batches_of(work):
    """Whole groups of places first, so that what is done when time is up is a sample of all."""

    def order(item):
        (ids, _), requests = item
        request = next(iter(requests.values()))
        return request["group"] // GROUPS_AT_ONCE, request["line"], len(ids)

    batch = []
    for item in sorted(work, key=order):
        same = not batch or order(batch[0])[:2] == order(item)[:2]
        if batch and (not same or (len(batch) + 1) * len(item[0][0]) > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def answers_of(batch, model, vocabulary, device):
    state = Batch(model, vocabulary, [list(ids) for (ids, _), _ in batch], device)
    for kind, run in (("scored", state.score), ("written", state.write)):
        requests = [places.get(kind) for _, places in batch]
        for request, row in zip(requests, run(requests)):
            if row is not None:
                yield {"key": request["key"], "text": row.text.hex(), "tokens": row.tokens, "stop": row.stop or "end_of_text"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("prompts")
    parser.add_argument("answers")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after this long")
    arguments = parser.parse_args()
    begun = time.time()
    device = arguments.device
    model, _ = gguf_model.load(arguments.model)
    model.set_attn_implementation("sdpa")
    model = model.to(device=device, dtype=torch.bfloat16 if device == "cuda" else torch.float32)
    header, work = read(arguments.prompts)
    vocabulary = Vocabulary(header, model.config.vocab_size, device)
    vocabulary.table(b"", True)
    print(f"{len(work)} prompts, loaded after {time.time() - begun:.0f} s", flush=True)
    done = 0
    with open(arguments.answers, "w") as out, torch.inference_mode():
        for batch in batches_of(work):
            for answer in answers_of(batch, model, vocabulary, device):
                out.write(json.dumps(answer) + "\n")
            done += len(batch)
            out.flush()
            print(f"{done} of {len(work)}, {time.time() - begun:.0f} s", flush=True)
            if time.time() - begun > arguments.seconds:
                break


if __name__ == "__main__":
    main()
