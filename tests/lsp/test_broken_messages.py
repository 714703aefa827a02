"""Whatever bytes come in, the server answers what can be answered and lives on."""

import json
import random

import pytest
from conftest import FAKE
from raw_client import RawClient, framed

URI = "file:///engram-test-workspace/a.cpp"


def lives(raw: RawClient):
    assert "result" in raw.request("engram/status")


@pytest.mark.parametrize(
    "data, code",
    [
        (framed(b"{"), -32700),
        (framed(b""), -32700),
        (framed(b"\xff\xfe\x00"), -32700),
        (framed(b"[" * 100000), -32700),
        (framed(b"[]"), -32600),
        (framed(b"null"), -32600),
        (framed({"jsonrpc": "2.0"}), -32600),
        (framed({"jsonrpc": "2.0", "id": 5, "method": 7}), -32600),
        (framed({"jsonrpc": "2.0", "id": 5, "method": "m", "params": "text"}), -32600),
        (b"Content-Type: nothing\r\n\r\n", -32700),
        (b"Content-Length: -5\r\n\r\n", -32700),
        (b"Content-Length: 10 apples\r\n\r\n", -32700),
        (b"Content-Length: 18446744073709551617\r\n\r\n", -32700),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", -32700),
    ],
)
def test_a_broken_message_gets_an_error_and_the_next_one_its_answer(data, code):
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.write(data)
        while True:
            message = raw.read_message()
            if "error" in message:
                break
        assert message["error"]["code"] == code
        assert message["error"]["message"]
        lives(raw)


def test_an_oversized_message_is_skipped():
    with RawClient([FAKE], deadline=60) as raw:
        raw.initialize()
        size = (64 << 20) + 1
        raw.write(b"Content-Length: %d\r\n\r\n" % size)
        block = b"x" * (1 << 20)
        for _ in range(size // len(block)):
            raw.write(block)
        raw.write(b"x" * (size % len(block)))
        assert raw.reply(None)["error"]["code"] == -32700
        lives(raw)


def test_unknown_methods_and_commands():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        assert raw.request("textDocument/linkedEditingRange")["error"]["code"] == -32601
        assert raw.request("engram/nothing")["error"]["code"] == -32601
        raw.notify("$/unknown")
        raw.notify("textDocument/unknown")
        reply = raw.request("workspace/executeCommand", {"command": "rm -rf", "arguments": []})
        assert reply["error"]["code"] == -32602
        lives(raw)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"textDocument": {"uri": 3}},
        {"textDocument": {"uri": URI}},
        {"textDocument": {"uri": URI}, "position": {"line": -1, "character": 0}},
        {"textDocument": {"uri": URI}, "position": {"line": 1e300, "character": 0}},
        {"textDocument": {"uri": URI}, "position": {"line": "1", "character": 0}},
        {"textDocument": {"uri": "file:///not/open"}, "position": {"line": 0, "character": 0}},
        {"textDocument": {"uri": "not a uri"}, "position": {"line": 0, "character": 0}},
    ],
)
def test_wrong_parameters_are_named(params):
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.open(URI, "x\n")
        reply = raw.request("textDocument/inlineCompletion", params)
        assert reply["error"]["code"] == -32602
        assert "params" in reply["error"]["message"] or "not open" in reply["error"]["message"]
        lives(raw)


def test_broken_notifications_are_logged_and_change_nothing():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.open(URI, "x\n")
        raw.notify("textDocument/didChange", {"textDocument": {"uri": URI}})
        assert "contentChanges" in raw.notification("window/logMessage")["message"]
        raw.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": "file:///never/opened"}, "contentChanges": [{"text": ""}]},
        )
        assert "not open" in raw.notification("window/logMessage")["message"]
        reply = raw.request("textDocument/inlineCompletion", raw.completion_params(URI, 0, 1))
        assert reply["result"]["items"][0]["insertText"] == "fake(x)"


def test_lone_surrogates_do_not_put_the_document_out_of_step():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.write(
            framed(
                b'{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":'
                b'{"uri":"%s","languageId":"cpp","version":1,"text":"a\\ud800b\\n"}}}' % URI.encode()
            )
        )
        reply = raw.request("textDocument/inlineCompletion", raw.completion_params(URI, 0, 3))
        assert reply["result"]["items"][0]["insertText"] == "fake(a\N{REPLACEMENT CHARACTER}b)"


def test_garbage_between_messages_never_stops_the_server():
    generator = random.Random(7)
    with RawClient([FAKE]) as raw:
        raw.initialize()
        for _ in range(200):
            raw.write(bytes(generator.randrange(256) for _ in range(generator.randrange(1, 300))))
            # A faulty header ends with an empty line at the latest here.
            raw.write(b"\r\n\r\n")
            # What is asked right after garbage may be lost with it; this one is to spare.
            raw.write(framed({"jsonrpc": "2.0", "method": "$/spare"}))
        lives(raw)


def test_a_message_in_many_small_writes_is_one_message():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        for byte in framed({"jsonrpc": "2.0", "id": 99, "method": "engram/status"}):
            raw.write(bytes([byte]))
        assert "result" in raw.reply(99)
        assert json.dumps("ok")
