"""engram generate and complete with the small real model."""

import pytest


@pytest.fixture
def home_with_model(indexed, smollm2):
    target = indexed.home / "cache" / "engram" / "models" / "smollm2-135m"
    target.mkdir(parents=True)
    (target / smollm2.name).symlink_to(smollm2)
    return indexed


def test_generate_is_deterministic_and_counts(engram, smollm2):
    args = ["generate", "int main(int argc, char** argv) {", "--max-tokens", "12", "--model", smollm2]
    first = engram.json(*args)
    assert first["tokens"] == 12 and first["stop_reason"] == "max_tokens" and first["text"]
    assert engram.json(*args, "--threads", "1")["text"] == first["text"]
    sampled = [engram.json(*args, "--temperature", "1.0", "--seed", s)["text"] for s in (1, 1, 2)]
    assert sampled[0] == sampled[1]


def test_complete_fills_the_contract(home_with_model):
    text = (home_with_model.repo / "src/shape.cpp").read_text().replace(
        "sum += shapes[i]->area();", "")
    answer = home_with_model.json("complete", "src/shape.cpp:6:35", "--stdin", "--max-tokens", "16",
                                  stdin=text)
    assert set(answer) >= {"items", "reason", "timings_ms", "tokens"}
    assert set(answer["timings_ms"]) == {"context", "prefill", "decode", "check", "total"}
    assert answer["tokens"]["prompt"] > 0
    assert bool(answer["items"]) == (answer["reason"] == "")
    for item in answer["items"]:
        assert item["text"] and item["checked"] in ("type", "syntax", "none")
        assert item["certainty"] in ("semantic", "inferred", "syntactic", "textual")
        assert 0 < item["confidence"] <= 1
        assert item["range"]["start"]["line"] == 6


def test_without_a_model_the_reason_says_so(indexed):
    answer = indexed.json("complete", "src/shape.cpp:6:35", "--no-model")
    assert answer["items"] == [] and answer["reason"] == "no_model"


def test_model_info_shows_the_weights(home_with_model):
    info = home_with_model.json("model", "info", "smollm2-135m")
    assert info["present"] and info["architecture"] == "llama" and info["block_count"] == 30
    assert info["tensor_types"]["Q4_1"]["tensors"] == 210


def test_quantize_writes_a_model_that_runs_and_never_over_a_file_unasked(engram, smollm2):
    out = engram.repo / "small.gguf"
    made = engram.json("model", "quantize", smollm2, out, "--type", "Q4_0", "--quiet")
    assert made["tensor_types"] == {"F32": 61, "Q4_0": 210, "Q8_0": 1}
    assert made["fallbacks"] == [{"row_values": 576, "type": "Q8_0", "tensors": 1}]  # no Q6_K
    assert made["bytes"] == out.stat().st_size < smollm2.stat().st_size
    assert 0.01 < made["relative_error"] < 0.1
    assert engram.json("generate", "def add(a, b):\n", "--max-tokens", "8", "--model", out)["text"]

    before = out.read_bytes()
    for args in [[smollm2, out], [out, out, "--force"]]:
        line = engram.error("model", "quantize", *args, "--type", "Q8_0", "--quiet", code=2)
        assert "small.gguf" in line
    assert out.read_bytes() == before
    engram.json("model", "quantize", smollm2, out, "--type", "Q8_0", "--quiet", "--force")
    assert out.read_bytes() != before
    assert [p.name for p in engram.repo.glob("*.partial-*")] == []


def test_quantize_names_what_it_cannot_do(engram, smollm2):
    line = engram.error("model", "quantize", smollm2, "out.gguf", "--type", "Q2_K", code=2)
    assert "Q2_K" in line and "Q8_0, Q4_0, Q4_1, Q4_K, Q6_K" in line
    text = engram.write("text.gguf", "int main() {}\n" * 10)
    assert "text.gguf" in engram.error("model", "quantize", text, "o.gguf", "--type", "Q8_0", code=3)
    assert "out.gguf" in engram.error("model", "quantize", smollm2, "no/out.gguf", "--type", "Q8_0",
                                      "--quiet", code=3)
