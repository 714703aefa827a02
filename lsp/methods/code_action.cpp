// textDocument/codeAction: Clang's fix-its.
#include <algorithm>

#include "lsp/session.h"

namespace engram::lsp {

namespace {

bool wants_fixes(const std::vector<std::string>& only) {
  return only.empty() || std::find(only.begin(), only.end(), "quickfix") != only.end();
}

}  // namespace

void add_code_action(Session& session) {
  session.connection.on_request<CodeActionParams>(
      "textDocument/codeAction", [&session](const CodeActionParams& params, const Reply& reply) {
        const auto problems = session.live.problems(params.uri);
        if (!problems || !wants_fixes(params.only)) return reply.result(json::array());
        const Document& document = *problems->document;
        reply.result(quick_fixes_json(
            *problems, document.offset(params.range.start), document.offset(params.range.end),
            session.client.related_information, session.client.document_changes));
      });
}

}  // namespace engram::lsp
