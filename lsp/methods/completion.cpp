// textDocument/completion and signatureHelp: what Clang says may stand at a place.
#include "lsp/session.h"

namespace engram::lsp {

namespace {

// ">" and ":" stand alone more often than in "->" and "::".
bool is_half_an_operator(const std::string& text, std::size_t cursor, const std::string& trigger) {
  if (trigger != ">" && trigger != ":") return false;
  const char before = trigger == ">" ? '-' : ':';
  return cursor < 2 || text[cursor - 2] != before;
}

// Errors that only say that the answer is not wanted any more.
void refuse(const Reply& reply, const Error& error, json::value nothing) {
  if (error.code == Errc::kCancelled) {
    return reply.error(ErrorCode::kContentModified, error.message);
  }
  reply.result(std::move(nothing));
}

json::object no_names() { return {{"isIncomplete", false}, {"items", json::array()}}; }

void complete(Session& session, const CompletionParams& params, const Reply& reply) {
  const DocumentSnapshot document = session.documents.find(params.at.uri);
  if (!document) return reply.result(no_names());
  const std::size_t cursor = document->offset(params.at.position);
  if (is_half_an_operator(*document->text, cursor, params.trigger)) {
    return reply.result(no_names());
  }
  const TypedName typed = typed_name_at(*document->text, cursor);
  session.live.ask(
      LiveQuestion::kComplete, document, typed.begin, typed.end,
      [&session, reply, document, typed](const Result<LiveAnswer>& answer, const NameUses& uses) {
        if (!answer) return refuse(reply, answer.error(), no_names());
        reply.result(
            completion_list_json(answer->reply, uses, *document, typed, session.client.snippets));
      });
}

void help(Session& session, const PositionParams& params, const Reply& reply) {
  const DocumentSnapshot document = session.documents.find(params.uri);
  if (!document) return reply.result(nullptr);
  const std::size_t cursor = document->offset(params.position);
  session.live.ask(LiveQuestion::kSignatures, document, cursor, cursor,
                   [&session, reply](const Result<LiveAnswer>& answer, const NameUses&) {
                     if (!answer) return refuse(reply, answer.error(), nullptr);
                     reply.result(signature_help_json(answer->reply, session.client.label_offsets));
                   });
}

}  // namespace

void add_completion(Session& session) {
  session.connection.on_request<CompletionParams>(
      "textDocument/completion", [&session](const CompletionParams& params, const Reply& reply) {
        complete(session, params, reply);
      });
  session.connection.on_request<PositionParams>(
      "textDocument/signatureHelp", [&session](const PositionParams& params, const Reply& reply) {
        help(session, params, reply);
      });
}

}  // namespace engram::lsp
