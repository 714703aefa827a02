#include "lsp/session.h"

namespace engram::lsp {

void add_cancel_request(Session& session) {
  session.connection.on_notification<CancelParams>(
      "$/cancelRequest",
      [&session](const CancelParams& params) { session.connection.cancel(params.id); });
}

}  // namespace engram::lsp
