#include "memory/identifiers/best_identifiers.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace engram {

// The range of blocks as few nodes: single ones at its ends, larger and larger groups inside.
BestIdentifiers::BestIdentifiers(const IdentifierTable& table, std::string_view prefix)
    : table_(table), prefix_(prefix) {
  std::tie(first_, end_) = table.blocks_with(prefix);
  std::size_t low = first_, high = end_;
  for (std::size_t level = 0; low < high; ++level) {
    if (level + 1 == table.levels()) {
      while (low < high) open(level, low++);
      return;
    }
    while (low < high && low % kFanOut != 0) open(level, low++);
    const bool whole = high == table.level_size(level);  // the last group may be short
    while (low < high && high % kFanOut != 0 && !whole) open(level, --high);
    if (low == high) return;
    low /= kFanOut;
    high = (high + kFanOut - 1) / kFanOut;
  }
}

void BestIdentifiers::open(std::size_t level, std::size_t index) {
  open_.push({table_.bound(level, index), static_cast<std::uint32_t>(level), index});
}

void BestIdentifiers::expand(const Node& node) {
  if (node.level > 0) {
    const std::size_t first = node.index * kFanOut;
    const std::size_t end = std::min(first + kFanOut, table_.level_size(node.level - 1));
    for (std::size_t i = first; i < end; ++i) open(node.level - 1, i);
    return;
  }
  table_.read_block(node.index, block_);
  for (IdentifierTable::Entry& entry : block_) {
    if (!std::string_view(entry.key).starts_with(prefix_)) continue;
    const auto uses = std::clamp<std::int64_t>(entry.counts.uses, 0, std::int64_t{node.bound});
    open_.push({static_cast<std::uint32_t>(uses), kFound, found_.size()});
    found_.push_back(std::move(entry));
  }
}

bool BestIdentifiers::next(IdentifierTable::Entry& out) {
  while (!open_.empty()) {
    const Node node = open_.top();
    open_.pop();
    if (node.level != kFound) {
      expand(node);
      continue;
    }
    out = std::move(found_[node.index]);
    return true;
  }
  return false;
}

}  // namespace engram
