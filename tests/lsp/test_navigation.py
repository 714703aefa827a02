"""Navigation as a foreign client sees it: open documents, without an index."""

import pytest
from conftest import open_document
from lsprotocol import types

ROOT = "file:///engram-test-workspace"
HEADER = f"{ROOT}/shape.h"
SOURCE = f"{ROOT}/shape.cpp"
PYTHON = f"{ROOT}/tool.py"

HEADER_TEXT = """\
#pragma once
// A closed figure.
class Shape {
 public:
  double area() const;
  double scale_;
};
"""
SOURCE_TEXT = """\
#include "shape.h"
// Größe 📐 in m²
double Shape::area() const { return scale_ * scale_; }
double twice(const Shape& s) {
  double 𝛼 = s.area(); return 𝛼 + 𝛼;
}
"""


def open_shapes(client):
    open_document(client, HEADER, HEADER_TEXT)
    open_document(client, SOURCE, SOURCE_TEXT)


def at(uri, line, character):
    return {
        "text_document": types.TextDocumentIdentifier(uri=uri),
        "position": types.Position(line, character),
    }


def spots(locations):
    return [
        (loc.uri.rsplit("/", 1)[1], loc.range.start.line, loc.range.start.character)
        for loc in locations
    ]


async def definition(client, uri, line, character):
    return await client.text_document_definition_async(
        types.DefinitionParams(**at(uri, line, character))
    )


@pytest.mark.asyncio
async def test_the_capabilities_are_announced(client):
    has = client.initialize_result.capabilities
    for provider in [
        has.definition_provider, has.declaration_provider, has.references_provider,
        has.document_highlight_provider, has.hover_provider, has.document_symbol_provider,
        has.workspace_symbol_provider, has.folding_range_provider, has.selection_range_provider,
        has.document_link_provider, has.type_definition_provider, has.implementation_provider,
        has.call_hierarchy_provider, has.type_hierarchy_provider,
    ]:
        assert provider


@pytest.mark.asyncio
async def test_definitions_lie_in_the_same_and_in_other_open_files(client):
    open_shapes(client)
    # scale_ in Shape::area is the header's.
    assert spots(await definition(client, SOURCE, 2, 37)) == [("shape.h", 5, 9)]
    # Shape in the parameter of twice.
    assert spots(await definition(client, SOURCE, 3, 21)) == [("shape.h", 2, 6)]
    declared = await client.text_document_declaration_async(
        types.DeclarationParams(**at(SOURCE, 2, 15))
    )
    assert spots(declared) == [("shape.h", 4, 9)]
    # Nothing stands there: an empty answer.
    assert await definition(client, SOURCE, 1, 3) == []


@pytest.mark.asyncio
async def test_positions_count_utf16_units(client):
    open_shapes(client)
    # 𝛼 is two units: the second use begins at 10 + ..., counted in units.
    line = SOURCE_TEXT.splitlines()[4]
    unit = lambda index: len(line[:index].encode("utf-16-le")) // 2  # noqa: E731
    uses = [i for i, c in enumerate(line) if c == "𝛼"]
    found = await client.text_document_document_highlight_async(
        types.DocumentHighlightParams(**at(SOURCE, 4, unit(uses[1])))
    )
    assert [(h.range.start.character, h.range.end.character) for h in found] == [
        (unit(i), unit(i) + 2) for i in uses
    ]


@pytest.mark.asyncio
async def test_positions_count_bytes_where_the_client_offers_utf8(utf8_client):
    open_shapes(utf8_client)
    line = SOURCE_TEXT.splitlines()[4]
    byte = lambda index: len(line[:index].encode())  # noqa: E731
    uses = [i for i, c in enumerate(line) if c == "𝛼"]
    found = await utf8_client.text_document_document_highlight_async(
        types.DocumentHighlightParams(**at(SOURCE, 4, byte(uses[2])))
    )
    assert [h.range.start.character for h in found] == [byte(i) for i in uses]


@pytest.mark.asyncio
async def test_references_and_the_edit_that_moves_them(client):
    open_document(client, PYTHON, "def run():\n    pass\n\nrun()\n", "python")
    asked = types.ReferenceParams(
        **at(PYTHON, 0, 4), context=types.ReferenceContext(include_declaration=False)
    )
    assert spots(await client.text_document_references_async(asked)) == [("tool.py", 3, 0)]
    asked.context.include_declaration = True
    assert spots(await client.text_document_references_async(asked)) == [
        ("tool.py", 0, 4), ("tool.py", 3, 0)]
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=PYTHON, version=2),
            content_changes=[types.TextDocumentContentChangeWholeDocument(
                text="\n\ndef run():\n    run()\n")],
        )
    )
    asked.position = types.Position(2, 4)
    assert spots(await client.text_document_references_async(asked)) == [
        ("tool.py", 2, 4), ("tool.py", 3, 4)]


