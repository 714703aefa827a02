#include "lsp/session.h"

namespace engram::lsp {

void add_inlay_hint(Session& session) {
  session.connection.on_request<DocumentRangeParams>(
      "textDocument/inlayHint", [&session](const DocumentRangeParams& params, const Reply& reply) {
        session.ask_in(params, reply,
                       [](Navigator& navigator, const NavigationView& view, std::size_t begin,
                          std::size_t end, const std::stop_token& stop) -> Result<json::value> {
                         constexpr int kType = 1, kParameter = 2;
                         ENGRAM_TRY(hints, navigator.hints(view.path, begin, end, stop));
                         const SourceSnapshot source = navigator.texts().find(view.path);
                         json::array out;
                         for (const InlayHint& hint : hints) {
                           out.push_back({{"position", view.position(*source, hint.offset)},
                                          {"label", json_string(hint.label)},
                                          {"kind", hint.is_type ? kType : kParameter},
                                          {"paddingRight", !hint.is_type},
                                          {"certainty", to_string(hint.certainty)}});
                         }
                         return json::value(std::move(out));
                       });
      });
}

}  // namespace engram::lsp
