"""The server ends with its editor, however that ends, and takes its input from anywhere."""

import os
import signal
import subprocess
import sys

import pytest
from conftest import FAKE
from raw_client import RawClient, framed

URI = "file:///engram-test-workspace/a.cpp"


def test_the_end_of_the_input_ends_the_server():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.process.stdin.close()
        assert raw.exit_status() == 0


def test_an_input_that_ends_inside_a_message_ends_the_server():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.write(b"Content-Length: 1000\r\n\r\n{")
        raw.process.stdin.close()
        assert raw.exit_status() == 0


def test_an_editor_killed_in_the_middle_of_a_request_ends_the_server():
    """The editor is a process of its own whose pipes somebody else holds open."""
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with RawClient([FAKE]) as raw:
        raw.initialize(processId=editor.pid)
        raw.open(URI, "x SLOW\n")
        raw.send_request("textDocument/inlineCompletion", raw.completion_params(URI, 0, 6))
        assert raw.process.poll() is None
        editor.kill()
        editor.wait()
        assert raw.exit_status() == 0
        editor.stdin.close()


def test_an_editor_that_no_longer_reads_ends_the_server():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.process.stdout.close()
        raw.send_request("engram/status")
        assert raw.exit_status() == 0
        raw.process.stdout = open(os.devnull)


def test_a_process_id_of_nobody_is_no_reason_to_go():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with RawClient([FAKE]) as raw:
        raw.initialize(processId=gone.pid)
        assert "result" in raw.request("engram/status")


@pytest.mark.parametrize(
    "number, status", [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)]
)
def test_signals_end_the_server_in_order(number, status):
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.open(URI, "x SLOW\n")
        raw.send_request("textDocument/inlineCompletion", raw.completion_params(URI, 0, 6))
        raw.process.send_signal(number)
        assert raw.exit_status() == status


def test_a_session_from_a_file_works_like_one_from_a_pipe(tmp_path):
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}},
        {"jsonrpc": "2.0", "method": "initialized", "params": {}},
        {"jsonrpc": "2.0", "id": 2, "method": "shutdown"},
        {"jsonrpc": "2.0", "method": "exit"},
    ]
    script = tmp_path / "session"
    script.write_bytes(b"".join(framed(m) for m in messages))
    answers = tmp_path / "answers"
    with script.open("rb") as stdin, answers.open("wb") as stdout:
        done = subprocess.run([FAKE], stdin=stdin, stdout=stdout, timeout=20)
    assert done.returncode == 0
    text = answers.read_text()
    assert '"id":1' in text and '"id":2' in text
