"""`engram lsp` as it ships: the real index of a small real repository, the real small model.

The repository is Engram's own core/ folder. Stores and settings lie in the test's own folder.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

import pytest
from raw_client import RawClient, framed

PROGRAM = os.environ["ENGRAM_PROGRAM"]
MODEL = os.environ["ENGRAM_TEST_MODEL"]
CORE = pathlib.Path(__file__).resolve().parents[2] / "core"

needs_model = pytest.mark.skipif(
    not os.path.isfile(MODEL), reason=f"the model {MODEL} is not here; tools/fetch_model.sh gets it"
)


class Place:
    """A workspace, and an environment in which nothing of the user's is read or written."""

    def __init__(self, folder: pathlib.Path):
        self.root = folder / "project"
        shutil.copytree(CORE, self.root / "core")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("ENGRAM_")}
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            self.environment[f"XDG_{name}_HOME"] = str(folder / name.lower())
        self.environment.update(HOME=str(folder), XDG_RUNTIME_DIR=str(folder))
        # Clang would read all of it with guessed commands; test_semantic.py is about that.
        self.environment.update(ENGRAM_CLANG_GUESSED_UNITS="0", ENGRAM_CLANG_GUESS_SECONDS="0")

    def server(self, *arguments, **options) -> RawClient:
        command = [PROGRAM, "lsp", *arguments]
        return RawClient(command, deadline=90, env=self.environment, cwd=self.root, **options)

    def with_model(self) -> RawClient:
        return self.server("--model", MODEL)

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def engram(self, *arguments):
        done = subprocess.run(
            [PROGRAM, *arguments, "--json"], cwd=self.root, env=self.environment,
            capture_output=True, text=True, timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def eventually(what: str, condition, deadline: float = 60):
    until = time.monotonic() + deadline
    while not (value := condition()):
        assert time.monotonic() < until, what
        time.sleep(0.02)  # between two questions
    return value


def initialize(raw: RawClient, place: Place, **more):
    raw.initialize(rootUri=place.root.as_uri(), **more)


def status(raw: RawClient):
    return raw.request("engram/status")["result"]


def wait_for_index(raw: RawClient):
    eventually("the index is ready", lambda: status(raw)["index"]["state"] == "ready")


def cut(place: Place, name: str, before: str):
    """The file with what follows `before` on its line hidden; where the cursor then is."""
    text = (place.root / name).read_text()
    at = text.index(before) + len(before)
    end = text.index("\n", at)
    line_start = text.rfind("\n", 0, at) + 1
    return text[:at] + text[end:], text.count("\n", 0, at), at - line_start, text[at:end]


def complete(raw: RawClient, place: Place, name: str, before: str):
    text, line, column, _ = cut(place, name, before)
    raw.open(place.uri(name), text)
    reply = raw.request(
        "textDocument/inlineCompletion", raw.completion_params(place.uri(name), line, column)
    )
    return reply["result"]["items"], line, column


@needs_model
def test_a_model_that_comes_later_serves_and_the_memory_is_filled_in_its_tokens(place):
    with place.server() as raw:
        initialize(raw, place)
        wait_for_index(raw)
        assert status(raw)["modelState"] == "none"
        cache = pathlib.Path(place.environment["XDG_CACHE_HOME"], "engram")
        model = cache / "models" / "smollm2-135m"
        model.mkdir(parents=True)
        shutil.copy(pathlib.Path(MODEL).parent / "manifest.json", model)
        (model / pathlib.Path(MODEL).name).symlink_to(MODEL)
        before = 'fs::path data_home() { return xdg_directory("XDG_DATA_HOME", '
        items, *_ = complete(raw, place, "core/path.cpp", before)
        assert items, status(raw)
        eventually("there is a memory", lambda: list(cache.glob("*/engrams/*/manifest")))


@needs_model
def test_a_real_line_of_a_real_repository_is_completed(place):
    with place.with_model() as raw:
        initialize(raw, place)
        wait_for_index(raw)
        before = 'fs::path data_home() { return xdg_directory("XDG_DATA_HOME", '
        items, line, column = complete(raw, place, "core/path.cpp", before)
        assert items, status(raw)
        item = items[0]
        assert item["insertText"].strip()
        assert item["range"]["start"]["line"] == item["range"]["end"]["line"] == line
        assert item["range"]["start"]["character"] <= column
        assert item["command"]["command"] == "engram.accepted"
        now = status(raw)
        assert now["lastReason"] == "" and now["lastTokens"]["generated"] > 0
        # All of core/ is in the index.
        assert now["index"]["files"] >= len(list((place.root / "core").glob("*.cpp")))


@needs_model
def test_the_first_answer_does_not_wait_for_the_index(place):
    with place.with_model() as raw:
        initialize(raw, place)
        items, _, _ = complete(raw, place, "core/json.cpp", "  std::string out;\n  write_")
        assert items or status(raw)["lastReason"]


@needs_model
def test_typing_along_the_real_suggestion_costs_no_model_run(place):
    with place.with_model() as raw:
        initialize(raw, place)
        wait_for_index(raw)
        before = 'fs::path data_home() { return xdg_directory("XDG_DATA_HOME", '
        items, line, column = complete(raw, place, "core/path.cpp", before)
        text = items[0]["insertText"]
        at = {"line": line, "character": column}
        uri = place.uri("core/path.cpp")
        raw.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": 2},
                "contentChanges": [{"range": {"start": at, "end": at}, "text": text[0]}],
            },
        )
        reply = raw.request(
            "textDocument/inlineCompletion", raw.completion_params(uri, line, column + 1, False)
        )
        assert reply["result"]["items"][0]["insertText"] == text[1:]
        now = status(raw)
        assert now["lastCached"] and now["lastMilliseconds"] <= 5


