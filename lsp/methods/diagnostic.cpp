// textDocument/diagnostic: answered once what Clang says is about the document as it is.
#include "lsp/session.h"

namespace engram::lsp {

void add_diagnostic(Session& session) {
  session.connection.on_request<DiagnosticParams>(
      "textDocument/diagnostic", [&session](const DiagnosticParams& params, const Reply& reply) {
        session.live.pull(
            params.uri, reply,
            [&session, reply, previous = params.previous](
                const Result<const DocumentProblems*>& problems, std::uint64_t id) {
              if (!problems) {  // the client asks again
                return reply.error(ErrorCode::kServerCancelled, problems.error().message);
              }
              if (*problems == nullptr) {
                return reply.result({{"kind", "full"}, {"items", json::array()}});
              }
              const std::string result_id = std::to_string(id);
              if (previous == result_id) {
                return reply.result({{"kind", "unchanged"}, {"resultId", result_id}});
              }
              reply.result(
                  {{"kind", "full"},
                   {"resultId", result_id},
                   {"items", diagnostics_json(**problems, session.client.related_information)}});
            });
      });
}

}  // namespace engram::lsp
