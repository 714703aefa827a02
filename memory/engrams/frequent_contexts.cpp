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
    fill_table();
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
    found_.push_back(
        {begin, end, distinct, static_cast<std::uint32_t>(out_.lists.size()), 0, 0, shared, 0});
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
    std::sort(found_.begin(), found_.end(), [](const FrequentRecord& a, const FrequentRecord& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      FrequentRecord& r = found_[i];
      while (!open.empty() && found_[open.back()].end <= r.begin) open.pop_back();
      const std::uint32_t depth = open.empty() ? 0 : found_[open.back()].shared;
      r.parent = open.empty() ? 0 : static_cast<std::uint32_t>(open.back() + 1);
      r.symbol = symbols_[order_.places[r.begin] - 1 - depth];
      open.push_back(i);
    }
  }

  // Of its shortest context, one symbol longer than what its parent's share.
  std::uint64_t hash_of(const FrequentRecord& record, std::uint32_t parent_shared) const {
    std::uint64_t hash = 0;
    for (std::uint32_t d = 0; d <= parent_shared; ++d) {
      hash = context_hash(hash, symbols_[order_.places[record.begin] - 1 - d]);
    }
    return hash;
  }

  // Parents come first, so where they lie is known.
  void fill_table() {
    if (found_.empty()) return;
    out_.records.assign(std::bit_ceil(found_.size() + found_.size() / 2 + 1), {});
    const std::size_t mask = out_.records.size() - 1;
    std::vector<std::uint32_t> id_of(found_.size(), 0);  // 0: left out
    for (std::size_t i = 0; i < found_.size(); ++i) {
      FrequentRecord r = found_[i];
      std::uint32_t parent_shared = 0;
      if (r.parent != 0) {
        parent_shared = found_[r.parent - 1].shared;
        r.parent = id_of[r.parent - 1];
        if (r.parent == 0) continue;
      }
      std::size_t at = hash_of(r, parent_shared) & mask;
      std::size_t tried = 0;
      for (; tried < kMostProbes && out_.records[at].end != 0; ++tried) at = (at + 1) & mask;
      if (tried == kMostProbes) continue;
      out_.records[at] = r;
      id_of[i] = static_cast<std::uint32_t>(at + 1);
    }
  }

  std::span<const std::uint32_t> symbols_;
  const ContextOrder& order_;
  std::vector<std::uint32_t> counts_;  // by symbol, zero between stretches
  std::vector<std::uint32_t> next_, seen_;
  std::vector<SymbolCount> ranked_;
  std::vector<FrequentRecord> found_;
  FrequentTables out_;
};

}  // namespace

FrequentTables summarise_frequent_contexts(std::span<const std::uint32_t> symbols,
                                           std::uint32_t alphabet, const ContextOrder& order) {
  return Summariser(symbols, alphabet, order).run();
}

FrequentContexts::FrequentContexts(std::span<const std::byte> records, std::string_view lists,
                                   std::uint32_t places)
    : records_(records), lists_(lists), places_(places) {}

void FrequentContexts::prefetch(std::uint64_t hash) const {
  const std::size_t n = records_.size() / sizeof(FrequentRecord);
  if (std::has_single_bit(n)) {
    __builtin_prefetch(records_.data() + (hash & (n - 1)) * sizeof(FrequentRecord));
  }
}

std::optional<FrequentContexts::Node> FrequentContexts::child(const Node* parent,
                                                              std::uint32_t symbol,
                                                              std::uint64_t hash) const {
  const std::size_t n = records_.size() / sizeof(FrequentRecord);
  if (!std::has_single_bit(n)) return std::nullopt;
  const std::uint32_t parent_id = parent == nullptr ? 0 : parent->id;
  const std::uint32_t begin = parent == nullptr ? 0 : parent->record.begin;
  const std::uint32_t end = parent == nullptr ? places_ : parent->record.end;
  const std::uint32_t shared = parent == nullptr ? 0 : parent->record.shared;
  std::size_t at = hash & (n - 1);
  for (std::size_t tried = 0; tried < kMostProbes; ++tried, at = (at + 1) & (n - 1)) {
    FrequentRecord r;
    std::memcpy(&r, records_.data() + at * sizeof(r), sizeof(r));
    if (r.end == 0) return std::nullopt;
    if (r.parent != parent_id || r.symbol != symbol) continue;
    const bool inside = begin <= r.begin && r.begin < r.end && r.end <= end && r.shared > shared &&
                        r.shared <= kMaxEngramContext;
    if (!inside) return std::nullopt;
    if (r.list < lists_.size()) __builtin_prefetch(lists_.data() + r.list);
    return Node{static_cast<std::uint32_t>(at + 1), r};
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
  counts.resize(size);
  for (SymbolCount& c : counts) {
    const std::uint32_t symbol = list.varint32();
    count -= std::min(count, list.varint32());
    c = {symbol, count};
  }
  if (!list.ok()) counts.clear();
  return list.ok() ? record.distinct : 0;
}

}  // namespace engram