@needs_model
def test_a_cancelled_completion_frees_the_model_at_once(place):
    with place.with_model() as raw:
        initialize(raw, place)
        wait_for_index(raw)
        text, line, column, _ = cut(place, "core/path.cpp", "std::string path;\n  for (")
        uri = place.uri("core/path.cpp")
        raw.open(uri, text)
        raw.request("textDocument/inlineCompletion", raw.completion_params(uri, 0, 3))  # loaded
        cancelled = raw.send_request(
            "textDocument/inlineCompletion", raw.completion_params(uri, line, column)
        )
        raw.notify("$/cancelRequest", {"id": cancelled})
        reply = raw.reply(cancelled)
        # Fast machines may have answered before the cancellation came.
        assert "result" in reply or reply["error"]["code"] == -32800
        again = raw.request("textDocument/inlineCompletion", raw.completion_params(uri, line, column))
        assert "result" in again


@needs_model
def test_two_servers_on_one_store_both_answer_and_leave_it_whole(place):
    with place.with_model() as one, place.with_model() as two:
        initialize(one, place)
        initialize(two, place)
        for raw in (one, two):
            eventually(
                "the index can be used",
                lambda raw=raw: status(raw)["index"]["state"] in ("ready", "shared"),
            )
        before = 'fs::path data_home() { return xdg_directory("XDG_DATA_HOME", '
        first, _, _ = complete(one, place, "core/path.cpp", before)
        second, _, _ = complete(two, place, "core/path.cpp", before)
        assert first and second
        for raw in (one, two):
            assert raw.request("shutdown")["result"] is None
            raw.notify("exit")
            assert raw.exit_status() == 0
    assert place.engram("status")["files"] == len(list((place.root / "core").iterdir()))
    assert place.engram("find", "xdg_directory")["symbols"]


@needs_model
def test_an_editor_killed_in_the_middle_of_a_real_request_ends_the_server(place):
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with place.with_model() as raw:
        initialize(raw, place, processId=editor.pid)
        text, line, column, _ = cut(place, "core/path.cpp", "std::string path;\n  for (")
        raw.open(place.uri("core/path.cpp"), text)
        raw.send_request(
            "textDocument/inlineCompletion",
            raw.completion_params(place.uri("core/path.cpp"), line, column),
        )
        editor.kill()
        editor.wait()
        assert raw.exit_status() == 0
        editor.stdin.close()
    place.engram("index")  # nobody holds the store any more


@needs_model
def test_what_was_saved_is_recalled_once_the_server_says_its_memory_is_ready(place):
    with place.with_model() as raw:
        initialize(raw, place, initializationOptions={"statusNotifications": True})
        wait_for_index(raw)
        recall = lambda text: place.engram("recall", text, "--model", MODEL)  # noqa: E731
        line = "saved_value = combine_saved_parts("
        assert not any("17" in found["text"] for found in recall(line)["continuations"])
        path = place.root / "core" / "path.cpp"
        path.write_text(path.read_text() + f"\nint {line}17, path_of_seventeen);\n")
        raw.notify("textDocument/didSave", {"textDocument": {"uri": place.uri("core/path.cpp")}})
        # A notification from before the save may still be on its way: the next one is ours.
        for _ in range(4):
            while raw.notification("engram/status")["index"]["state"] != "ready":
                pass
            first = recall(line)["continuations"][:1]
            if first and first[0]["text"] == "17, path_of_seventeen);":
                break
        assert first[0]["text"] == "17, path_of_seventeen);"
        assert first[0]["sources"][0]["file"] == "core/path.cpp"
        names = recall("x = combine_saved_p")["identifiers"]
        assert [name["name"] for name in names] == ["combine_saved_parts"]


