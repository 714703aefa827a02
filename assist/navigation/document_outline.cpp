#include "assist/navigation/document_outline.h"

#include <map>

namespace engram {

namespace {

constexpr std::size_t kMaxDepth = 64;

using Children = std::map<std::int32_t, std::vector<std::int32_t>>;

std::vector<OutlineNode> below(const std::vector<Symbol>& symbols, const Children& children,
                               std::int32_t parent, std::size_t depth) {
  std::vector<OutlineNode> nodes;
  const auto it = children.find(parent);
  if (it == children.end() || depth > kMaxDepth) return nodes;
  for (const std::int32_t i : it->second) {
    nodes.push_back(
        {&symbols[static_cast<std::size_t>(i)], below(symbols, children, i, depth + 1)});
  }
  return nodes;
}

}  // namespace

std::vector<OutlineNode> document_outline(const std::vector<Symbol>& symbols) {
  Children children;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (symbols[i].is_local) continue;
    std::int32_t parent = symbols[i].parent;
    while (parent >= 0 && symbols[static_cast<std::size_t>(parent)].is_local) {
      parent = symbols[static_cast<std::size_t>(parent)].parent;
    }
    children[parent].push_back(static_cast<std::int32_t>(i));
  }
  return below(symbols, children, -1, 0);
}

}  // namespace engram
