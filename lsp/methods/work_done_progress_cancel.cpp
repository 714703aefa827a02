#include "lsp/session.h"

namespace engram::lsp {

void add_work_done_progress_cancel(Session& session) {
  session.connection.on_notification<WorkDoneProgressCancelParams>(
      "window/workDoneProgress/cancel", [&session](const WorkDoneProgressCancelParams& params) {
        if (session.progress.is(params.token)) session.index.cancel();
      });
}

}  // namespace engram::lsp
