#include "lsp/session.h"

namespace engram::lsp {

namespace {

void add_navigation(json::object& capabilities) {
  for (const char* provider :
       {"definitionProvider", "declarationProvider", "typeDefinitionProvider",
        "implementationProvider", "callHierarchyProvider", "typeHierarchyProvider",
        "inlayHintProvider", "referencesProvider", "documentHighlightProvider", "hoverProvider",
        "documentSymbolProvider", "workspaceSymbolProvider", "foldingRangeProvider",
        "selectionRangeProvider"}) {
    capabilities[provider] = true;
  }
  capabilities["semanticTokensProvider"] = semantic_tokens_capability();
  capabilities["documentLinkProvider"] = {{"resolveProvider", false}};
}

void add_live(json::object& capabilities, const InitializeParams& client) {
  if (client.pulls_diagnostics) {
    capabilities["diagnosticProvider"] = {
        {"identifier", "engram"}, {"interFileDependencies", true}, {"workspaceDiagnostics", false}};
  }
  capabilities["completionProvider"] = {
      {"triggerCharacters", json::array{".", ">", ":", "\"", "<", "/"}}};
  capabilities["signatureHelpProvider"] = {{"triggerCharacters", json::array{"(", ",", "{"}}};
  if (client.action_literals) {
    capabilities["codeActionProvider"] = {{"codeActionKinds", json::array{"quickfix"}}};
  }
}

json::object capabilities(const Session& session) {
  json::object out = {{"positionEncoding", to_string(session.client.encoding)},
                      {"textDocumentSync",
                       {{"openClose", true}, {"change", 2}, {"save", {{"includeText", false}}}}},
                      {"inlineCompletionProvider", true},
                      {"executeCommandProvider", {{"commands", json::array{"engram.accepted"}}}},
                      {"workspace", {{"workspaceFolders", {{"supported", true}}}}},
                      {"experimental", {{"engramStatus", true}}}};
  if (session.options.navigation) add_navigation(out);
  if (session.options.clang) add_live(out, session.client);
  return out;
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
