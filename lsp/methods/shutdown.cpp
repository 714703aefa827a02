#include "lsp/session.h"

namespace engram::lsp {

void add_shutdown(Session& session) {
  session.connection.on_request<NoParams>("shutdown",
                                          [&session](const NoParams&, const Reply& reply) {
                                            session.shut_down();
                                            reply.result(nullptr);
                                          });
}

}  // namespace engram::lsp
