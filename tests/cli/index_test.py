"""engram index and engram status on a small repository."""

import os
import subprocess

COUNTS = ["files", "bytes", "chunks", "symbols", "occurrences", "engrams", "translation_units",
          "store_bytes"]


def test_index_reports_what_the_contract_names(engram):
    report = engram.json("index")
    for field in COUNTS + ["skipped", "seconds", "cpu_seconds", "peak_rss_bytes"]:
        assert field in report
    assert report["files"] == 3
    assert report["symbols"] > 8 and report["chunks"] >= 3 and report["occurrences"] > 5


def test_a_second_run_parses_nothing_and_a_change_only_its_file(indexed):
    assert indexed.json("index")["files_parsed"] == 0
    indexed.write("tools/report.py", "def other():\n    pass\n")
    assert indexed.json("status")["stale"] == 1
    report = indexed.json("index")
    assert report["files_parsed"] == 1 and report["files_unchanged"] == 2
    assert indexed.json("find", "format_area")["symbols"] == []
    assert indexed.json("status")["stale"] == 0


def test_a_deleted_file_leaves_the_memory(indexed):
    (indexed.repo / "tools/report.py").unlink()
    assert indexed.json("index")["files_removed"] == 1
    assert indexed.json("find", "Report")["symbols"] == []


def test_what_is_left_out_is_listed_with_a_reason(engram):
    engram.write("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200))
    engram.write(".env", "TOKEN=abc\n")
    engram.json("index")
    reasons = {s["file"]: s["reason"] for s in engram.json("status")["skipped"]}
    assert reasons["logo.png"] == "binary"
    assert reasons[".env"] == "secret"


def test_the_store_is_private_and_moves_with_export_and_import(indexed, tmp_path):
    store = indexed.json("status")["store"]
    assert os.stat(store).st_mode & 0o777 == 0o700
    archive = tmp_path / "memory.engram"
    indexed.json("index", "--export", archive)
    other = tmp_path / "other-store"
    report = indexed.json("index", "--import", archive, "--store", other)
    assert report["files_parsed"] == 0 and report["files"] == 3


def test_git_ignored_files_stay_out(engram):
    git = dict(cwd=engram.repo, check=True, capture_output=True)
    subprocess.run(["git", "init", "-q"], **git)
    engram.write(".gitignore", "gen/\n")
    engram.write("gen/big.cpp", "int generated_thing;\n")
    engram.json("index")
    assert engram.json("find", "generated_thing")["symbols"] == []


def test_progress_goes_to_stderr_and_quiet_silences_it(engram):
    done = engram.run("index", "--json", "--quiet")
    assert done.returncode == 0 and done.stderr == b""


def test_status_lists_the_vocabulary(indexed):
    vocabulary = indexed.json("status")["vocabulary"]
    assert vocabulary["names"] > 8 and vocabulary["members"] >= 3  # area, radius_, add_line
    assert vocabulary["segments"] == 1 and vocabulary["bytes"] > 0
    assert f"{vocabulary['names']} names" in indexed.run("status").stdout.decode()


def test_without_a_model_its_tokenizer_still_names_engrams(engram, smollm2):
    done = engram.run("index", "--no-model", "--model", smollm2)
    assert done.returncode == 0 and b"only the tokenizer is read" in done.stderr
    assert engram.json("status")["engrams"] > 100


def test_a_workspace_that_is_ignored_whole_says_by_which_line_and_what_to_do(engram):
    engram.write(".gitignore", "# Packaging\n/*\n")
    for command in ("index", "status"):
        said = engram.run(command).stdout.decode()
        (line,) = [line for line in said.splitlines() if "nothing is left to index" in line]
        assert ".gitignore:2: /*" in line and "remove that line" in line
