// textDocument/inlineCompletion: ghost text at a position.
//
// The document as it is now is completed at the position; with a chosen entry of the editor's own
// list, as it would be once that entry is inserted, and the items then extend the entry in its
// range, as the specification wants.
#include <fmt/format.h>

#include "lsp/language_id.h"
#include "lsp/session.h"

namespace engram::lsp {

namespace {

// The text to complete and how to speak of it to the editor.
struct Question {
  DocumentSnapshot document;
  std::shared_ptr<const std::string> text;  // with the chosen entry inserted, if any
  std::size_t offset = 0;
  std::string prefix;              // of every item: the chosen entry
  std::size_t begin = 0, end = 0;  // bytes of the document that the chosen entry replaces
};

Result<Question> pose(const DocumentSnapshot& document, const InlineCompletionParams& params) {
  Question q{document, document->text, document->offset(params.position), {}, 0, 0};
  if (!params.selected) return q;
  const Range& range = params.selected->range;
  q.begin = document->offset(range.start);
  q.end = document->offset(range.end);
  if (range.start.line != range.end.line || q.end < q.begin) {
    return Error{Errc::kInvalidArgument,
                 "params.context.selectedCompletionInfo.range: it must lie on one line"};
  }
  q.prefix = params.selected->text;
  std::string text = document->text->substr(0, q.begin) + q.prefix;
  q.offset = text.size();
  text += document->text->substr(q.end);
  q.text = std::make_shared<const std::string>(std::move(text));
  return q;
}

json::value to_item(const Question& q, const CompletionItem& item) {
  std::string text = item.text;
  Range range;
  if (q.text == q.document->text) {
    range = {q.document->position(item.begin), q.document->position(item.end)};
  } else {
    // What the item takes back of the chosen entry is part of it again.
    const std::size_t entry_end = q.begin + q.prefix.size();
    const std::size_t kept = std::min(item.begin, entry_end) - std::min(q.begin, item.begin);
    text = q.prefix.substr(0, kept) + item.text;
    const std::size_t beyond = item.end > entry_end ? item.end - entry_end : 0;
    range = {q.document->position(q.begin), q.document->position(q.end + beyond)};
  }
  return {{"insertText", json_string(text)},
          {"range", to_json(range)},
          {"command",
           {{"title", "Accepted"},
            {"command", "engram.accepted"},
            {"arguments", json::array{json_string(item.id)}}}}};
}

// The specification allows only ranges on one line; an item that breaks this is not shown.
bool on_one_line(const json::value& item) {
  const json::value& range = *find(item, "range");
  return find_int(*find(range, "start"), "line") == find_int(*find(range, "end"), "line");
}

void record(Session& session, const CompletionResult& result, double milliseconds, bool cached) {
  session.status.update([&](ServerStatus& s) {
    ++s.requests;
    if (!result.items.empty()) ++s.shown;
    s.last = {result.reason,  result.detail,        milliseconds,         cached,
              result.timings, result.prompt_tokens, result.reused_tokens, result.generated_tokens};
  });
}

}  // namespace

void add_inline_completion(Session& session) {
  session.connection.on_request<InlineCompletionParams>(
      "textDocument/inlineCompletion",
      [&session](const InlineCompletionParams& params, const Reply& reply) {
        const DocumentSnapshot document = session.documents.find(params.uri);
        if (!document) {
          reply.error(ErrorCode::kInvalidParams,
                      fmt::format("cannot complete in '{}': it is not open", params.uri));
          return;
        }
        const auto question = pose(document, params);
        if (!question) {
          reply.error(ErrorCode::kInvalidParams, question.error().message);
          return;
        }
        CompletionRequest request;
        request.path = session.path_in_workspace(*document);
        if (!document->path) request.language = language_from_id(document->language_id);
        request.text = question->text;
        request.open = session.open_beside(*document);
        request.offset = question->offset;
        request.max_tokens = session.settings.max_tokens;
        request.invoked = params.invoked;
        request.id_hint = fmt::format("{}#{}", document->uri, document->version);
        session.reconsider_model();
        const auto asked = session.now();
        session.completions.request(
            document->uri, std::move(request), reply,
            [&session, q = *question, reply, asked](const CompletionResult& result, bool cached) {
              json::array items;
              for (const CompletionItem& item : result.items) {
                if (item.begin < q.begin) continue;  // would reach before the chosen entry
                json::value entry = to_item(q, item);
                if (on_one_line(entry)) items.push_back(std::move(entry));
              }
              const std::chrono::duration<double, std::milli> took = session.now() - asked;
              record(session, result, took.count(), cached);
              reply.result({{"items", std::move(items)}});
              session.note_answer(result);
            });
      });
}

}  // namespace engram::lsp
