// The part of Session that poses questions about code.
#include <fmt/format.h>

#include <utility>

#include "lsp/session.h"

namespace engram::lsp {

NavigationView Session::navigation_view(const DocumentSnapshot& document) const {
  NavigationView view;
  view.document = document;
  view.root = root_;
  view.encoding = client.encoding;
  view.markdown = client.hover_markdown;
  view.nested_symbols = client.nested_symbols;
  for (const std::string& uri : documents.uris()) {
    const DocumentSnapshot open = documents.find(uri);
    std::string path = navigation_path(root_, *open);
    view.open.push_back(open_text(path, *open));
    view.uris.emplace(std::move(path), uri);
  }
  if (document) view.path = navigation_path(root_, *document);
  return view;
}

void Session::ask_about(const std::string& uri, const Reply& reply,
                        NavigationService::Answer answer) {
  const DocumentSnapshot document = documents.find(uri);
  if (!document) {
    reply.error(ErrorCode::kInvalidParams,
                fmt::format("cannot look into '{}': it is not open", uri));
    return;
  }
  navigation.ask(navigation_view(document), reply, std::move(answer));
}

void Session::ask_at(const PositionParams& at, const Reply& reply, AnswerAt answer) {
  const DocumentSnapshot document = documents.find(at.uri);
  const auto offset = document ? offset_in(*document, at.position) : Result<std::size_t>(0);
  if (!offset) {
    reply.error(ErrorCode::kInvalidParams, offset.error().message);
    return;
  }
  ask_about(at.uri, reply,
            [answer = std::move(answer), offset = *offset](
                Navigator& navigator, const NavigationView& view, const std::stop_token& stop) {
              return answer(navigator, view, offset, stop);
            });
}

void Session::answer_at(const char* method, AnswerAt answer) {
  connection.on_request<PositionParams>(
      method, [this, answer = std::move(answer)](const PositionParams& at, const Reply& reply) {
        ask_at(at, reply, answer);
      });
}

void Session::ask_in(const DocumentRangeParams& in, const Reply& reply, AnswerIn answer) {
  const DocumentSnapshot document = documents.find(in.uri);
  const std::size_t begin = document ? document->offset(in.range.start) : 0;
  const std::size_t end = document ? document->offset(in.range.end) : 0;
  ask_about(in.uri, reply,
            [answer = std::move(answer), begin, end](
                Navigator& navigator, const NavigationView& view, const std::stop_token& stop) {
              return answer(navigator, view, begin, end, stop);
            });
}

}  // namespace engram::lsp
