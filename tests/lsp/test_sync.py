"""Incremental edits in both encodings: the server completes what the editor has on its screen."""

import random

import pytest
from conftest import change, complete, open_document
from lsprotocol import types

URI = "file:///engram-test-workspace/a.cpp"


def units(text: str, encoding: str) -> int:
    return len(text.encode("utf-16-le")) // 2 if encoding == "utf-16" else len(text.encode())


def position(text: str, at: int, encoding: str):
    line_start = text.rfind("\n", 0, at) + 1
    return text.count("\n", 0, at), units(text[line_start:at], encoding)


async def edit_at_random(client, encoding: str, line_end: str, seed: int):
    generator = random.Random(seed)
    alphabet = ["a", "_", "é", "€", "😀", "𝔘", line_end]
    text = f"start 😀{line_end}end"
    open_document(client, URI, text)
    for version in range(2, 80):
        # Between the two characters of a CRLF there is no position.
        places = [
            i for i in range(len(text) + 1) if not (0 < i < len(text) and text[i - 1 : i + 1] == "\r\n")
        ]
        begin, end = sorted(generator.choices(places, k=2))
        if end - begin > 6:
            end = begin
        new = "".join(generator.choices(alphabet, k=generator.randint(0, 5)))
        edit = (*position(text, begin, encoding), *position(text, end, encoding), new)
        text = text[:begin] + new + text[end:]
        change(client, URI, version, edit)
        cursor = begin + len(new)
        if text[cursor - 1 : cursor + 1] == "\r\n":
            continue
        items = await complete(client, URI, *position(text, cursor, encoding))
        line_start = text.rfind("\n", 0, cursor) + 1
        assert items[0].insert_text == f"fake({text[line_start:cursor]})"
        line, column = position(text, cursor, encoding)
        at = types.Position(line, column)
        assert items[0].range == types.Range(at, at)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_edits_in_utf16(client, line_end):
    await edit_at_random(client, "utf-16", line_end, seed=1)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_edits_in_utf8(utf8_client, line_end):
    encoding = utf8_client.initialize_result.capabilities.position_encoding
    assert encoding == types.PositionEncodingKind.Utf8
    await edit_at_random(utf8_client, "utf-8", line_end, seed=2)


async def test_a_position_outside_the_file_is_taken_into_it(client):
    open_document(client, URI, "one\ntwo")
    items = await complete(client, URI, 1000, 1000)
    assert items[0].insert_text == "fake(two)"
    assert items[0].range.end == types.Position(1, 3)
    items = await complete(client, URI, 0, 1000)
    assert items[0].range.end == types.Position(0, 3)


async def test_the_whole_document_may_be_replaced(client):
    open_document(client, URI, "one")
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=URI, version=2),
            content_changes=[types.TextDocumentContentChangeWholeDocument(text="zwei\ndrei")],
        )
    )
    items = await complete(client, URI, 1, 4)
    assert items[0].insert_text == "fake(drei)"


async def test_typing_along_a_suggestion_is_answered_without_the_model(client):
    open_document(client, URI, "x\n")
    assert (await complete(client, URI, 0, 1))[0].insert_text == "fake(x)"
    change(client, URI, 2, (0, 1, 0, 1, "fak"))
    items = await complete(client, URI, 0, 4, invoked=False)
    assert items[0].insert_text == "e(x)"
    status = await client.protocol.send_request_async("engram/status", {})
    assert status.lastCached and status.lastMilliseconds <= 5
