// textDocument/hover: from the store or the syntax, with what the live parse of the open file
// measures.
#include "lsp/hover_text.h"
#include "lsp/session.h"

namespace engram::lsp {

namespace {

// What Clang said of the text as it still is.
std::optional<HoverDetails> details_of(const Result<LiveAnswer>& answer) {
  if (!answer || answer->reply.details.begin >= answer->reply.details.end) return std::nullopt;
  return HoverDetails{answer->reply.details, best_certainty(answer->command)};
}

Result<json::value> answer_hover(Navigator& navigator, const NavigationView& view,
                                 std::size_t offset, const std::optional<HoverDetails>& live,
                                 const std::stop_token& stop) {
  ENGRAM_TRY(hover, navigator.hover({view.path, offset}, stop));
  if (!hover && !live) return json::value(nullptr);
  const SourceSnapshot asked = navigator.texts().find(view.path);
  const bool by_clang = live && (!hover || hover->begin == hover->end);
  const std::uint32_t begin = by_clang ? live->details.begin : hover->begin;
  const std::uint32_t end = by_clang ? live->details.end : hover->end;
  const std::string text = hover_text(hover, live, asked->language, view.markdown);
  if (text.empty()) return json::value(nullptr);
  return json::value(json::object{
      {"contents",
       {{"kind", view.markdown ? "markdown" : "plaintext"}, {"value", json_string(text)}}},
      {"range", view.range(*asked, begin, end)}});
}

void hover_at(Session& session, const PositionParams& at, const Reply& reply) {
  const DocumentSnapshot document = session.documents.find(at.uri);
  const auto go_on = [&session, at, reply](const std::optional<HoverDetails>& live) {
    session.ask_at(at, reply,
                   [live](Navigator& navigator, const NavigationView& view, std::size_t offset,
                          const std::stop_token& stop) {
                     return answer_hover(navigator, view, offset, live, stop);
                   });
  };
  if (!document) return go_on(std::nullopt);
  session.live.describe(
      document, document->offset(at.position),
      [&session, go_on, document](const Result<LiveAnswer>& answer, const NameUses&) {
        const bool is_same = session.documents.find(document->uri) == document;
        go_on(is_same ? details_of(answer) : std::nullopt);
      });
}

}  // namespace

void add_hover(Session& session) {
  session.connection.on_request<PositionParams>(
      "textDocument/hover",
      [&session](const PositionParams& at, const Reply& reply) { hover_at(session, at, reply); });
}

}  // namespace engram::lsp
