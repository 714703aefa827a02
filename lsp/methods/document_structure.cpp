// textDocument/foldingRange, textDocument/selectionRange and textDocument/documentLink.
#include "assist/navigation/document_structure.h"

#include "lsp/session.h"

namespace engram::lsp {

namespace {

Result<json::value> folds(Navigator& navigator, const NavigationView& view,
                          const std::stop_token& stop) {
  const SourceSnapshot source = navigator.texts().find(view.path);
  const NamesSnapshot names = navigator.texts().find_names(view.path, stop);
  json::array out;
  if (!source || !names) return json::value(std::move(out));
  ENGRAM_TRY(found, folding_lines(*source, *names));
  for (const FoldingLines& fold : found) {
    json::object entry{{"startLine", fold.first}, {"endLine", fold.last}};
    if (fold.kind == FoldKind::kComment) entry["kind"] = "comment";
    if (fold.kind == FoldKind::kImports) entry["kind"] = "imports";
    out.push_back(std::move(entry));
  }
  return json::value(std::move(out));
}

// Innermost first; each holds the next one out as its parent.
json::value chain(const NavigationView& view, const SourceText& source,
                  const std::vector<TextSpan>& spans) {
  constexpr std::size_t kMost = 100;  // deeper nesting would be deep JSON
  json::value outer = nullptr;
  const std::size_t count = spans.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = count - 1 - i;
    if (at >= kMost && at + 1 < count) continue;  // the whole text stays
    json::object range{{"range", view.range(source, spans[at].begin, spans[at].end)}};
    if (!outer.is_null()) range["parent"] = std::move(outer);
    outer = std::move(range);
  }
  return outer;
}

Result<json::value> selections(Navigator& navigator, const NavigationView& view,
                               const std::vector<std::size_t>& offsets) {
  const SourceSnapshot source = navigator.texts().find(view.path);
  json::array out;
  if (!source) return json::value(nullptr);
  std::vector<std::vector<TextSpan>> spans(offsets.size(), {{0, source->text->size()}});
  if (!source->language.empty()) {
    ENGRAM_TRY(found, selection_spans(*source, offsets));
    spans = std::move(found);
  }
  for (const auto& one : spans) out.push_back(chain(view, *source, one));
  return json::value(std::move(out));
}

Result<json::value> links(Navigator& navigator, const NavigationView& view,
                          const std::stop_token& stop) {
  const SourceSnapshot source = navigator.texts().find(view.path);
  const NamesSnapshot names = navigator.texts().find_names(view.path, stop);
  json::array out;
  if (!source || !names) return json::value(std::move(out));
  for (const DocumentLink& link : document_links(navigator.texts(), *source, *names)) {
    out.push_back({{"range", view.range(*source, link.begin, link.end)},
                   {"target", json_string(view.uri_of(link.path))}});
  }
  return json::value(std::move(out));
}

}  // namespace

void add_document_structure(Session& session) {
  session.connection.on_request<DocumentParams>(
      "textDocument/foldingRange", [&session](const DocumentParams& params, const Reply& reply) {
        session.ask_about(params.uri, reply, folds);
      });
  session.connection.on_request<SelectionRangeParams>(
      "textDocument/selectionRange",
      [&session](const SelectionRangeParams& params, const Reply& reply) {
        std::vector<std::size_t> offsets;
        const DocumentSnapshot document = session.documents.find(params.uri);
        for (const Position& position : params.positions) {
          if (!document) break;  // said by ask_about
          const auto offset = offset_in(*document, position);
          if (!offset) return reply.error(ErrorCode::kInvalidParams, offset.error().message);
          offsets.push_back(*offset);
        }
        session.ask_about(
            params.uri, reply,
            [offsets](Navigator& navigator, const NavigationView& view, const std::stop_token&) {
              return selections(navigator, view, offsets);
            });
      });
  session.connection.on_request<DocumentParams>(
      "textDocument/documentLink", [&session](const DocumentParams& params, const Reply& reply) {
        session.ask_about(params.uri, reply, links);
      });
}

}  // namespace engram::lsp
