#include "memory/engrams/context_stretches.h"

namespace engram {
namespace {

// One token more: the stretch of the places in `stretch` that have `symbol` `depth` before, and its
// record, if any.
void step(const EngramSegment& segment, std::uint32_t depth, std::uint32_t symbol, Stretch& stretch,
          std::optional<FrequentContexts::Node>& node) {
  if (depth > 0 && node && depth < node->record.shared) {  // all of them have the same one
    if (segment.symbol_before(stretch.begin, depth) != symbol) stretch = {};
    return;
  }
  if (depth == 0 || node) {
    node = segment.frequent().child(node ? &*node : nullptr, symbol);
    if (node) {
      stretch = {node->record.begin, node->record.end};
      return;
    }
  }
  stretch = depth == 0 ? segment.after(symbol) : segment.narrow(stretch, depth, symbol);
}

}  // namespace

void find_stretches(const EngramSegment& segment, std::span<const EngramToken> context,
                    std::size_t longest, ContextStretches& out) {
  Stretch stretch;
  std::optional<FrequentContexts::Node> node;
  bool prefetched = false;
  out.depth = 0;
  while (out.depth < longest && out.depth < context.size()) {
    const std::uint32_t symbol = segment.symbol_of(context[context.size() - 1 - out.depth]);
    if (symbol == 0) return;
    step(segment, static_cast<std::uint32_t>(out.depth), symbol, stretch, node);
    if (stretch.empty()) return;
    if (!prefetched && stretch.size() <= kScannedPlaces) {
      segment.prefetch(stretch);
      prefetched = true;
    }
    out.of[out.depth] = stretch;
    out.has_record[out.depth] = node.has_value();
    if (node) out.records[out.depth] = node->record;
    ++out.depth;
  }
}

}  // namespace engram
