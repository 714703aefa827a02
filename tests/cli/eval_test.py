"""engram eval completion: the contract's fields, and going on where it was interrupted."""

import json

CONDITIONS = ("--condition", "model,suffix+chunks", "--samples", "2", "--prompt-tokens", "200",
              "--kind", "line")


def test_conditions_are_scored_compared_and_not_made_twice(engram, smollm2, tmp_path):
    results = tmp_path / "results.jsonl"
    arguments = ("eval", "completion", "--repo", ".", *CONDITIONS, "--results", str(results),
                 "--model", smollm2, "--threads", "1", "--quiet")
    report = engram.json(*arguments)
    assert [c["name"] for c in report["conditions"]] == ["model", "suffix+chunks"]
    for condition in report["conditions"]:
        assert condition["samples"] == 2 and condition["bits_per_byte"] > 0
        for rate in ("exact_match", "edit_similarity", "identifier_recall"):
            assert 0 <= condition[rate] <= 1
        assert condition["p95_ms"] >= condition["p50_ms"] > 0
        assert condition["accepted_per_step"] > 0 and condition["shown"] >= condition["shown_exact"]
    (compared,) = report["comparisons"]
    bits = compared["bits_per_byte"]
    assert compared["against"] == "model" and bits["low"] <= bits["mean"] <= bits["high"]
    lines = results.read_text().splitlines()
    assert len(lines) == 4
    assert engram.json(*arguments)["conditions"] == report["conditions"]
    assert results.read_text().splitlines() == lines  # timings too: nothing ran again
    assert {json.loads(line)["condition"] for line in lines} == {"model", "suffix+chunks"}


def test_what_cannot_be_evaluated_is_named(engram):
    assert "'magic'" in engram.error("eval", "completion", "--condition", "suffix+magic", code=2)
    engram.error("eval", "completion", "--mode", "sideways", code=2)
    assert "nowhere" in engram.error("eval", "completion", "--repo", "nowhere", code=3)


def test_memory_alone_opens_no_model(engram, smollm2):
    arguments = ("eval", "completion", "--samples", "2", "--kind", "line", "--quiet")
    for given in ((), ("--condition", "memory,memory+below")):
        report = engram.json(*arguments, *given, "--no-model", "--model", smollm2)
        assert [c["name"] for c in report["conditions"]] == ["memory", "memory+below"]
        assert report["fim"] is None
    said = engram.error(*arguments, "--condition", "memory,suffix", "--no-model", "--model", smollm2,
                        code=2)
    assert "'suffix'" in said and "--no-model" in said
