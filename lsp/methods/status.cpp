#include "lsp/session.h"

namespace engram::lsp {

void add_status(Session& session) {
  session.connection.on_request<NoParams>("engram/status",
                                          [&session](const NoParams&, const Reply& reply) {
                                            reply.result(to_json(session.status.now()));
                                          });
}

}  // namespace engram::lsp
