#include "lsp/session.h"

namespace engram::lsp {

void add_workspace_symbol(Session& session) {
  session.connection.on_request<WorkspaceSymbolParams>(
      "workspace/symbol", [&session](const WorkspaceSymbolParams& params, const Reply& reply) {
        session.navigation.ask(
            session.navigation_view(nullptr), reply,
            [query = params.query](Navigator& navigator, const NavigationView& view,
                                   const std::stop_token& stop) -> Result<json::value> {
              constexpr std::size_t kMost = 100;  // editors ask again at each keystroke
              ENGRAM_TRY(found, navigator.workspace_symbols(query, kMost, stop));
              json::array out;
              for (const FoundSymbol& f : found) {
                const Symbol& s = f.hit.symbol;
                out.push_back({{"name", json_string(s.name)},
                               {"kind", lsp_symbol_kind(s.kind)},
                               {"containerName", json_string(s.container)},
                               {"location",
                                {{"uri", json_string(view.uri_of(f.hit.path))},
                                 {"range", view.range(*f.source, s.name_begin, s.name_end)},
                                 {"certainty", to_string(f.hit.certainty)}}}});
              }
              return json::value(std::move(out));
            });
      });
}

}  // namespace engram::lsp
