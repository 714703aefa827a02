#include <fmt/format.h>

#include "lsp/session.h"

namespace engram::lsp {

// engram.accepted [id]: the editor inserted the item; it is attached to every item as its command.
void add_execute_command(Session& session) {
  session.connection.on_request<ExecuteCommandParams>(
      "workspace/executeCommand",
      [&session](const ExecuteCommandParams& params, const Reply& reply) {
        if (params.command != "engram.accepted") {
          reply.error(ErrorCode::kInvalidParams,
                      fmt::format("the command '{}' is not known", params.command));
          return;
        }
        if (params.arguments.size() != 1 || !params.arguments[0].is_string()) {
          reply.error(ErrorCode::kInvalidParams,
                      "engram.accepted: arguments must be the id of the item");
          return;
        }
        session.status.update([](ServerStatus& s) { ++s.accepted; });
        reply.result(nullptr);
      });
}

}  // namespace engram::lsp
