#include "memory/engrams/context_stretches.h"

#include <algorithm>

namespace engram {
namespace {

// A context in the segment's symbols, the last one first, up to the first that it lacks.
struct Symbols {
  std::array<std::uint32_t, kMaxEngramContext> of;
  std::array<std::uint64_t, kMaxEngramContext> hash;  // of that and those before it
  std::size_t n = 0;
};

Symbols symbols_of(const EngramSegment& segment, std::span<const EngramToken> context,
                   std::size_t longest) {
  Symbols out;
  std::uint64_t hash = 0;
  longest = std::min(longest, context.size());
  for (; out.n < longest; ++out.n) {
    const std::uint32_t symbol = segment.symbol_of(context[context.size() - 1 - out.n]);
    if (symbol == 0) break;
    hash = context_hash(hash, symbol);
    segment.frequent().prefetch(hash);
    out.of[out.n] = symbol;
    out.hash[out.n] = hash;
  }
  return out;
}

// One token more: the stretch of the places in `stretch` that have the symbol `depth` before, and
// its record, if any.
void step(const EngramSegment& segment, const Symbols& symbols, std::uint32_t depth,
          const PlaceWindow& window, Stretch& stretch,
          std::optional<FrequentContexts::Node>& node) {
  const std::uint32_t symbol = symbols.of[depth];
  if (depth > 0 && node && depth < node->record.shared) {  // all of them have the same one
    if (segment.symbol_before(stretch.begin, depth) != symbol) stretch = {};
    return;
  }
  if (depth == 0 || node) {
    node = segment.frequent().child(node ? &*node : nullptr, symbol, symbols.hash[depth]);
    if (node) {
      stretch = {node->record.begin, node->record.end};
      return;
    }
  }
  if (depth == 0) {
    stretch = segment.after(symbol);
  } else if (!window.of.empty()) {
    stretch = segment.narrow(window, stretch, depth, symbol);
  } else {
    stretch = segment.narrow(stretch, depth, symbol);
  }
}

}  // namespace

void find_stretches(const EngramSegment& segment, std::span<const EngramToken> context,
                    std::size_t longest, ContextStretches& out) {
  const Symbols symbols = symbols_of(segment, context, std::min(longest, kMaxEngramContext));
  Stretch stretch;
  std::optional<FrequentContexts::Node> node;
  out.window.of = {};
  for (out.depth = 0; out.depth < symbols.n; ++out.depth) {
    step(segment, symbols, static_cast<std::uint32_t>(out.depth), out.window, stretch, node);
    if (stretch.empty()) return;
    if (out.window.of.empty() && stretch.size() <= kScannedPlaces) {
      segment.read_places(stretch, out.window);
    }
    out.of[out.depth] = stretch;
    out.has_record[out.depth] = node.has_value();
    if (node) out.records[out.depth] = node->record;
  }
}

}  // namespace engram
