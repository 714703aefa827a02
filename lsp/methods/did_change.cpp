#include "lsp/session.h"

namespace engram::lsp {

void add_did_change(Session& session) {
  session.connection.on_notification<DidChangeParams>(
      "textDocument/didChange", [&session](const DidChangeParams& params) {
        const auto change = session.documents.change(params);
        if (!change) {
          session.problems.log(MessageType::kWarning, change.error().message);
          return;
        }
        session.completions.document_changed(params.uri, change->document->text, change->cursor,
                                             session.open_beside(*change->document));
        session.live.changed(change->document);
      });
}

}  // namespace engram::lsp
