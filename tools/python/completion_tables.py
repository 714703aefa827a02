#!/usr/bin/env python3
"""Tables of results of `make campaign NAME=completion_eval`: rates a condition, and paired differences.

usage: completion_tables.py FILE MODEL MODE COMMIT BASELINE [CONDITION...]

COMMIT may be followed by the end of the keys: "eac927a|float32". Pools the projects. A difference is the mean over the places that both conditions completed, with
its 95 % interval: percentiles of the means of 2,000 samples of as many places, with replacement.
"""

import gzip
import json
import random
import sys
from collections import defaultdict

# Of one place: a number, and what it counts for (bits by the bytes they are of).
MEASURES = (("exact", lambda r: (r["exact"], 1)), ("edit", lambda r: (r["similarity"], 1)),
            ("bits/B", lambda r: (r["bits"], r["bytes"]) if r["bytes"] else None),
            ("passes", lambda r: (r["passes"], 1) if counted(r) else None))


def counted(r):
    """Answers that were kept without their passes seem to have had none but the prompt's."""
    return r["passes"] > 1 or (r["passes"] == 1 and r["tokens"] < 2)


def interval(pairs, seed=5):
    draw = random.Random(seed)

    def mean(drawn):
        return sum(d for d, _ in drawn) / sum(weight for _, weight in drawn)

    means = sorted(mean(draw.choices(pairs, k=len(pairs))) for _ in range(2000))
    return mean(pairs), means[50], means[1949]


def coverage(results, precision=0.8):
    """The largest share that can be shown, surest first, with that share of them right."""
    shown = sorted((r for r in results if r["text"]), key=lambda r: -r["confidence"])
    right = best = 0
    for i, r in enumerate(shown):
        right += r["exact"]
        tied = i + 1 < len(shown) and shown[i + 1]["confidence"] == r["confidence"]
        if not tied and right >= precision * (i + 1):
            best = i + 1
    return best / len(results)


def known_share(results):
    """Of the names wanted, those that stand elsewhere (samples of before 2026-11-28 do not say)."""
    told = [r for r in results if "names_known" in r]
    wanted = sum(r["names_wanted"] for r in told)
    return f"{sum(r['names_known'] for r in told) / wanted:.3f}" if wanted else "-"


def rates(results):
    n = len(results)
    exact = sum(r["exact"] for r in results)
    size = sum(r["bytes"] for r in results)
    wanted = sum(r["names_wanted"] for r in results)
    told = [r for r in results if counted(r)]
    passes = sum(r["passes"] for r in told)
    novel = [r for r in results if r["novel"]]
    return (f"{n} | {exact} | {sum(r['exact'] for r in novel)} of {len(novel)} | "
            f"{sum(r['similarity'] for r in results) / n:.3f} | "
            + (f"{sum(r['bits'] for r in results) / size:.3f}" if size else "-")
            + f" | {sum(r['names_found'] for r in results) / max(1, wanted):.3f} | "
            f"{known_share(results)} | "
            f"{coverage(results):.2f} | "
            + (f"{sum(r['tokens'] for r in told) / passes:.2f}" if 2 * len(told) > n else "-"))


def difference(base, with_it, chosen):
    cells = []
    for _, measure in MEASURES:
        pairs = []
        for place, r in with_it.items():
            if place not in base or not chosen(r):
                continue
            a, b = measure(base[place]), measure(r)
            if a is not None and b is not None:
                pairs.append((b[0] - a[0], b[1]))
        if not pairs:
            cells.append("-")
            continue
        mean, low, high = interval(pairs)
        sure = "**" if low > 0 or high < 0 else ""
        cells.append(f"{sure}{mean:+.3f} [{low:+.3f}, {high:+.3f}]{sure}")
    return " | ".join(cells)


def main(path, model, mode, commit, baseline, *names):
    by_condition = defaultdict(dict)
    commit, _, end = commit.partition("|")
    for line in (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8"):
        try:
            r = json.loads(line)
        except ValueError:
            continue  # cut off
        project, its_model, its_mode = r["key"].split("|")[:3]
        if (its_model, its_mode) == (model, mode) and project.endswith(" " + commit) \
                and r["key"].endswith(end):
            by_condition[r["condition"]][project, r["place"]] = r
    names = names or list(by_condition)
    shared = set.intersection(*(set(by_condition[name]) for name in (baseline, *names)))
    tables = {name: {p: by_condition[name][p] for p in sorted(shared)} for name in names}
    print("| | places | exact | novel | edit | bits/B | names | known | cov@.8 | tokens a pass |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in names:
        print(f"| {name} | {rates(list(tables[name].values()))} |")
    parts = [("all", lambda r: True), ("novel", lambda r: r["novel"]),
             ("repeated", lambda r: not r["novel"])]
    parts += [(kind, lambda r, kind=kind: r["kind"] == kind)
              for kind in ("line", "identifier", "block")]
    print(f"\n| minus {baseline} | of | exact | edit | bits/B | passes |\n|---|---|---|---|---|---|")
    for name in names:
        for part, chosen in parts:
            if name == baseline:
                continue
            count = sum(map(chosen, tables[name].values()))
            print(f"| {name} | {part} ({count}) | {difference(tables[baseline], tables[name], chosen)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
