#include "memory/engrams/frequent_contexts.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "memory/byte_codec.h"
#include "memory/engrams/lookup.h"

namespace engram {
namespace {

// However the keys fall, a search ends: records that would lie further from their slot are left out
// and their contexts found as the rare ones are, without a summary.
constexpr std::size_t kMostProbes = 128;

std::uint64_t slot_hash(std::uint32_t parent, std::uint32_t symbol) {
  std::uint64_t x = (std::uint64_t{parent} << 32U) | symbol;
  x = (x ^ (x >> 32U)) * 0x9e3779b97f4a7c15U;
  return x ^ (x >> 29U);
}

bool ranks_before(const SymbolCount& a, const SymbolCount& b) {
  return a.count != b.count ? a.count > b.count : a.symbol < b.symbol;
}

class Summariser {
 public:
  Summariser(std::span<const std::uint32_t> symbols, std::uint32_t alphabet,
             const ContextOrder& order)
      : symbols_(symbols), order_(order), counts_(alphabet, 0) {}

  FrequentTables run() {
    for (std::size_t s = 0; s + 1 < order_.first.size(); ++s) {
      const std::uint32_t begin = order_.first[s], end = order_.first[s + 1];
      if (end - begin > kScannedPlaces) bucket(begin, end);
    }
    link();
    fill_slots();
    return std::move(out_);
  }

 private:
  // Visits every stretch of the bucket that is the whole of some context's places: a stack of
  // (shared symbols, where the stretch begins), popped when neighbours share less.
  void bucket(std::uint32_t begin, std::uint32_t end) {
    next_.resize(end - begin);
    for (std::uint32_t i = begin; i < end; ++i) next_[i - begin] = symbols_[order_.places[i]];
    struct Open {
      std::uint8_t shared;
      std::uint32_t begin;
    };
    std::vector<Open> open;
    for (std::uint32_t i = begin + 1; i <= end; ++i) {
      const std::uint8_t shared = i < end ? order_.shared[i] : 0;
      std::uint32_t from = i - 1;
      while (!open.empty() && open.back().shared > shared) {
        from = open.back().begin;
        if (i - from > kScannedPlaces) summarise(from, i, begin, open.back().shared);
        open.pop_back();
      }
      if (shared > 0 && (open.empty() || open.back().shared < shared))
        open.push_back({shared, from});
    }
  }

  void summarise(std::uint32_t begin, std::uint32_t end, std::uint32_t bucket_begin,
                 std::uint32_t shared) {
    for (std::uint32_t i = begin; i < end; ++i) {
      const std::uint32_t s = next_[i - bucket_begin];
      if (counts_[s]++ == 0) seen_.push_back(s);
    }
    ranked_.clear();
    for (const std::uint32_t s : seen_) {
      ranked_.push_back({s, counts_[s]});
      counts_[s] = 0;
    }
    const auto distinct = static_cast<std::uint32_t>(seen_.size());
    seen_.clear();
    const std::size_t n = std::min(ranked_.size(), ContextMatch::kMaxNext);
    std::partial_sort(ranked_.begin(), ranked_.begin() + static_cast<std::ptrdiff_t>(n),
                      ranked_.end(), ranks_before);
    out_.records.push_back(
        {begin, end, distinct, static_cast<std::uint32_t>(out_.lists.size()), 0, 0, shared});
    append_varint(out_.lists, n);
    std::uint32_t previous = end - begin;
    for (std::size_t i = 0; i < n; ++i) {
      append_varint(out_.lists, ranked_[i].symbol);
      append_varint(out_.lists, previous - ranked_[i].count);
      previous = ranked_[i].count;
    }
  }

