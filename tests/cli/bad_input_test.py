"""Bad input: one clear line, the right exit status, nothing lost."""

import fcntl
import json
import os
import subprocess

from conftest import PROGRAM


def test_not_a_directory_and_an_unknown_file(engram):
    assert "nowhere" in engram.error("index", "nowhere", code=3)
    assert "none.cpp" in engram.error("outline", "none.cpp", code=3)
    assert "none.cpp" in engram.error("complete", "none.cpp:1:1", "--no-model", code=3)


def test_an_empty_repository_is_indexed_to_nothing(engram, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    report = engram.json("index", empty)
    assert report["files"] == 0 and report["skipped"] == []


def test_commands_without_an_index_say_how_to_make_one(engram):
    for args in [["find", "x"], ["search", "x"], ["status"]]:
        assert "engram index" in engram.error(*args, code=3)


def test_an_unreadable_file_is_listed_not_fatal(engram):
    path = engram.write("src/locked.cpp", "int locked;\n")
    os.chmod(path, 0)
    if os.access(path, os.R_OK):  # root reads everything: a directory in the way does not
        path.unlink()
        os.symlink("missing-target", path)
    report = engram.json("index")
    assert report["files"] == 3
    assert "src/locked.cpp" in {s["file"] for s in report["skipped"]}


def test_invalid_utf8_is_indexed_and_leaves_as_valid_json(engram):
    engram.write("src/latin.cpp", b"// caf\xe9\nint caf_one;  // \xff\xfe\n")
    engram.json("index")
    assert engram.json("find", "caf_one")["symbols"][0]["file"] == "src/latin.cpp"
    assert "\ufffd" in engram.json("search", "caf_one")["matches"][0]["text"]


def test_a_position_outside_the_file_names_the_bounds(engram):
    line = engram.error("complete", "src/shape.h:999:1", "--no-model", code=2)
    assert "999" in line and "lines" in line
    assert "bytes" in engram.error("complete", "src/shape.h:1:99", "--no-model", code=2)
    for bad in ["src/shape.h", "src/shape.h:0:1", "src/shape.h:x:1", ":1:1"]:
        assert "FILE:LINE:COLUMN" in engram.error("complete", bad, code=2)


def test_a_damaged_store_is_named_and_rebuilt_by_index(indexed):
    store = indexed.json("status")["store"]
    for name in os.listdir(store):
        path = os.path.join(store, name)
        if os.path.isfile(path) and os.path.getsize(path) > 4096:
            with open(path, "r+b") as f:
                f.write(os.urandom(4096))
    assert "index" in indexed.error("find", "Circle", code=3)
    report = indexed.json("index")
    assert report["files"] == 3 and report["files_parsed"] == 3
    assert indexed.json("find", "Circle")["symbols"]


def test_two_processes_on_one_store_the_second_says_who_writes(indexed):
    # This test is the other process: it holds the lease's lock as a writer would.
    lease = os.path.join(indexed.json("status")["store"], "lease")
    with open(lease, "r+b") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        assert "writ" in indexed.error("index", code=3)
        assert indexed.json("find", "Circle")["symbols"]  # readers are not blocked
        assert indexed.json("status")["lease"]["pid"] > 0
    assert indexed.json("index")["files"] == 3


def test_a_missing_model_says_how_to_fetch_one(engram):
    for args in [["generate", "x"], ["complete", "src/shape.h:1:1"]]:
        line = engram.error(*args, code=3)
        assert "engram model fetch" in line
    assert "no-such-model" in engram.error("generate", "x", "--model", "no-such-model", code=3)


def test_a_corrupt_model_is_named(engram, smollm2):
    whole = smollm2.read_bytes()
    for name, data in {"empty": b"", "text": b"not a model" * 100,
                       "truncated": whole[:5_000_000], "header": whole[:40]}.items():
        path = engram.write(f"{name}.gguf", data)
        line = engram.error("generate", "x", "--model", path, code=3)
        assert f"{name}.gguf" in line


def test_interrupting_indexing_keeps_what_is_done(engram):
    for i in range(3000):
        engram.write(f"many/file{i}.cpp", f"int function_{i}(int a) {{ return a + {i}; }}\n" * 20)
    process = subprocess.Popen([PROGRAM, "index"], cwd=engram.repo, env=engram.env,
                               stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    while process.poll() is None and not os.path.isdir(engram.home / "cache" / "engram"):
        pass
    process.send_signal(2)
    process.communicate(timeout=60)
    assert process.returncode in (130, 0)
    assert engram.json("index")["files"] == 3003


def test_workspace_settings_that_reach_outside_are_ignored_with_a_line(engram):
    engram.write(".engram.toml", 'model = "m"\nstore = "/tmp/x"\nremote = "http://x"\n'
                                 'compiler = "/bin/sh"\n')
    done = engram.run("index", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["files"] >= 3
    warning = done.stderr.decode()
    for key in ["model", "store", "remote", "compiler", "engram trust"]:
        assert key in warning