def test_navigation_reaches_files_that_are_not_open(place):
    def ask(method, at, **more):
        params = {"textDocument": {"uri": place.uri("core/json.cpp")}, "position": at, **more}
        return raw.request(f"textDocument/{method}", params)["result"]

    def lines(places):
        return {(p["uri"].rsplit("/", 1)[1], p["range"]["start"]["line"]) for p in places}

    def line_of(name, text):
        contents = (place.root / "core" / name).read_text()
        return name, contents.count("\n", 0, contents.index(text))

    with place.server("--no-model") as raw:
        initialize(raw, place)
        wait_for_index(raw)
        # An unsaved line above moves the place asked about.
        text = "\n" + (place.root / "core" / "json.cpp").read_text()
        raw.open(place.uri("core/json.cpp"), text)
        at_byte = text.index("to_valid_utf8(")
        line = text.count("\n", 0, at_byte)
        at = {"line": line, "character": at_byte - text.rindex("\n", 0, at_byte) - 1}
        found = ask("definition", at)
        assert lines(found) == {line_of("text.cpp", "std::string to_valid_utf8")}
        assert {p["certainty"] for p in found} == {"syntactic"}
        declared = ask("declaration", at)
        assert lines(declared) == {line_of("text.h", "std::string to_valid_utf8")}
        used = lines(ask("references", at, context={"includeDeclaration": True}))
        assert used >= lines(found) | lines(declared) | {("json.cpp", line)}
        assert "to_valid_utf8" in ask("hover", at)["contents"]["value"]
        symbols = raw.request("workspace/symbol", {"query": "tovalid"})["result"]
        assert {s["name"] for s in symbols} == {"to_valid_utf8"}


def test_saved_changed_and_new_files_are_found(place):
    found = lambda name: place.engram("find", name)["symbols"]  # noqa: E731
    with place.server("--no-model") as raw:
        initialize(raw, place)
        wait_for_index(raw)
        assert found("xdg_directory")

        # Saved in the editor.
        path = place.root / "core" / "path.cpp"
        path.write_text(path.read_text() + "\nint saved_in_the_editor() { return 1; }\n")
        raw.notify(
            "textDocument/didSave", {"textDocument": {"uri": place.uri("core/path.cpp")}}
        )
        eventually("the saved function", lambda: found("saved_in_the_editor"))

        # Changed by another program, in a file that is not open; and in a directory made just now.
        (place.root / "core" / "extra.cpp").write_text("int written_by_another() { return 2; }\n")
        eventually("the file of another program", lambda: found("written_by_another"))
        (place.root / "made" / "deep").mkdir(parents=True)
        (place.root / "made" / "deep" / "new.cpp").write_text("int in_a_new_place() { return 3; }\n")
        eventually("the file in a new directory", lambda: found("in_a_new_place"))

        # No longer ignored: the rules of the directory tree are followed too.
        (place.root / "core" / ".gitignore").write_text("extra.cpp\n")
        eventually("the ignored file is forgotten", lambda: not found("written_by_another"))
        (place.root / "core" / ".gitignore").unlink()
        eventually("the file is back", lambda: found("written_by_another"))

        # Gone.
        (place.root / "core" / "extra.cpp").unlink()
        eventually("the removed file is forgotten", lambda: not found("written_by_another"))


@needs_model
def test_without_a_model_memory_completes_at_once(place):
    with place.server("--no-model", "--model", MODEL) as raw:
        initialize(raw, place)
        wait_for_index(raw)
        assert status(raw)["modelState"] == "off"
        new = "// A new file.\n\nnamespace engram {\n\nnamespace fs = std::fil"
        raw.open(place.uri("core/new.cpp"), new)
        row = new.count("\n")
        reply = raw.request(
            "textDocument/inlineCompletion",
            raw.completion_params(place.uri("core/new.cpp"), row, len(new.splitlines()[row])),
        )
        (item,) = reply["result"]["items"]
        assert item["insertText"] == "esystem;"
        told = status(raw)
        assert told["lastReason"] == "" and told["lastTokens"]["generated"] == 0


