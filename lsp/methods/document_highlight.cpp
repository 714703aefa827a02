#include "lsp/session.h"

namespace engram::lsp {

namespace {

constexpr int kRead = 2, kWrite = 3;

int highlight_kind(const FoundPlace& place) {
  const bool writes = place.role == "write" || place.role == "definition";
  return writes ? kWrite : kRead;
}

}  // namespace

void add_document_highlight(Session& session) {
  session.answer_at("textDocument/documentHighlight",
                    [](Navigator& navigator, const NavigationView& view, std::size_t offset,
                       const std::stop_token& stop) -> Result<json::value> {
                      ENGRAM_TRY(places, navigator.highlights({view.path, offset}, stop));
                      json::array out;
                      for (const FoundPlace& p : places) {
                        out.push_back({{"range", view.range(*p.source, p.begin, p.end)},
                                       {"kind", highlight_kind(p)}});
                      }
                      return json::value(std::move(out));
                    });
}

}  // namespace engram::lsp
