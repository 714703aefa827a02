// textDocument/definition, declaration, typeDefinition and implementation.
#include "lsp/session.h"

namespace engram::lsp {

namespace {

using Find = Result<std::vector<FoundPlace>> (Navigator::*)(const CodePlace&, std::stop_token);

void add(Session& session, const char* method, Find find) {
  session.answer_at(method,
                    [find](Navigator& navigator, const NavigationView& view, std::size_t offset,
                           const std::stop_token& stop) -> Result<json::value> {
                      ENGRAM_TRY(places, (navigator.*find)({view.path, offset}, stop));
                      return json::value(view.locations(places));
                    });
}

void add(Session& session, const char* method, SymbolRelation relation) {
  session.answer_at(method,
                    [relation](Navigator& navigator, const NavigationView& view, std::size_t offset,
                               const std::stop_token& stop) -> Result<json::value> {
                      ENGRAM_TRY(found, navigator.related({view.path, offset}, relation, stop));
                      json::array out;
                      for (const RelatedSymbol& one : found)
                        out.push_back(view.location(one.place));
                      return json::value(std::move(out));
                    });
}

}  // namespace

void add_definition(Session& session) {
  add(session, "textDocument/definition", &Navigator::definition);
  add(session, "textDocument/declaration", &Navigator::declaration);
  add(session, "textDocument/typeDefinition", SymbolRelation::kType);
  add(session, "textDocument/implementation", SymbolRelation::kImplementations);
}

}  // namespace engram::lsp
