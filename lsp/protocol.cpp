#include "lsp/protocol.h"

#include <algorithm>

#include "core/path.h"
#include "lsp/fields.h"

namespace engram::lsp {

std::string_view to_string(PositionEncoding encoding) {
  return encoding == PositionEncoding::kUtf8 ? "utf-8" : "utf-16";
}

namespace {

Result<void> read_position(const json::value& value, const std::string& path, Position& out) {
  Fields f(value, path);
  f.required("line", out.line);
  f.required("character", out.character);
  return f.finish();
}

Result<void> read_range(const json::value& value, const std::string& path, Range& out) {
  Fields f(value, path);
  if (const auto* start = f.required_object("start")) {
    f.absorb(read_position(*start, f.path_of("start"), out.start));
  }
  if (const auto* end = f.required_object("end")) {
    f.absorb(read_position(*end, f.path_of("end"), out.end));
  }
  return f.finish();
}

void read_document_uri(Fields& f, std::string& uri) {
  if (const auto* document = f.required_object("textDocument")) {
    Fields inner(*document, f.path_of("textDocument"));
    inner.required("uri", uri);
    f.absorb(inner.finish());
  }
}

void read_document_position(Fields& f, std::string& uri, Position& position) {
  read_document_uri(f, uri);
  if (const auto* object = f.required_object("position")) {
    f.absorb(read_position(*object, f.path_of("position"), position));
  }
}

Result<void> read_id(const json::value& value, const char* member, RpcId& out) {
  const json::value* id = find(value, member);
  if (id != nullptr && id->is_string()) {
    out = std::string(id->get_string());
  } else if (const auto n = find_int(value, member)) {
    out = *n;
  } else {
    return Error{Errc::kInvalidArgument,
                 std::string("params.") + member + ": an integer or a string was expected"};
  }
  return {};
}

using Names = std::initializer_list<std::string_view>;

// What the client says of itself under these names; null where it says nothing.
const json::value* capability(const json::value& params, Names names) {
  const json::value* at = find(params, "capabilities");
  for (const std::string_view name : names) {
    if (at != nullptr) at = find(*at, name);
  }
  return at;
}

// Clients name only what they can do.
bool can(const json::value& params, Names names) {
  const json::value* says = capability(params, names);
  return says != nullptr && says->is_bool() && says->get_bool();
}

// An object that clients bring to say that they can.
bool brings(const json::value& params, Names names) {
  const json::value* says = capability(params, names);
  return says != nullptr && says->is_object();
}

bool lists(const json::value& params, Names names, std::string_view wanted) {
  const json::value* says = capability(params, names);
  return says != nullptr && says->is_array() &&
         std::any_of(says->get_array().begin(), says->get_array().end(), [&](const json::value& v) {
           return v.is_string() && v.get_string() == wanted;
         });
}

std::vector<std::string> read_folders(const json::value& params) {
  std::vector<std::string> folders;
  if (const json::array* listed = find_array(params, "workspaceFolders")) {
    for (const json::value& folder : *listed) {
      if (const auto uri = find_string(folder, "uri")) folders.emplace_back(*uri);
    }
  }
  if (!folders.empty()) return folders;
  if (const auto uri = find_string(params, "rootUri")) return {std::string(*uri)};
  if (const auto path = find_string(params, "rootPath")) {
    return {uri_from_path(std::filesystem::path(*path))};
  }
  return {};
}

}  // namespace

Result<void> read(const json::value&, NoParams&) { return {}; }

Result<void> read(const json::value& value, InitializeParams& out) {
  Fields f(value, "params");
  std::int64_t pid = 0;
  f.optional("processId", pid);
  if (pid > 0) out.process_id = pid;
  out.folders = read_folders(value);
  if (const json::value* client = f.member("clientInfo")) {
    out.client_name = std::string(find_string(*client, "name").value_or(""));
  }
  out.encoding = lists(value, {"general", "positionEncodings"}, "utf-8") ? PositionEncoding::kUtf8
                                                                         : PositionEncoding::kUtf16;
  out.work_done_progress = can(value, {"window", "workDoneProgress"});
  out.watches_files = can(value, {"workspace", "didChangeWatchedFiles", "dynamicRegistration"});
  out.pulls_diagnostics = brings(value, {"textDocument", "diagnostic"});
  out.refreshes_diagnostics = can(value, {"workspace", "diagnostics", "refreshSupport"});
  out.related_information =
      can(value, {"textDocument", "publishDiagnostics", "relatedInformation"});
  out.action_literals = brings(value, {"textDocument", "codeAction", "codeActionLiteralSupport"});
  out.document_changes = can(value, {"workspace", "workspaceEdit", "documentChanges"});
  out.snippets = can(value, {"textDocument", "completion", "completionItem", "snippetSupport"});
  out.label_offsets = can(value, {"textDocument", "signatureHelp", "signatureInformation",
                                  "parameterInformation", "labelOffsetSupport"});
  out.nested_symbols =
      can(value, {"textDocument", "documentSymbol", "hierarchicalDocumentSymbolSupport"});
  out.hover_markdown = lists(value, {"textDocument", "hover", "contentFormat"}, "markdown");
  if (const json::value* options = f.member("initializationOptions")) {
    out.status_notifications = find_bool(*options, "statusNotifications").value_or(false);
  }
  return f.finish();
}

Result<void> read(const json::value& value, DidOpenParams& out) {
  Fields f(value, "params");
  if (const auto* document = f.required_object("textDocument")) {
    Fields inner(*document, f.path_of("textDocument"));
    inner.required("uri", out.uri);
    inner.required("languageId", out.language_id);
    inner.required("version", out.version);
    inner.required("text", out.text);
    f.absorb(inner.finish());
  }
  return f.finish();
}

Result<void> read(const json::value& value, DidChangeParams& out) {
  Fields f(value, "params");
  read_document_uri(f, out.uri);
  if (const auto* document = f.required_object("textDocument")) {
    out.version = find_int(*document, "version").value_or(0);  // may be null
  }
  const json::array* changes = f.required_array("contentChanges");
  for (std::size_t i = 0; changes != nullptr && i < changes->size(); ++i) {
    ContentChange change;
    Fields inner((*changes)[i], f.path_of("contentChanges[" + std::to_string(i) + "]"));
    inner.required("text", change.text);
    if (inner.member("range") != nullptr) {
      change.range.emplace();
      inner.absorb(read_range(*inner.member("range"), inner.path_of("range"), *change.range));
    }
    f.absorb(inner.finish());
    out.changes.push_back(std::move(change));
  }
  return f.finish();
}

Result<void> read(const json::value& value, DidSaveParams& out) {
  Fields f(value, "params");
  read_document_uri(f, out.uri);
  return f.finish();
}

Result<void> read(const json::value& value, DidCloseParams& out) {
  Fields f(value, "params");
  read_document_uri(f, out.uri);
  return f.finish();
}

Result<void> read(const json::value& value, InlineCompletionParams& out) {
  Fields f(value, "params");
  read_document_position(f, out.uri, out.position);
  const json::value* context = f.member("context");
  if (context == nullptr) return f.finish();
  Fields inner(*context, f.path_of("context"));
  std::int64_t trigger = 2;
  inner.optional("triggerKind", trigger);
  out.invoked = trigger == 1;
  if (const json::value* selected = inner.member("selectedCompletionInfo")) {
    out.selected.emplace();
    Fields info(*selected, inner.path_of("selectedCompletionInfo"));
    info.required("text", out.selected->text);
    if (const auto* range = info.required_object("range")) {
      info.absorb(read_range(*range, info.path_of("range"), out.selected->range));
    }
    inner.absorb(info.finish());
  }
  f.absorb(inner.finish());
  return f.finish();
}

Result<void> read(const json::value& value, DocumentParams& out) {
  Fields f(value, "params");
  read_document_uri(f, out.uri);
  return f.finish();
}

Result<void> read(const json::value& value, PositionParams& out) {
  Fields f(value, "params");
  read_document_position(f, out.uri, out.position);
  return f.finish();
}

Result<void> read(const json::value& value, DocumentRangeParams& out) {
  Fields f(value, "params");
  read_document_uri(f, out.uri);
  if (const auto* range = f.required_object("range")) {
    f.absorb(read_range(*range, f.path_of("range"), out.range));
  }
  return f.finish();
}

Result<void> read(const json::value& value, SemanticTokensDeltaParams& out) {
  Fields f(value, "params");
  read_document_uri(f, out.uri);
  f.required("previousResultId", out.previous);
  return f.finish();
}

Result<void> read(const json::value& value, ReferencesParams& out) {
  ENGRAM_TRY_VOID(read(value, out.at));
  Fields f(value, "params");
  if (const json::value* context = f.member("context")) {
    out.include_declaration = find_bool(*context, "includeDeclaration").value_or(false);
  }
  return f.finish();
}

Result<void> read(const json::value& value, SelectionRangeParams& out) {
  Fields f(value, "params");
  read_document_uri(f, out.uri);
  const json::array* positions = f.required_array("positions");
  for (std::size_t i = 0; positions != nullptr && i < positions->size(); ++i) {
    const std::string path = f.path_of("positions[" + std::to_string(i) + "]");
    f.absorb(read_position((*positions)[i], path, out.positions.emplace_back()));
  }
  return f.finish();
}

Result<void> read(const json::value& value, WorkspaceSymbolParams& out) {
  Fields f(value, "params");
  f.required("query", out.query);
  return f.finish();
}

Result<void> read(const json::value& value, SwitchSourceHeaderParams& out) {
  Fields f(value, "params");
  f.required("uri", out.uri);
  return f.finish();
}

Result<void> read(const json::value& value, CompletionParams& out) {
  Fields f(value, "params");
  read_document_position(f, out.at.uri, out.at.position);
  if (const json::value* context = f.member("context"); context != nullptr) {
    if (find_int(*context, "triggerKind") == 2) {
      out.trigger = std::string(find_string(*context, "triggerCharacter").value_or(""));
    }
  }
  return f.finish();
}

Result<void> read(const json::value& value, DiagnosticParams& out) {
  Fields f(value, "params");
  read_document_uri(f, out.uri);
  f.optional("previousResultId", out.previous);
  return f.finish();
}

Result<void> read(const json::value& value, CodeActionParams& out) {
  Fields f(value, "params");
  read_document_uri(f, out.uri);
  if (const auto* range = f.required_object("range")) {
    f.absorb(read_range(*range, f.path_of("range"), out.range));
  }
  if (const auto* context = f.required_object("context")) {
    if (const json::array* only = find_array(*context, "only")) {
      for (const json::value& kind : *only) {
        if (kind.is_string()) out.only.emplace_back(kind.get_string());
      }
    }
  }
  return f.finish();
}

Result<void> read(const json::value& value, ExecuteCommandParams& out) {
  Fields f(value, "params");
  f.required("command", out.command);
  if (const json::value* arguments = f.member("arguments")) {
    if (!arguments->is_array()) f.fail("arguments", "an array");
    if (arguments->is_array()) out.arguments = arguments->get_array();
  }
  return f.finish();
}

Result<void> read(const json::value& value, DidChangeWatchedFilesParams& out) {
  Fields f(value, "params");
  const json::array* changes = f.required_array("changes");
  for (std::size_t i = 0; changes != nullptr && i < changes->size(); ++i) {
    FileEvent event;
    Fields inner((*changes)[i], f.path_of("changes[" + std::to_string(i) + "]"));
    inner.required("uri", event.uri);
    f.absorb(inner.finish());
    out.changes.push_back(std::move(event));
  }
  return f.finish();
}

Result<void> read(const json::value& value, CancelParams& out) {
  return read_id(value, "id", out.id);
}

Result<void> read(const json::value& value, WorkDoneProgressCancelParams& out) {
  return read_id(value, "token", out.token);
}

json::value to_json(const Position& position) {
  return {{"line", position.line}, {"character", position.character}};
}

json::value to_json(const Range& range) {
  return {{"start", to_json(range.start)}, {"end", to_json(range.end)}};
}

}  // namespace engram::lsp
