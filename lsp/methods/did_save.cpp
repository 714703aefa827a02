#include "lsp/session.h"

namespace engram::lsp {

void add_did_save(Session& session) {
  session.connection.on_notification<DidSaveParams>(
      "textDocument/didSave", [&session](const DidSaveParams& params) {
        if (const auto path = session.indexable(params.uri)) session.index.file_saved(*path);
        session.live.saved(params.uri);
      });
}

}  // namespace engram::lsp
