#include "memory/engrams/frequent_contexts.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "memory/byte_codec.h"
#include "memory/engrams/lookup.h"

namespace engram {
namespace {

constexpr std::size_t kRecordWords = 4;

std::uint64_t slot_hash(std::uint32_t begin, std::uint32_t end) {
  std::uint64_t x = (std::uint64_t{begin} << 32U) | end;
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
        if (i - from > kScannedPlaces) summarise(from, i, begin);
        open.pop_back();
      }
      if (shared > 0 && (open.empty() || open.back().shared < shared))
        open.push_back({shared, from});
    }
  }

  void summarise(std::uint32_t begin, std::uint32_t end, std::uint32_t bucket_begin) {
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
    out_.records.insert(out_.records.end(),
                        {begin, end, distinct, static_cast<std::uint32_t>(out_.lists.size())});
    append_varint(out_.lists, n);
    std::uint32_t previous = end - begin;
    for (std::size_t i = 0; i < n; ++i) {
      append_varint(out_.lists, ranked_[i].symbol);
      append_varint(out_.lists, previous - ranked_[i].count);
      previous = ranked_[i].count;
    }
  }

  void fill_slots() {
    const std::size_t n = out_.records.size() / kRecordWords;
    if (n == 0) return;
    out_.slots.assign(std::bit_ceil(n + n / 2 + 1), 0);
    const std::size_t mask = out_.slots.size() - 1;
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint32_t* record = &out_.records[i * kRecordWords];
      std::size_t slot = slot_hash(record[0], record[1]) & mask;
      while (out_.slots[slot] != 0) slot = (slot + 1) & mask;
      out_.slots[slot] = static_cast<std::uint32_t>(i + 1);
    }
  }

  std::span<const std::uint32_t> symbols_;
  const ContextOrder& order_;
  std::vector<std::uint32_t> counts_;  // by symbol, zero between stretches
  std::vector<std::uint32_t> next_, seen_;
  std::vector<SymbolCount> ranked_;
  FrequentTables out_;
};

std::uint32_t word(std::span<const std::byte> bytes, std::size_t i) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + i * sizeof(value), sizeof(value));
  return value;
}

}  // namespace

FrequentTables summarise_frequent_contexts(std::span<const std::uint32_t> symbols,
                                           std::uint32_t alphabet, const ContextOrder& order) {
  return Summariser(symbols, alphabet, order).run();
}

FrequentContexts::FrequentContexts(std::span<const std::byte> slots,
                                   std::span<const std::byte> records, std::string_view lists)
    : slots_(slots), records_(records), lists_(lists) {}

std::uint32_t FrequentContexts::find(std::uint32_t begin, std::uint32_t end,
                                     std::vector<SymbolCount>& counts) const {
  counts.clear();
  const std::size_t n_slots = slots_.size() / 4;
  const std::size_t n_records = records_.size() / (4 * kRecordWords);
  if (n_slots == 0 || !std::has_single_bit(n_slots)) return 0;
  std::size_t slot = slot_hash(begin, end) & (n_slots - 1);
  for (std::size_t tried = 0; tried < n_slots; ++tried, slot = (slot + 1) & (n_slots - 1)) {
    const std::uint32_t index = word(slots_, slot);
    if (index == 0 || index > n_records) return 0;
    const std::size_t at = (index - 1) * kRecordWords;
    if (word(records_, at) != begin || word(records_, at + 1) != end) continue;
    const std::uint32_t offset = word(records_, at + 3);
    if (offset > lists_.size()) return 0;
    ByteReader list(lists_.substr(offset));
    const std::uint64_t size = std::min<std::uint64_t>(list.varint(), ContextMatch::kMaxNext);
    std::uint32_t count = end - begin;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint32_t symbol = list.varint32();
      count -= std::min(count, list.varint32());
      counts.push_back({symbol, count});
    }
    if (!list.ok()) counts.clear();
    return list.ok() ? word(records_, at + 2) : 0;
  }
  return 0;
}

}  // namespace engram
