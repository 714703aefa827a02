#include "lsp/session.h"

namespace engram::lsp {

void add_references(Session& session) {
  session.connection.on_request<ReferencesParams>(
      "textDocument/references", [&session](const ReferencesParams& params, const Reply& reply) {
        session.ask_at(params.at, reply,
                       [include = params.include_declaration](
                           Navigator& navigator, const NavigationView& view, std::size_t offset,
                           const std::stop_token& stop) -> Result<json::value> {
                         Navigator::ReferenceOptions options;
                         options.include_declaration = include;
                         ENGRAM_TRY(places,
                                    navigator.references({view.path, offset}, options, stop));
                         return json::value(view.locations(places));
                       });
      });
}

}  // namespace engram::lsp
