"""tools/bench_peers with two programs that print numbers known in advance."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools/bench_peers"

ENGINE = """
cases = {"prefill_512": (300, "tokens/s"), "decode_0": (90, "tokens/s"), "verify_4": (5, "ms")}
name = sys.argv[-1] if "--threads" not in sys.argv else sys.argv[-3]
found = [{"name": name, "value": cases[name][0], "unit": cases[name][1], "fraction": 0.5}]
print(json.dumps({"cases": found if name in cases else []}))
"""
LLAMA = """
rate = {"512": 100, "4": 400}.get(sys.argv[sys.argv.index("-p") + 1], 60)
print(json.dumps([{"avg_ts": rate}]))
"""


@pytest.fixture
def peers(tmp_path):
    def program(name, body):
        path = tmp_path / name
        path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n"
                        "busy = float(os.environ.get('BUSY_SECONDS', 0))\n"
                        "while time.process_time() < busy: pass\n"
                        f"open({str(tmp_path / 'log')!r}, 'a').write({name!r} + '\\n')\n{body}")
        path.chmod(0o755)
        return path

    program("bench_engine", ENGINE)
    env = {**os.environ, "ENGRAM_BIN": str(tmp_path),
           "LLAMA_BENCH": str(program("llama-bench", LLAMA))}
    model = tmp_path / "m.gguf"
    model.write_bytes(b"GGUF")

    def run(*args):
        return subprocess.run([sys.executable, SCRIPT, *args, str(model)], env=env, text=True,
                              capture_output=True, timeout=60)

    run.log, run.env = tmp_path / "log", env
    return run


def test_ratios_say_how_many_times_as_fast(peers):
    done = peers("--json", "--any-load", "--attempts", "3", "--case", "prefill_512", "--case",
                 "decode_0", "--case", "verify_4")
    machine, *lines = map(json.loads, done.stdout.splitlines())
    assert machine["cores"] == os.cpu_count() and machine["date"]
    ratios = {line["case"]: line["ratio"]["median"] for line in lines}
    assert ratios == {"prefill_512": 3.0, "decode_0": 1.5, "verify_4": 2.0}  # 10 ms against 5
    for line in lines:
        assert line["engram"]["accepted"] == line["llama_cpp"]["accepted"] == 3
        assert line["ratio"]["min"] <= line["ratio"]["median"] <= line["ratio"]["max"]
        assert line["fraction_of_ceiling"] == 0.5 and "foreign_cores" in line


def test_attempts_alternate_who_is_first(peers):
    peers("--any-load", "--attempts", "2", "--case", "decode_0")
    assert peers.log.read_text().split() == ["bench_engine", "llama-bench", "llama-bench",
                                             "bench_engine"]


def test_disturbed_runs_do_not_count(peers):
    peers.env["BUSY_SECONDS"] = "0.3"  # the kernel counts in hundredths: as many as judge a run
    burner = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        done = peers("--attempts", "1", "--case", "decode_0")
    finally:
        burner.kill()
        burner.wait()
    assert done.returncode == 0 and done.stdout.count("none counted") == 3


def test_what_is_missing_is_said_in_one_line(peers, tmp_path):
    assert "nonsense" in peers("--case", "nonsense").stderr
    done = subprocess.run([sys.executable, SCRIPT, "x.gguf"], text=True, capture_output=True,
                          env={**os.environ, "LLAMA_BENCH": str(tmp_path / "none"),
                               "ENGRAM_BIN": str(tmp_path)})
    assert done.returncode != 0 and done.stderr.count("\n") == 1
