#include "lsp/session.h"

namespace engram::lsp {

void add_initialized(Session& session) {
  session.connection.on_notification<NoParams>(
      "initialized", [&session](const NoParams&) { session.begin_work(); });
}

}  // namespace engram::lsp
