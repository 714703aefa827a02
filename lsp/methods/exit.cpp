#include "lsp/session.h"

namespace engram::lsp {

void add_exit(Session& session) {
  session.connection.on_notification<NoParams>("exit", [&session](const NoParams&) {
    session.exit(session.phase == Phase::kShutDown ? 0 : 1);
  });
}

}  // namespace engram::lsp
