"""Foreign-client tests of the language server: pytest-lsp drives it, lsprotocol checks it.

ENGRAM_FAKE_SERVER is the real server with a fake assistant (protocol tests need no model);
ENGRAM_PROGRAM is the engram program, for the tests with a real model and a real index.
"""

import os
import pathlib

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

FAKE = os.environ["ENGRAM_FAKE_SERVER"]


@pytest.fixture
def workspace(tmp_path: pathlib.Path) -> pathlib.Path:
    root = tmp_path / "workspace"
    root.mkdir()
    return root


@pytest_lsp.fixture(
    params=["neovim", "visual-studio-code"],
    config=ClientServerConfig(server_command=[FAKE]),
)
async def client(request, lsp_client: LanguageClient):
    """A session of an editor as pytest-lsp knows it, but with UTF-16 positions (the default)."""
    capabilities = client_capabilities(request.param)
    capabilities.general.position_encodings = None
    statuses = collect_statuses(lsp_client)
    accept_registrations(lsp_client)
    lsp_client.initialize_result = await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities,
            root_uri="file:///engram-test-workspace",
            initialization_options={"statusNotifications": True},
        )
    )
    lsp_client.statuses = statuses
    yield
    await lsp_client.shutdown_session()


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[FAKE]))
async def utf8_client(lsp_client: LanguageClient):
    accept_registrations(lsp_client)
    capabilities = client_capabilities("neovim")
    capabilities.general = types.GeneralClientCapabilities(
        position_encodings=[types.PositionEncodingKind.Utf8, types.PositionEncodingKind.Utf16]
    )
    lsp_client.initialize_result = await lsp_client.initialize_session(
        types.InitializeParams(capabilities=capabilities, root_uri=None)
    )
    yield
    await lsp_client.shutdown_session()


def collect_statuses(lsp_client: LanguageClient) -> list:
    statuses: list = []

    @lsp_client.feature("engram/status")
    def on_status(params):
        statuses.append(params)

    return statuses


def accept_registrations(lsp_client: LanguageClient):
    """Dynamic registration is for the test client to bring (VS Code has it)."""
    lsp_client.registrations = []

    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def on_register(params: types.RegistrationParams):
        lsp_client.registrations.extend(params.registrations)


def open_document(client: LanguageClient, uri: str, text: str, language: str = "cpp"):
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(
            text_document=types.TextDocumentItem(
                uri=uri, language_id=language, version=1, text=text
            )
        )
    )


def change(client: LanguageClient, uri: str, version: int, *edits):
    """Each edit is (start line, start column, end line, end column, text)."""
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=uri, version=version),
            content_changes=[
                types.TextDocumentContentChangePartial(
                    range=types.Range(types.Position(a, b), types.Position(c, d)), text=text
                )
                for a, b, c, d, text in edits
            ],
        )
    )


def completion_params(uri: str, line: int, column: int, invoked: bool = False):
    kind = types.InlineCompletionTriggerKind
    return types.InlineCompletionParams(
        text_document=types.TextDocumentIdentifier(uri=uri),
        position=types.Position(line, column),
        context=types.InlineCompletionContext(
            trigger_kind=kind.Invoked if invoked else kind.Automatic
        ),
    )


async def complete(client: LanguageClient, uri: str, line: int, column: int, invoked: bool = True):
    """The items at a position."""
    result = await client.text_document_inline_completion_async(
        completion_params(uri, line, column, invoked)
    )
    return result.items if hasattr(result, "items") else (result or [])
