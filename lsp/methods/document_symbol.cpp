#include "assist/navigation/document_outline.h"
#include "lsp/session.h"

namespace engram::lsp {

namespace {

json::array nested(const NavigationView& view, const SourceText& source,
                   const std::vector<OutlineNode>& nodes) {
  json::array out;
  for (const OutlineNode& node : nodes) {
    const Symbol& s = *node.symbol;
    // The specification wants the name inside the range.
    const std::size_t begin = std::min(s.begin, s.name_begin), end = std::max(s.end, s.name_end);
    out.push_back({{"name", json_string(s.name)},
                   {"detail", json_string(s.signature)},
                   {"kind", lsp_symbol_kind(s.kind)},
                   {"range", view.range(source, begin, end)},
                   {"selectionRange", view.range(source, s.name_begin, s.name_end)},
                   {"children", nested(view, source, node.children)}});
  }
  return out;
}

void flat(const NavigationView& view, const SourceText& source,
          const std::vector<OutlineNode>& nodes, json::array& out) {
  for (const OutlineNode& node : nodes) {
    const Symbol& s = *node.symbol;
    out.push_back({{"name", json_string(s.name)},
                   {"kind", lsp_symbol_kind(s.kind)},
                   {"containerName", json_string(s.container)},
                   {"location",
                    {{"uri", json_string(view.uri_of(source.path))},
                     {"range", view.range(source, s.begin, s.end)}}}});
    flat(view, source, node.children, out);
  }
}

}  // namespace

void add_document_symbol(Session& session) {
  session.connection.on_request<DocumentParams>(
      "textDocument/documentSymbol", [&session](const DocumentParams& params, const Reply& reply) {
        session.ask_about(params.uri, reply,
                          [](Navigator& navigator, const NavigationView& view,
                             const std::stop_token& stop) -> Result<json::value> {
                            const SourceSnapshot source = navigator.texts().find(view.path);
                            const NamesSnapshot names =
                                navigator.texts().find_names(view.path, stop);
                            if (!source || !names) return json::value(json::array());
                            const auto outline = document_outline(names->symbols);
                            if (view.nested_symbols) {
                              return json::value(nested(view, *source, outline));
                            }
                            json::array out;
                            flat(view, *source, outline, out);
                            return json::value(std::move(out));
                          });
      });
}

}  // namespace engram::lsp
