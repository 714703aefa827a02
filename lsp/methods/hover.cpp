// textDocument/hover: head, doc comment, where it is defined, and how we know.
#include <fmt/format.h>

#include "lsp/session.h"

namespace engram::lsp {

namespace {

std::string where(const HoverText& hover) {
  const FoundPlace& place = hover.place;
  std::string out =
      fmt::format("{}:{} ({}", place.source->path, place.source->lines.line_of(place.begin) + 1,
                  to_string(place.certainty));
  if (hover.others > 0) out += fmt::format(", {} more candidates", hover.others);
  return out + ")";
}

std::string text_of(const HoverText& hover, bool markdown) {
  const auto& symbol = hover.place.symbol;
  if (!symbol) return where(hover);
  std::string out;
  if (markdown) {
    // A fence longer than any in the head keeps it together.
    std::string fence = "```";
    while (symbol->signature.find(fence) != std::string::npos) fence += '`';
    out = fmt::format("{}{}\n{}\n{}\n", fence, hover.place.source->language, symbol->signature,
                      fence);
  } else {
    out = symbol->signature + "\n";
  }
  if (!symbol->doc.empty()) out += "\n" + symbol->doc + "\n";
  return out +
         fmt::format("\n{} {}, {}", to_string(symbol->kind), hover.qualified_name, where(hover));
}

}  // namespace

void add_hover(Session& session) {
  session.answer_at(
      "textDocument/hover",
      [](Navigator& navigator, const NavigationView& view, std::size_t offset,
         const std::stop_token& stop) -> Result<json::value> {
        ENGRAM_TRY(hover, navigator.hover({view.path, offset}, stop));
        if (!hover) return json::value(nullptr);
        const SourceSnapshot asked = navigator.texts().find(view.path);
        return json::value(json::object{{"contents",
                                         {{"kind", view.markdown ? "markdown" : "plaintext"},
                                          {"value", json_string(text_of(*hover, view.markdown))}}},
                                        {"range", view.range(*asked, hover->begin, hover->end)}});
      });
}

}  // namespace engram::lsp
