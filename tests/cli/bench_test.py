"""engram bench engine: the contract's cases, with the ceiling of the same run."""


def test_every_case_has_a_value_and_the_ceiling_of_this_run(engram, smollm2):
    report = engram.json("bench", "engine", "decode_0", "verify", "prefill_128", "--runs", "1",
                         "--model", smollm2, "--threads", "1", "--quiet")
    assert report["layer"] == "engine" and report["threads"] == 1 and report["cores"] >= 1
    assert report["weight_bytes"] > 80e6 and report["kernels"]
    units = {c["name"]: (c["unit"], c["rate_unit"]) for c in report["cases"]}
    assert units == {"prefill_128": ("tokens/s", "GMAC/s"), "decode_0": ("tokens/s", "GB/s"),
                     **{f"verify_{n}": ("ms", "GB/s") for n in (1, 2, 4, 8, 16)}}
    for case in report["cases"]:
        assert case["value"] > 0 and case["min"] <= case["value"] <= case["max"]
        assert case["ceiling"] > 0 and 0 < case["fraction"] == case["rate"] / case["ceiling"]


def test_a_busy_core_is_measured_beside_one_quiet_thread(engram, smollm2):
    report = engram.json("bench", "engine", "foreign_load", "--runs", "1", "--model", smollm2,
                         "--quiet")
    speed, p99 = report["cases"]
    assert (speed["name"], p99["name"]) == ("foreign_load", "foreign_load_p99")
    assert speed["unit"] == "tokens/s" and p99["unit"] == "ms"
    assert p99["min"] <= p99["value"] <= p99["max"] and p99["fraction"] >= 1


def test_text_for_people_names_the_machines_ceilings(engram, smollm2):
    done = engram.run("bench", "engine", "decode_0", "--runs", "1", "--model", smollm2)
    assert done.returncode == 0
    assert b"GB/s read" in done.stdout and b"decode_0" in done.stdout and b"%" in done.stdout
    assert done.stderr == b"engram: measuring decode_0\n"


def test_what_cannot_be_measured_is_named(engram, smollm2):
    assert "'gpu'" in engram.error("bench", "gpu", code=2)
    line = engram.error("bench", "engine", "nonsense", "--model", smollm2, code=2)
    assert "nonsense" in line and "prefill_512" in line and "foreign_load" in line
    engram.error("bench", "engine", "--runs", "0", "--model", smollm2, code=2)
    assert "fetch" in engram.error("bench", "engine", "--model", "smollm2-135m", code=3)
