// textDocument/prepareCallHierarchy and prepareTypeHierarchy, and what they lead to.
#include "lsp/hierarchy_item.h"
#include "lsp/session.h"

namespace engram::lsp {

namespace {

// [{item, fromRanges}]: of incoming calls the ranges lie in the item's text, of outgoing ones in
// that of what was asked about.
json::array calls(const NavigationView& view, const std::vector<RelatedSymbol>& related,
                  const char* member) {
  const bool incoming = std::string_view(member) == "from";
  json::array out;
  for (const RelatedSymbol& one : related) {
    json::array ranges;
    for (const FoundPlace& call : one.calls) {
      if (incoming && call.source->path != one.place.source->path) continue;
      ranges.push_back(view.range(*call.source, call.begin, call.end));
    }
    out.push_back({{member, hierarchy_item(view, one.place)}, {"fromRanges", std::move(ranges)}});
  }
  return out;
}

json::array items(const NavigationView& view, const std::vector<RelatedSymbol>& related) {
  json::array out;
  for (const RelatedSymbol& one : related) out.push_back(hierarchy_item(view, one.place));
  return out;
}

void add_prepare(Session& session, const char* method, SymbolRelation relation) {
  session.answer_at(method,
                    [relation](Navigator& navigator, const NavigationView& view, std::size_t offset,
                               const std::stop_token& stop) -> Result<json::value> {
                      ENGRAM_TRY(found, navigator.related({view.path, offset}, relation, stop));
                      if (found.empty()) return json::value(nullptr);
                      return json::value(items(view, found));
                    });
}

// `member`: "from" or "to" of calls, null for types.
void add_step(Session& session, const char* method, SymbolRelation relation, const char* member) {
  session.connection.on_request<HierarchyItemParams>(
      method, [&session, relation, member](const HierarchyItemParams& params, const Reply& reply) {
        session.navigation.ask(
            session.navigation_view(nullptr), reply,
            [params, relation, member](Navigator& navigator, const NavigationView& view,
                                       const std::stop_token& stop) -> Result<json::value> {
              ENGRAM_TRY(found, related_to_item(navigator, view, params, relation, stop));
              return json::value(member != nullptr ? calls(view, found, member)
                                                   : items(view, found));
            });
      });
}

}  // namespace

void add_hierarchies(Session& session) {
  add_prepare(session, "textDocument/prepareCallHierarchy", SymbolRelation::kFunction);
  add_step(session, "callHierarchy/incomingCalls", SymbolRelation::kCallers, "from");
  add_step(session, "callHierarchy/outgoingCalls", SymbolRelation::kCallees, "to");
  add_prepare(session, "textDocument/prepareTypeHierarchy", SymbolRelation::kClass);
  add_step(session, "typeHierarchy/supertypes", SymbolRelation::kSupertypes, nullptr);
  add_step(session, "typeHierarchy/subtypes", SymbolRelation::kSubtypes, nullptr);
}

}  // namespace engram::lsp
