// textDocument/switchSourceHeader, as clangd has it: the URI of the other file, or null.
#include "assist/navigation/module_files.h"

#include "lsp/session.h"

namespace engram::lsp {

void add_switch_source_header(Session& session) {
  session.connection.on_request<SwitchSourceHeaderParams>(
      "textDocument/switchSourceHeader",
      [&session](const SwitchSourceHeaderParams& params, const Reply& reply) {
        session.ask_about(params.uri, reply,
                          [](Navigator& navigator, const NavigationView& view,
                             const std::stop_token&) -> Result<json::value> {
                            const auto others = counterparts(navigator.texts(), view.path);
                            if (others.empty()) return json::value(nullptr);
                            return json::value(json_string(view.uri_of(others.front())));
                          });
      });
}

}  // namespace engram::lsp
