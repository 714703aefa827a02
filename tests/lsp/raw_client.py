"""A client that writes any bytes it likes: for what a well-behaved library cannot send."""

import json
import os
import select
import subprocess
import time


def framed(message) -> bytes:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class RawClient:
    def __init__(self, command, deadline: float = 20.0, **popen):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **popen
        )
        self.deadline = deadline
        self.buffer = b""
        self.last_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def write(self, data: bytes):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def notify(self, method: str, params=None):
        self.write(framed({"jsonrpc": "2.0", "method": method, "params": params or {}}))

    def send_request(self, method: str, params=None) -> int:
        self.last_id += 1
        self.write(
            framed({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params or {}})
        )
        return self.last_id

    def write_result(self, request_id, result):
        """The answer to a request of the server."""
        self.write(framed({"jsonrpc": "2.0", "id": request_id, "result": result}))

    def request(self, method: str, params=None):
        return self.reply(self.send_request(method, params))

    def read_message(self):
        """The next message of the server."""
        until = time.monotonic() + self.deadline
        while True:
            head, separator, rest = self.buffer.partition(b"\r\n\r\n")
            if separator:
                length = int(head.split(b":")[1])
                if len(rest) >= length:
                    self.buffer = rest[length:]
                    return json.loads(rest[:length])
            ready, _, _ = select.select([self.process.stdout], [], [], until - time.monotonic())
            assert ready, f"no message within {self.deadline} s"
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "the server closed its output"
            self.buffer += data

    def reply(self, request_id):
        """The reply to a request (or the error without id: pass None); others are dropped."""
        while True:
            message = self.read_message()
            if "method" not in message and message.get("id") == request_id:
                return message

    def notification(self, method: str):
        while True:
            message = self.read_message()
            if message.get("method") == method:
                return message["params"]

    def initialize(self, **params):
        params.setdefault("processId", None)
        params.setdefault("capabilities", {})
        params.setdefault("rootUri", "file:///engram-test-workspace")
        reply = self.request("initialize", params)
        self.notify("initialized")
        return reply["result"]

    def open(self, uri: str, text: str, language: str = "cpp"):
        self.notify(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": language, "version": 1, "text": text}},
        )

    def completion_params(self, uri: str, line: int, character: int, invoked: bool = True):
        return {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 1 if invoked else 2},
        }

    def exit_status(self) -> int:
        return self.process.wait(timeout=self.deadline)