@pytest.mark.asyncio
async def test_hover_says_head_comment_place_and_certainty(client):
    open_shapes(client)
    hover = await client.text_document_hover_async(types.HoverParams(**at(SOURCE, 3, 21)))
    text = hover.contents.value
    assert "class Shape" in text and "A closed figure." in text
    assert "shape.h:3 (syntactic" in text
    assert (hover.range.start.character, hover.range.end.character) == (19, 24)
    assert await client.text_document_hover_async(types.HoverParams(**at(SOURCE, 1, 0))) is None


@pytest.mark.asyncio
async def test_the_outline_is_nested_and_names_lie_in_their_ranges(client):
    open_shapes(client)
    symbols = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(text_document=types.TextDocumentIdentifier(uri=HEADER))
    )
    assert [s.name for s in symbols] == ["Shape"]
    assert symbols[0].kind == types.SymbolKind.Class
    assert [s.name for s in symbols[0].children] == ["area", "scale_"]

    def check(symbol):
        outer, inner = symbol.range, symbol.selection_range
        assert (outer.start.line, outer.start.character) <= (inner.start.line, inner.start.character)
        assert (outer.end.line, outer.end.character) >= (inner.end.line, inner.end.character)
        for child in symbol.children or []:
            check(child)

    for symbol in symbols:
        check(symbol)


@pytest.mark.asyncio
async def test_folds_selections_and_links(client):
    open_shapes(client)
    document = types.TextDocumentIdentifier(uri=SOURCE)
    folds = await client.text_document_folding_range_async(
        types.FoldingRangeParams(text_document=document)
    )
    assert [(f.start_line, f.end_line) for f in folds] == [(3, 4)]
    (chain,) = await client.text_document_selection_range_async(
        types.SelectionRangeParams(text_document=document, positions=[types.Position(2, 37)])
    )
    assert (chain.range.start.character, chain.range.end.character) == (36, 42)
    depth = 0
    while chain.parent:
        chain, depth = chain.parent, depth + 1
    assert depth >= 4 and chain.range.start == types.Position(0, 0)
    (link,) = await client.text_document_document_link_async(
        types.DocumentLinkParams(text_document=document)
    )
    assert link.target == HEADER
    assert (link.range.start.character, link.range.end.character) == (10, 17)
    other = await client.protocol.send_request_async(
        "textDocument/switchSourceHeader", {"uri": SOURCE}
    )
    assert other == HEADER


@pytest.mark.asyncio
async def test_call_hierarchies_go_both_ways(client):
    open_document(client, PYTHON, "def low():\n    pass\n\ndef high():\n    low()\n    low()\n", "python")
    (low,) = await client.text_document_prepare_call_hierarchy_async(
        types.CallHierarchyPrepareParams(**at(PYTHON, 4, 5))
    )
    assert (low.name, low.uri, low.selection_range.start) == ("low", PYTHON, types.Position(0, 4))
    (call,) = await client.call_hierarchy_incoming_calls_async(
        types.CallHierarchyIncomingCallsParams(item=low)
    )
    assert call.from_.name == "high" and call.from_.kind == types.SymbolKind.Function
    assert [(r.start.line, r.start.character) for r in call.from_ranges] == [(4, 4), (5, 4)]
    (out,) = await client.call_hierarchy_outgoing_calls_async(
        types.CallHierarchyOutgoingCallsParams(item=call.from_)
    )
    assert out.to.name == "low" and len(out.from_ranges) == 2
    nothing = types.CallHierarchyPrepareParams(**at(PYTHON, 2, 0))
    assert await client.text_document_prepare_call_hierarchy_async(nothing) is None
    low.selection_range.start.line = 99
    with pytest.raises(Exception, match="line 99 lies outside"):
        await client.call_hierarchy_incoming_calls_async(
            types.CallHierarchyIncomingCallsParams(item=low)
        )


