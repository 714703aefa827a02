#include "lsp/session.h"

namespace engram::lsp {

void add_did_close(Session& session) {
  session.connection.on_notification<DidCloseParams>(
      "textDocument/didClose", [&session](const DidCloseParams& params) {
        session.completions.document_closed(params.uri);
        session.live.closed(params.uri);
        session.documents.close(params.uri);
        session.follow_open_documents({});
      });
}

}  // namespace engram::lsp
