"""tools/demo/hidden_lines.py against a made-up engram that speaks the command contract."""
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools/demo/hidden_lines.py"
sys.path.insert(0, str(SCRIPT.parent))
import hidden_lines  # noqa: E402

FAKE_ENGRAM = """#!{python}
import json, pathlib, sys
log = pathlib.Path({log!r})
if sys.argv[1] == "index":
    texts = "".join(p.read_text() for p in sorted(pathlib.Path(".").rglob("*.cc")))
    log.write_text(texts)
    print(json.dumps(dict(files=4, bytes=9000, chunks=1, symbols=2, occurrences=3, seconds=0.5,
                          peak_rss_bytes=2**20, skipped=[])))
else:
    assert sys.argv[2].count(":") == 2 and "--stdin" in sys.argv, sys.argv
    item = dict(text={text!r}, confidence=0.5, checked="syntax", certainty="syntactic",
                sources=[dict(file="other.cc", line=7)])
    print(json.dumps(dict(items=[item] if item["text"] else [], reason={reason!r}, detail="",
        timings_ms=dict(context=1, prefill=2, decode=3, check=4, total=10),
        tokens=dict(prompt=100, reused=0, generated=5, drafted=0, accepted=0))))
"""


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    for name in "abcd":
        body = "\n".join(f"  value_{name}_{n} = compute_{name}(input_{n}, {n});" for n in range(150))
        (folder / f"{name}.cc").write_text(f"// {name}\nvoid f() {{\n{body}\n}}\n")
    return folder


def demo(tree, tmp_path, text="return nothing_like_it;", reason="", seed="1"):
    log = tmp_path / "indexed.txt"
    engram = tmp_path / "engram"
    engram.write_text(FAKE_ENGRAM.format(python=sys.executable, log=str(log), text=text, reason=reason))
    engram.chmod(0o755)
    done = subprocess.run(
        [sys.executable, SCRIPT, "--engram", engram, "--tree", tree, "--store", tmp_path / "store",
         "--model", "m", "--seed", seed], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout, log.read_text()


def test_a_seed_draws_the_same_lines_each_in_its_own_file(tree):
    first = hidden_lines.draw_lines(tree, 7, 3)
    assert first == hidden_lines.draw_lines(tree, 7, 3)
    assert first != hidden_lines.draw_lines(tree, 8, 3)
    assert len({path for path, _, _ in first}) == 3


def test_the_hidden_lines_are_gone_before_anything_is_indexed(tree, tmp_path):
    drawn = hidden_lines.draw_lines(tree, 1, 3)
    shown, indexed = demo(tree, tmp_path)
    for _, _, text in drawn:
        assert text.strip() not in indexed
        assert text.strip() in shown


def test_suggestion_sources_and_times_are_printed(tree, tmp_path):
    shown, _ = demo(tree, tmp_path)
    assert shown.count("return nothing_like_it;") == 3
    assert shown.count("not the hidden line") == 3
    assert "other.cc:7" in shown and "prefill 2" in shown


def test_silence_prints_its_reason(tree, tmp_path):
    shown, _ = demo(tree, tmp_path, text="", reason="low_confidence")
    assert shown.count("silent: low_confidence") == 3


@pytest.mark.parametrize("line, worth", [
    ("  result->reset(factory.release());", True),
    ("void top_level_is_no_body(int argument) {", False),
    ("  // a comment that reads like code(x);", False),
    ("  }", False),
    ("  call_with_open_end(argument_one,", False),
    ("  x = 1;", False),
])
def test_only_telling_lines_of_a_body_are_hidden(line, worth):
    assert bool(hidden_lines.is_worth_hiding(line)) is worth


def test_a_tree_without_code_says_so(tmp_path):
    done = subprocess.run([sys.executable, SCRIPT, "--engram", "/bin/false", "--tree", tmp_path,
                           "--store", "s", "--model", "m"], capture_output=True, text=True)
    assert done.returncode != 0 and "no line of code worth hiding" in done.stderr


@pytest.mark.parametrize("text, said", [
    ("auto* x = cast<T>(y);", "the hidden line, exactly"),
    ("auto* x = cast<T>(y);\nmore();", "the hidden line, exactly"),
    ("auto* x =\n    cast<T>(y);", "the hidden line, broken into lines otherwise"),
    ("auto* x = cast<U>(y);", "not the hidden line"),
    ("auto* x =", "not the hidden line"),
])
def test_a_suggestion_is_judged_by_its_first_line_or_its_spacing(text, said):
    assert hidden_lines.verdict(text, "  auto* x = cast<T>(y);") == said
