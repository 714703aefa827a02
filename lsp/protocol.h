// lsp/protocol.h: the parameters of the LSP 3.18 methods that the server speaks, as plain structs.
//
// read() checks every member it takes and ignores the rest; names follow the specification.
// Positions are as the client counts them: documents.h turns them into bytes.
//
// Threads: plain values.  Errors: kInvalidArgument naming the member.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "lsp/json_rpc.h"

namespace engram::lsp {

enum class PositionEncoding : unsigned char { kUtf16, kUtf8 };
std::string_view to_string(PositionEncoding encoding);

struct Position {
  std::size_t line = 0;
  std::size_t character = 0;  // in units of the negotiated encoding
  friend bool operator==(const Position&, const Position&) = default;
};

struct Range {
  Position start, end;
  friend bool operator==(const Range&, const Range&) = default;
};

struct NoParams {};

struct InitializeParams {
  std::optional<std::int64_t> process_id;
  std::vector<std::string> folders;  // URIs: workspaceFolders, else rootUri, else rootPath
  std::string client_name;
  PositionEncoding encoding = PositionEncoding::kUtf16;  // the best of what the client offers
  bool work_done_progress = false;                       // window.workDoneProgress
  bool watches_files = false;          // workspace.didChangeWatchedFiles.dynamicRegistration
  bool nested_symbols = false;         // textDocument.documentSymbol.hierarchical...Support
  bool hover_markdown = false;         // textDocument.hover.contentFormat has "markdown"
  bool pulls_diagnostics = false;      // textDocument.diagnostic is there
  bool refreshes_diagnostics = false;  // workspace.diagnostics.refreshSupport
  bool related_information = false;    // textDocument.publishDiagnostics.relatedInformation
  bool action_literals = false;        // textDocument.codeAction.codeActionLiteralSupport is there
  bool document_changes = false;       // workspace.workspaceEdit.documentChanges
  bool snippets = false;               // textDocument.completion.completionItem.snippetSupport
  bool label_offsets = false;  // ...signatureInformation.parameterInformation.labelOffsetSupport
  bool status_notifications = false;  // initializationOptions.statusNotifications (ours)
};

struct DidOpenParams {
  std::string uri, language_id;
  std::int64_t version = 0;
  std::string text;
};

struct ContentChange {
  std::optional<Range> range;  // absent: `text` is the whole document
  std::string text;
};

struct DidChangeParams {
  std::string uri;
  std::int64_t version = 0;
  std::vector<ContentChange> changes;  // each applies to the result of the one before
};

struct DidSaveParams {
  std::string uri;
};

struct DidCloseParams {
  std::string uri;
};

struct SelectedCompletion {  // what the editor's own list shows as chosen
  Range range;
  std::string text;
};

struct InlineCompletionParams {
  std::string uri;
  Position position;
  bool invoked = false;  // triggerKind 1: asked for by hand
  std::optional<SelectedCompletion> selected;
};

struct DocumentParams {
  std::string uri;
};

struct PositionParams {
  std::string uri;
  Position position;
};

struct DocumentRangeParams {
  std::string uri;
  Range range;
};

struct SemanticTokensDeltaParams {
  std::string uri;
  std::string previous;  // the resultId that the client has
};

struct ReferencesParams {
  PositionParams at;
  bool include_declaration = false;
};

struct SelectionRangeParams {
  std::string uri;
  std::vector<Position> positions;
};

struct WorkspaceSymbolParams {
  std::string query;
};

struct SwitchSourceHeaderParams {  // clangd's: a bare TextDocumentIdentifier
  std::string uri;
};

struct CompletionParams {
  PositionParams at;
  std::string trigger;  // the character that asked; empty: none did
};

struct DiagnosticParams {
  std::string uri;
  std::optional<std::string> previous;  // resultId
};

struct CodeActionParams {
  std::string uri;
  Range range;
  std::vector<std::string> only;  // kinds; empty: all
};

struct ExecuteCommandParams {
  std::string command;
  json::array arguments;
};

struct FileEvent {
  std::string uri;
};

struct DidChangeWatchedFilesParams {
  std::vector<FileEvent> changes;
};

struct CancelParams {
  RpcId id;
};

struct WorkDoneProgressCancelParams {
  RpcId token;
};

Result<void> read(const json::value& value, NoParams& out);
Result<void> read(const json::value& value, InitializeParams& out);
Result<void> read(const json::value& value, DidOpenParams& out);
Result<void> read(const json::value& value, DidChangeParams& out);
Result<void> read(const json::value& value, DidSaveParams& out);
Result<void> read(const json::value& value, DidCloseParams& out);
Result<void> read(const json::value& value, InlineCompletionParams& out);
Result<void> read(const json::value& value, DocumentParams& out);
Result<void> read(const json::value& value, PositionParams& out);
Result<void> read(const json::value& value, DocumentRangeParams& out);
Result<void> read(const json::value& value, SemanticTokensDeltaParams& out);
Result<void> read(const json::value& value, ReferencesParams& out);
Result<void> read(const json::value& value, SelectionRangeParams& out);
Result<void> read(const json::value& value, WorkspaceSymbolParams& out);
Result<void> read(const json::value& value, SwitchSourceHeaderParams& out);
Result<void> read(const json::value& value, CompletionParams& out);
Result<void> read(const json::value& value, DiagnosticParams& out);
Result<void> read(const json::value& value, CodeActionParams& out);
Result<void> read(const json::value& value, ExecuteCommandParams& out);
Result<void> read(const json::value& value, DidChangeWatchedFilesParams& out);
Result<void> read(const json::value& value, CancelParams& out);
Result<void> read(const json::value& value, WorkDoneProgressCancelParams& out);

json::value to_json(const Position& position);
json::value to_json(const Range& range);

}  // namespace engram::lsp