def test_a_model_that_is_not_there_is_told_once_in_one_line(place):
    with place.server("--model", "no-such-model") as raw:
        initialize(raw, place)
        shown = raw.notification("window/showMessage")["message"]
        assert "no-such-model" in shown and "\n" not in shown
        raw.open(place.uri("core/path.cpp"), "int x;\n")
        for _ in range(3):
            reply = raw.request(
                "textDocument/inlineCompletion",
                raw.completion_params(place.uri("core/path.cpp"), 0, 6),
            )
            assert reply["result"]["items"] == []
        assert status(raw)["lastReason"] == "no_model"
        wait_for_index(raw)


def test_a_corrupt_model_is_told_and_the_server_lives_on(place, tmp_path):
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(200))
    with place.server("--model", str(broken)) as raw:
        initialize(raw, place)
        shown = raw.notification("window/showMessage")["message"]
        assert "broken.gguf" in shown and "\n" not in shown
        wait_for_index(raw)
        assert status(raw)["state"] == "error"


@needs_model
def test_weights_cut_off_under_a_running_server_cost_one_request(place, tmp_path):
    before = 'fs::path data_home() { return xdg_directory("XDG_DATA_HOME", '
    with place.with_model() as raw:
        initialize(raw, place)
        assert complete(raw, place, "core/path.cpp", before)[0]
        (weights,) = eventually(
            "the packed weights are kept", lambda: list(tmp_path.glob("cache/engram/repack/*.repack"))
        )
        os.truncate(weights, 4096)
        text, line, column, _ = cut(place, "core/json.cpp", "  std::string out;\n  write_")
        uri = place.uri("core/json.cpp")
        raw.open(uri, text)
        ask = lambda: raw.request(  # noqa: E731
            "textDocument/inlineCompletion", raw.completion_params(uri, line, column)
        )["result"]["items"]
        assert ask() == []
        told = raw.notification("window/logMessage")["message"]
        assert "could no longer be read while in use" in told and "\n" not in told
        assert eventually("the model is loaded again and answers", ask)
        assert weights.stat().st_size > 4096
        assert status(raw)["modelState"] == "ready"


def test_a_workspace_cannot_name_a_model_until_it_is_trusted(place):
    (place.root / ".engram.toml").write_text('model = "/outside/evil.gguf"\n')
    with place.server("--no-model") as raw:
        initialize(raw, place)
        shown = raw.notification("window/showMessage")["message"]
        assert "model" in shown and "trust" in shown


def test_a_folder_that_is_not_there_leaves_the_server_alive(place):
    with place.server("--no-model") as raw:
        raw.initialize(rootUri="file:///no/such/folder")
        assert "/no/such/folder" in raw.notification("window/showMessage")["message"]
        raw.open("file:///no/such/folder/a.cpp", "int x;\n")
        reply = raw.request(
            "textDocument/inlineCompletion",
            raw.completion_params("file:///no/such/folder/a.cpp", 0, 6),
        )
        assert reply["result"]["items"] == []


def test_a_store_of_nonsense_is_rebuilt(place, tmp_path):
    store = tmp_path / "store"
    with place.server("--no-model", "--store", str(store)) as raw:
        initialize(raw, place)
        wait_for_index(raw)
    for file in store.iterdir():
        if file.is_file():
            file.write_bytes(b"nonsense" * 1000)
    with place.server("--no-model", "--store", str(store)) as raw:
        initialize(raw, place)
        wait_for_index(raw)
        assert status(raw)["index"]["symbols"] > 50


def test_one_client_over_a_socket(place, tmp_path):
    path = tmp_path / "engram.sock"
    server = subprocess.Popen(
        [PROGRAM, "lsp", "--no-model", "--socket", str(path)], env=place.environment, cwd=place.root
    )
    try:
        eventually("the socket is there", path.exists)
        client = socket.socket(socket.AF_UNIX)
        eventually("it accepts", lambda: client.connect_ex(str(path)) == 0)
        client.sendall(
            framed({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}})
        )
        client.settimeout(20)
        assert b'"capabilities"' in client.recv(65536)
        client.close()
        assert server.wait(timeout=30) == 0
    finally:
        server.kill()
        server.wait()
