"""engram generate and complete with the small real model."""

import json
import os

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


def test_without_a_model_memory_completes_where_it_has_a_tokenizer(home_with_model):
    # A plain directory: neither git nor settings say that it is a workspace.
    home_with_model.json("index")
    home_with_model.write("src/new.cpp", "int sum_up() {\n  for (int i = 0; i < count; ++i) sum += \n}\n")
    answer = home_with_model.json("complete", "src/new.cpp:2:42", "--no-model")
    assert answer["reason"] == ""
    item = answer["items"][0]
    assert item["text"] == "shapes[i]->area();" and item["from_memory"]
    assert item["sources"] == [{"file": "src/shape.cpp", "line": 6}]
    assert answer["tokens"]["generated"] == 0


def test_a_gate_that_cannot_be_read_is_named(home_with_model):
    gate = home_with_model.write("gate.json", "{\"bias\": []}")
    home_with_model.env["ENGRAM_COMPLETION_GATE"] = str(gate)
    assert "gate.json" in home_with_model.error("complete", "src/shape.cpp:6:35", code=3)


def test_a_prompt_has_the_size_the_user_set(home_with_model):
    home_with_model.write("src/long.cpp", "".join(f"int value_{i} = {i};\n" for i in range(800)))
    for wanted in ["200", "900"]:
        home_with_model.env["ENGRAM_COMPLETION_PROMPT_TOKENS"] = wanted
        answer = home_with_model.json("complete", "src/long.cpp:700:1", "--max-tokens", "1")
        assert 0.8 * int(wanted) < answer["tokens"]["prompt"] <= int(wanted) + 16
    home_with_model.env["ENGRAM_COMPLETION_PROMPT_TOKENS"] = "8190"
    line = home_with_model.error("complete", "src/long.cpp:700:1", code=2)
    assert "completion.prompt_tokens = 8190" in line and "8096" in line


def test_model_info_shows_the_weights(home_with_model):
    info = home_with_model.json("model", "info", "smollm2-135m")
    assert info["present"] and info["architecture"] == "llama" and info["block_count"] == 30
    assert info["tensor_types"]["Q4_1"]["tensors"] == 210


def test_model_info_says_what_this_version_runs(engram):
    supports = engram.json("model", "info")["supports"]  # with and without the model being here
    assert "Mixtral" in supports["architectures"]["llama"] and "deepseek2" in supports["architectures"]
    assert {"Q4_K", "MXFP4", "BF16"} <= set(supports["tensor_types"])
    assert supports["tokenizers"] == ["gpt2", "llama", "gemma"] and "qwen2" in supports["pre_tokenizers"]


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


