import asyncio

import pytest
from conftest import FAKE, open_document, complete
from lsprotocol import types
from raw_client import RawClient


async def test_the_capabilities_are_what_the_server_does(client):
    result = client.initialize_result
    assert result.server_info.name == "engram"
    c = result.capabilities
    assert c.position_encoding == types.PositionEncodingKind.Utf16
    assert c.text_document_sync.change == types.TextDocumentSyncKind.Incremental
    assert c.text_document_sync.open_close
    assert c.inline_completion_provider
    assert c.execute_command_provider.commands == ("engram.accepted",)


async def test_indexing_shows_progress_from_begin_to_end(client):
    if not client.capabilities.window.work_done_progress:
        pytest.skip("this editor shows no progress")

    async def ended():
        while True:
            for reports in client.progress_reports.values():
                if reports and reports[-1].kind == "end":
                    return reports
            await asyncio.sleep(0.01)

    reports = await asyncio.wait_for(ended(), 20)
    kinds = [report.kind for report in reports]
    assert kinds[0] == "begin" and kinds[-1] == "end"
    assert set(kinds[1:-1]) <= {"report"}
    assert reports[0].title == "Indexing"


async def test_the_status_says_when_all_is_ready(client):
    async def ready():
        while not any(s.state == "ready" and s.percentage == 100 for s in client.statuses):
            await asyncio.sleep(0.01)

    await asyncio.wait_for(ready(), 20)
    assert client.statuses[-1].model == "fake"


def test_shutdown_then_exit_ends_with_0():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        assert raw.request("shutdown")["result"] is None
        raw.notify("exit")
        assert raw.exit_status() == 0


def test_exit_without_shutdown_ends_with_1():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.notify("exit")
        assert raw.exit_status() == 1


def test_shutdown_and_exit_in_one_write_are_both_answered():
    with RawClient([FAKE]) as raw:
        raw.initialize()
        raw.process.stdin.write(b"")
        request = raw.send_request("shutdown")
        raw.notify("exit")
        assert raw.reply(request)["result"] is None
        assert raw.exit_status() == 0


def test_requests_before_initialize_are_refused():
    with RawClient([FAKE]) as raw:
        assert raw.request("textDocument/inlineCompletion")["error"]["code"] == -32002
        raw.initialize()
        assert "result" in raw.request("engram/status")


async def test_an_accepted_item_is_reported_by_its_command(client):
    open_document(client, "file:///engram-test-workspace/a.cpp", "x = \n")
    items = await complete(client, "file:///engram-test-workspace/a.cpp", 0, 4)
    command = items[0].command
    await client.workspace_execute_command_async(
        types.ExecuteCommandParams(command=command.command, arguments=command.arguments)
    )
    status = await client.protocol.send_request_async("engram/status", {})
    assert status.accepted == 1
