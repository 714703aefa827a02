#include "lsp/session.h"

namespace engram::lsp {

namespace {

json::value capabilities(const Session& session) {
  return {{"positionEncoding", to_string(session.client.encoding)},
          {"textDocumentSync",
           {{"openClose", true}, {"change", 2}, {"save", {{"includeText", false}}}}},
          {"inlineCompletionProvider", true},
          {"definitionProvider", true},
          {"declarationProvider", true},
          {"referencesProvider", true},
          {"documentHighlightProvider", true},
          {"hoverProvider", true},
          {"documentSymbolProvider", true},
          {"workspaceSymbolProvider", true},
          {"foldingRangeProvider", true},
          {"selectionRangeProvider", true},
          {"documentLinkProvider", {{"resolveProvider", false}}},
          {"executeCommandProvider", {{"commands", json::array{"engram.accepted"}}}},
          {"workspace", {{"workspaceFolders", {{"supported", true}}}}},
          {"experimental", {{"engramStatus", true}}}};
}

}  // namespace

void add_initialize(Session& session) {
  session.connection.on_request<InitializeParams>(
      "initialize", [&session](const InitializeParams& params, const Reply& reply) {
        session.initialize(params);
        reply.result({{"capabilities", capabilities(session)},
                      {"serverInfo", {{"name", "engram"}, {"version", session.options.version}}}});
      });
}

}  // namespace engram::lsp