  // Outer stretches first; then whatever is still open when one begins contains it.
  void link() {
    std::sort(out_.records.begin(), out_.records.end(),
              [](const FrequentRecord& a, const FrequentRecord& b) {
                return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
              });
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < out_.records.size(); ++i) {
      FrequentRecord& r = out_.records[i];
      while (!open.empty() && out_.records[open.back()].end <= r.begin) open.pop_back();
      const std::uint32_t depth = open.empty() ? 0 : out_.records[open.back()].shared;
      r.parent = open.empty() ? 0 : static_cast<std::uint32_t>(open.back() + 1);
      r.symbol = symbols_[order_.places[r.begin] - 1 - depth];
      open.push_back(i);
    }
  }

  void fill_slots() {
    if (out_.records.empty()) return;
    out_.slots.assign(std::bit_ceil(2 * out_.records.size()), 0);
    const std::size_t mask = out_.slots.size() - 1;
    for (std::size_t i = 0; i < out_.records.size(); ++i) {
      std::size_t slot = slot_hash(out_.records[i].parent, out_.records[i].symbol) & mask;
      std::size_t tried = 0;
      for (; tried < kMostProbes && out_.slots[slot] != 0; ++tried) slot = (slot + 1) & mask;
      if (tried < kMostProbes) out_.slots[slot] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::span<const std::uint32_t> symbols_;
  const ContextOrder& order_;
  std::vector<std::uint32_t> counts_;  // by symbol, zero between stretches
  std::vector<std::uint32_t> next_, seen_;
  std::vector<SymbolCount> ranked_;
  FrequentTables out_;
};

}  // namespace

FrequentTables summarise_frequent_contexts(std::span<const std::uint32_t> symbols,
                                           std::uint32_t alphabet, const ContextOrder& order) {
  return Summariser(symbols, alphabet, order).run();
}

FrequentContexts::FrequentContexts(std::span<const std::byte> slots,
                                   std::span<const std::byte> records, std::string_view lists,
                                   std::uint32_t places)
    : slots_(slots), records_(records), lists_(lists), places_(places) {}

std::optional<FrequentContexts::Node> FrequentContexts::child(const Node* parent,
                                                              std::uint32_t symbol) const {
  const std::size_t n_slots = slots_.size() / 4;
  const std::size_t n_records = records_.size() / sizeof(FrequentRecord);
  if (n_slots == 0 || !std::has_single_bit(n_slots)) return std::nullopt;
  const std::uint32_t parent_id = parent == nullptr ? 0 : parent->id;
  const std::uint32_t begin = parent == nullptr ? 0 : parent->record.begin;
  const std::uint32_t end = parent == nullptr ? places_ : parent->record.end;
  const std::uint32_t shared = parent == nullptr ? 0 : parent->record.shared;
  std::size_t slot = slot_hash(parent_id, symbol) & (n_slots - 1);
  for (std::size_t tried = 0; tried < kMostProbes; ++tried, slot = (slot + 1) & (n_slots - 1)) {
    Node node;
    std::memcpy(&node.id, slots_.data() + slot * 4, 4);
    if (node.id == 0 || node.id > n_records) return std::nullopt;
    FrequentRecord& r = node.record;
    std::memcpy(&r, records_.data() + (node.id - 1) * sizeof(r), sizeof(r));
    if (r.parent != parent_id || r.symbol != symbol) continue;
    const bool inside = begin <= r.begin && r.begin < r.end && r.end <= end && r.shared > shared &&
                        r.shared <= kMaxEngramContext;
    if (!inside) return std::nullopt;
    return node;
  }
  return std::nullopt;
}

std::uint32_t FrequentContexts::summary(const FrequentRecord& record,
                                        std::vector<SymbolCount>& counts) const {
  counts.clear();
  if (record.list > lists_.size()) return 0;
  ByteReader list(lists_.substr(record.list));
  const std::uint64_t size = std::min<std::uint64_t>(list.varint(), ContextMatch::kMaxNext);
  std::uint32_t count = record.end - record.begin;
  for (std::uint64_t i = 0; i < size; ++i) {
    const std::uint32_t symbol = list.varint32();
    count -= std::min(count, list.varint32());
    counts.push_back({symbol, count});
  }
  if (!list.ok()) counts.clear();
  return list.ok() ? record.distinct : 0;
}

}  // namespace engram
