#include "lsp/session.h"

namespace engram::lsp {

void add_work_done_progress_cancel(Session& session) {
  session.connection.on_notification<WorkDoneProgressCancelParams>(
      "window/workDoneProgress/cancel", [&session](const WorkDoneProgressCancelParams& params) {
        if (session.progress.is(params.token)) session.index.cancel();
        if (session.understanding.is(params.token)) session.semantic.cancel();
      });
}

}  // namespace engram::lsp