@pytest.mark.asyncio
async def test_types_have_hierarchies_implementations_and_definitions(client):
    open_document(client, HEADER, "struct A { virtual int f(); };\nstruct B : A { int f() { return 1; } };\n")
    open_document(client, SOURCE, '#include "shape.h"\nint use(const B& b) { return b.f(); }\n')
    (b,) = await client.text_document_prepare_type_hierarchy_async(
        types.TypeHierarchyPrepareParams(**at(SOURCE, 1, 15))
    )
    assert (b.name, b.uri) == ("B", HEADER)
    (a,) = await client.type_hierarchy_supertypes_async(types.TypeHierarchySupertypesParams(item=b))
    assert a.name == "A"
    (down,) = await client.type_hierarchy_subtypes_async(types.TypeHierarchySubtypesParams(item=a))
    assert down.name == "B"
    found = await client.text_document_implementation_async(
        types.ImplementationParams(**at(HEADER, 0, 23))
    )
    assert spots(found) == [("shape.h", 1, 19)]
    found = await client.text_document_type_definition_async(
        types.TypeDefinitionParams(**at(SOURCE, 1, 29))
    )
    assert spots(found) == [("shape.h", 1, 7)]


def decoded(data, legend):
    """[(line, character, length, type, modifiers)] of a flat list of numbers."""
    out, line, character = [], 0, 0
    for i in range(0, len(data), 5):
        down, right, length, kind, modifiers = data[i : i + 5]
        line, character = line + down, right if down else character + right
        out.append((line, character, length, legend.token_types[kind],
                    {m for b, m in enumerate(legend.token_modifiers) if modifiers >> b & 1}))
    return out


@pytest.mark.asyncio
async def test_names_have_tokens_and_changes_come_as_one_edit(client):
    legend = client.initialize_result.capabilities.semantic_tokens_provider.legend
    open_document(client, PYTHON, "# 📐\ndef run(size):\n    return size\n", "python")
    document = types.TextDocumentIdentifier(uri=PYTHON)
    full = await client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(text_document=document)
    )
    tokens = decoded(full.data, legend)
    assert (1, 4, 3, "function", {"definition", "syntactic"}) in tokens
    assert [t[:4] for t in tokens if t[3] == "parameter"] == [
        (1, 8, 4, "parameter"), (2, 11, 4, "parameter")]
    part = await client.text_document_semantic_tokens_range_async(
        types.SemanticTokensRangeParams(
            text_document=document,
            range=types.Range(types.Position(2, 0), types.Position(3, 0)),
        )
    )
    assert [t[:2] for t in decoded(part.data, legend)] == [(2, 11)]
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            text_document=types.VersionedTextDocumentIdentifier(uri=PYTHON, version=2),
            content_changes=[types.TextDocumentContentChangeWholeDocument(
                text="# 📐\n\ndef run(size):\n    return size\n")],
        )
    )
    delta = await client.text_document_semantic_tokens_full_delta_async(
        types.SemanticTokensDeltaParams(text_document=document, previous_result_id=full.result_id)
    )
    (edit,) = delta.edits
    patched = list(full.data)
    patched[edit.start : edit.start + edit.delete_count] = edit.data
    again = await client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(text_document=document)
    )
    assert patched == list(again.data) and len(edit.data) < len(again.data)


@pytest.mark.asyncio
async def test_arguments_are_told_their_parameters(client):
    open_document(client, PYTHON, "def area(width, height):\n    pass\n\nwidth = 3\narea(width, 4)\n",
                  "python")
    hints = await client.text_document_inlay_hint_async(
        types.InlayHintParams(
            text_document=types.TextDocumentIdentifier(uri=PYTHON),
            range=types.Range(types.Position(0, 0), types.Position(5, 0)),
        )
    )
    assert [(h.position.line, h.position.character, h.label, h.kind) for h in hints] == [
        (4, 12, "height:", types.InlayHintKind.Parameter)]


@pytest.mark.asyncio
async def test_symbols_of_open_files_are_found_fuzzily(client):
    open_shapes(client)
    found = await client.workspace_symbol_async(types.WorkspaceSymbolParams(query="twi"))
    assert [(s.name, s.location.uri) for s in found] == [("twice", SOURCE)]
    assert await client.workspace_symbol_async(types.WorkspaceSymbolParams(query="")) == []


@pytest.mark.asyncio
async def test_bad_questions_get_one_clear_error(client):
    open_shapes(client)
    with pytest.raises(Exception, match="99 lies outside '.*shape.cpp', which has 7 lines"):
        await definition(client, SOURCE, 99, 0)
    with pytest.raises(Exception, match="it is not open"):
        await definition(client, f"{ROOT}/nowhere.cpp", 0, 0)
    # A column past the end is taken into its line, as the specification wants.
    assert await definition(client, SOURCE, 1, 10_000) == []


@pytest.mark.asyncio
async def test_an_untitled_document_is_navigated_too(client):
    uri = "untitled:Untitled-1"
    open_document(client, uri, "x = 1\nprint(x)\n", "python")
    (found,) = await definition(client, uri, 1, 6)
    assert found.uri == uri and found.range.start == types.Position(0, 0)
