#include "lsp/session.h"

namespace engram::lsp {

void add_did_open(Session& session) {
  session.connection.on_notification<DidOpenParams>(
      "textDocument/didOpen", [&session](const DidOpenParams& params) {
        const DocumentSnapshot document = session.documents.open(params);
        session.adopt_workspace_of(*document);
        session.follow_open_documents(document->uri);
        session.completions.document_changed(document->uri, document->text, 0,
                                             session.open_beside(*document));
        session.live.changed(document);
      });
}

}  // namespace engram::lsp
