"""Work that is no longer wanted ends at once, whoever no longer wants it."""

import time

from conftest import FAKE
from raw_client import RawClient

URI = "file:///engram-test-workspace/a.cpp"


def slow_request(raw: RawClient) -> int:
    """A completion that only its cancellation can end, surely running."""
    raw.open(URI, "x SLOW\n")
    return raw.send_request("textDocument/inlineCompletion", raw.completion_params(URI, 0, 6))


def test_a_cancelled_request_is_answered_at_once():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        request = slow_request(raw)
        raw.notify("$/cancelRequest", {"id": request})
        assert raw.reply(request)["error"]["code"] == -32800


def test_a_newer_request_replaces_the_older_and_gets_the_worker():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        older = slow_request(raw)
        newer = raw.send_request(
            "textDocument/inlineCompletion", raw.completion_params(URI, 0, 1)
        )
        assert raw.reply(older)["error"]["code"] == -32800
        assert raw.reply(newer)["result"]["items"][0]["insertText"] == "fake(x)"


def test_a_keystroke_answers_content_modified():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        older = slow_request(raw)
        raw.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": URI, "version": 2},
                "contentChanges": [{"text": "y"}],
            },
        )
        assert raw.reply(older)["error"]["code"] == -32801
        newer = raw.request("textDocument/inlineCompletion", raw.completion_params(URI, 0, 1))
        assert newer["result"]["items"][0]["insertText"] == "fake(y)"


def test_the_older_work_is_gone_within_milliseconds_of_the_newer_request():
    """From the newer request to its answer, the older one's stop on the way."""
    with RawClient([FAKE]) as raw:
        raw.initialize()
        took = []
        for _ in range(40):
            slow_request(raw)
            began = time.monotonic()
            newer = raw.send_request(
                "textDocument/inlineCompletion", raw.completion_params(URI, 0, 1)
            )
            raw.reply(newer)
            took.append(time.monotonic() - began)
            raw.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert sorted(took)[len(took) // 2] < 0.010, took


def test_a_silent_answer_has_its_reason_in_the_status():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.open(URI, "x QUIET\n")
        reply = raw.request("textDocument/inlineCompletion", raw.completion_params(URI, 0, 7))
        assert reply["result"]["items"] == []
        assert raw.request("engram/status")["result"]["lastReason"] == "low_confidence"


def test_shutdown_ends_a_running_completion():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        running = slow_request(raw)
        shutdown = raw.send_request("shutdown")
        assert raw.reply(running)["error"]["code"] == -32800
        assert raw.reply(shutdown)["result"] is None
        raw.notify("exit")
        assert raw.exit_status() == 0
