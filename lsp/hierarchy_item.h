// lsp/hierarchy_item.h: CallHierarchyItem and TypeHierarchyItem, which are the same: one symbol
// that a client may come back to.
//
// An item carries the compiler's key of its symbol in `data`, where there is one: it holds while
// the text above changes. Else the item is asked about by its place.
//
// Threads: pure functions.  Errors: kInvalidArgument from read(), and where the place lies outside
// its file; kNotFound: the file cannot be read.
#pragma once

#include <optional>
#include <string>

#include "lsp/navigation_view.h"

namespace engram::lsp {

struct HierarchyItemParams {
  std::string uri, name;
  Position position;  // where its name begins
  std::optional<SymbolKey> symbol;
};
Result<void> read(const json::value& value, HierarchyItemParams& out);

json::object hierarchy_item(const NavigationView& view, const FoundPlace& place);

// What the item that came back stands for, asked by key or place.
Result<std::vector<RelatedSymbol>> related_to_item(Navigator& navigator, const NavigationView& view,
                                                   const HierarchyItemParams& item,
                                                   SymbolRelation relation,
                                                   const std::stop_token& stop);

}  // namespace engram::lsp