def test_add_gives_a_file_a_name_that_verify_watches_over(engram, smollm2):
    own = engram.repo / "My Model.gguf"
    own.write_bytes(smollm2.read_bytes())
    added = engram.json("model", "add", own, "--quiet")
    assert added["name"] == "my-model" and added["present"]
    assert added["sha256"].startswith("b179c9523d0e6a0f") and added["fill_in_the_middle"] == "no_tokens"
    assert "my-model" in {m["name"] for m in engram.json("model", "list")["models"]}
    assert engram.json("generate", "def f(", "--max-tokens", "4", "--model", "my-model")["tokens"] == 4
    assert engram.json("model", "verify", "my-model", "--quiet")["models"][0]["intact"]
    assert engram.json("model", "verify", own, "--quiet")["models"][0]["intact"]

    stat = own.stat()
    with own.open("r+b") as f:  # one bit, and the time as it was
        f.seek(50_000_000)
        byte = f.read(1)[0]
        f.seek(50_000_000)
        f.write(bytes([byte ^ 1]))
    os.utime(own, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert "SHA-256" in engram.error("model", "verify", "my-model", "--quiet", code=3)
    own.write_bytes(own.read_bytes()[:-100])
    assert "my-model" in engram.error("generate", "x", "--model", "my-model", code=3)


def test_add_and_info_say_why_a_file_cannot_be_used(engram, smollm2):
    assert "none.gguf" in engram.error("model", "add", "none.gguf", code=3)
    whole = smollm2.read_bytes()
    mamba = engram.write("mamba.gguf", whole.replace(b"\x05\0\0\0\0\0\0\0llama", b"\x05\0\0\0\0\0\0\0mamba", 1))
    line = engram.error("model", "add", mamba, "--quiet", code=3)
    assert "mamba" in line and "llama" in line and "qwen2" in line
    info = engram.json("model", "info", mamba)
    assert not info["supported"] and "'mamba'" in info["why_not"]
    assert info["tensor_types"]["Q4_1"]["tensors"] == 210
    taken = engram.error("model", "add", smollm2, "--name", "smollm2-135m", "--quiet", code=2)
    assert "--name" in taken
    assert engram.json("model", "list")["models"][-1]["name"] != "mamba"


def test_info_of_any_file_has_tokenizer_and_verdict(engram, smollm2):
    info = engram.json("model", "info", smollm2)
    assert info["supported"] and info["context_length"] == 8192
    assert info["tokenizer"]["model"] == "gpt2" and info["tokenizer"]["pre"] == "smollm"
    assert info["tokenizer"]["tokens"] == 49152
    assert "prefix" not in info["tokenizer"]["fill_in_the_middle_ids"]
    assert "verify" in engram.error("model", "verify", smollm2, code=3)  # nothing recorded here


def test_recall_says_what_follows_and_where_it_was_seen(home_with_model):
    report = home_with_model.json("index")
    assert report["engrams"] > 200 and report["store_bytes"]["engrams"] > 0
    answer = home_with_model.json("recall", "for (int i = 0; i < count; ++i) sum += ")
    assert answer["lookup_us"] > 0
    first = answer["continuations"][0]
    assert first["text"] == "shapes[i]->area();"
    assert first["count"] == 1 and first["match_length"] >= 8
    assert first["sources"] == [{"file": "src/shape.cpp", "line": 6, "foreign": False}]


def test_recall_at_a_position_knows_the_file_below_it_and_not_its_saved_self(home_with_model):
    home_with_model.json("index")
    home_with_model.write("src/other.cpp", "double first = seen_below(1);\ndouble first = seen_below(2);\n")
    answer = home_with_model.json("recall", "--at", "src/other.cpp:1:16")
    assert answer["continuations"][0]["text"].startswith("seen_below(2)")


def test_recall_says_what_a_half_typed_name_may_become(home_with_model):
    home_with_model.json("index")
    answer = home_with_model.json("recall", "Shape* s; s->ar")
    name = answer["identifiers"][0]
    assert name["name"] == "area" and name["member"] and name["uses"] >= 3
    assert name["kinds"] == ["method"]
    assert {s["file"] for s in name["sources"]} <= {"src/shape.h", "src/shape.cpp"}
    assert home_with_model.json("recall", "s->area(")["identifiers"] == []
    home_with_model.write("src/other.cpp", "int zebra_crossing() { return zeb")
    at = home_with_model.json("recall", "--at", "src/other.cpp:1:33")["identifiers"]
    assert [(n["name"], n["uses"], n["in_buffer"]) for n in at] == [("zebra_crossing", 0, 1)]


def test_recall_without_a_question_is_wrong_usage(home_with_model):
    assert home_with_model.run("recall").returncode == 2
    # And before anything was remembered for this tokenizer, it says what to do.
    assert "engram index" in home_with_model.error("recall", "int x = ", code=3)


def test_a_gate_is_fitted_and_read_again(home_with_model):
    home_with_model.write("src/more.cpp", "int area_of_all() {\n  int sum = 0;\n  sum += shapes[i]->area();\n  return sum;\n}\n")
    gate = home_with_model.repo / "fitted.json"
    answer = home_with_model.json("eval", "--fit-gate", str(gate), "--samples", "4", "--prompt-tokens", "200")
    assert answer["all"]["tokens"] > 4
    assert answer["all"]["bits_fitted"] <= answer["all"]["bits_before"]
    assert json.loads(gate.read_text()) == pytest.approx(answer["gate"])
    home_with_model.env["ENGRAM_COMPLETION_GATE"] = str(gate)
    home_with_model.json("complete", "src/more.cpp:3:5", "--max-tokens", "4")
    assert "--fit-gate" in home_with_model.error("eval", code=2)
