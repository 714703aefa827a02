#include "memory/engrams/context_order.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

#include "core/check.h"
#include "memory/engrams/packed_array.h"
#include "memory/engrams/tokens.h"

namespace engram {
namespace {

constexpr std::size_t kLargestGathered = std::size_t{4} << 20;  // places sorted with keys at once
constexpr std::size_t kFewestForDigits = 2048;

struct Keyed {
  std::uint64_t key;
  std::uint32_t place;
  friend bool operator<(const Keyed& a, const Keyed& b) {
    return a.key != b.key ? a.key < b.key : a.place < b.place;
  }
};

// Sorts by key what lies in order of place, and leaves it so where keys are equal: least digit
// first; a digit that all keys share costs nothing.
class DigitSort {
 public:
  void sort(std::span<Keyed> items) {
    for (auto& digit : counts_) digit.fill(0);
    for (const Keyed& k : items) {
      for (unsigned d = 0; d < kDigits; ++d) ++counts_[d][digit_of(k.key, d)];
    }
    spare_.resize(std::max(spare_.size(), items.size()));
    std::span<Keyed> from = items, to = std::span(spare_).first(items.size());
    for (unsigned d = 0; d < kDigits; ++d) {
      auto& next = counts_[d];
      if (next[digit_of(items.front().key, d)] == items.size()) continue;
      std::exclusive_scan(next.begin(), next.end(), next.begin(), 0u);
      for (const Keyed& k : from) to[next[digit_of(k.key, d)]++] = k;
      std::swap(from, to);
    }
    if (from.data() != items.data()) std::copy(from.begin(), from.end(), items.begin());
  }

 private:
  static constexpr unsigned kBits = 11, kDigits = 6;  // 64 bits and two more
  static std::size_t digit_of(std::uint64_t key, unsigned d) {
    return (key >> (kBits * d)) & ((1u << kBits) - 1);
  }
  std::array<std::array<std::uint32_t, 1u << kBits>, kDigits> counts_;
  std::vector<Keyed> spare_;
};

struct Run {
  std::uint32_t begin, end;
};

constexpr std::uint32_t kPlacesAhead = 16;  // whose symbols are asked for before they are needed

class Sorter {
 public:
  Sorter(std::span<const std::uint32_t> symbols, std::uint32_t alphabet, ContextOrder& out)
      : symbols_(symbols), key_{packed_width(alphabet), 1}, out_(out) {}

  // Sorts places [begin, end), whose contexts agree in `depth` symbols, none of them a border.
  void sort(std::uint32_t begin, std::uint32_t end, unsigned depth) {
    if (end - begin < 2 || depth >= kMaxEngramContext) return;
    if (end - begin > kLargestGathered) return split(begin, end, depth);
    runs_.assign(1, {begin, end});
    base_ = begin;
    keyed_.resize(end - begin);
    for (std::uint32_t i = begin; i < end; ++i) keyed_[i - begin].place = out_.places[i];
    for (; !runs_.empty() && depth < kMaxEngramContext; depth += key_.count) refine(depth);
    for (std::uint32_t i = begin; i < end; ++i) out_.places[i] = keyed_[i - begin].place;
  }

 private:
  // The symbol `depth` before the one before the place; 0 at a border and at the text's beginning.
  std::uint32_t symbol(std::uint32_t place, unsigned depth) const {
    return place > depth ? symbols_[place - 1 - depth] : 0;
  }

  void ask_for(std::uint32_t place, unsigned depth) const {
    if (place > depth) __builtin_prefetch(&symbols_[place - 1 - depth]);
  }

  std::uint32_t symbol_of(std::uint64_t key, unsigned i) const { return key_symbol(key, i, key_); }
  unsigned leading_symbols(std::uint64_t key) const {  // before the first border
    unsigned n = 0;
    while (n < key_.count && symbol_of(key, n) != 0) ++n;
    return n;
  }
  unsigned shared_symbols(std::uint64_t a, std::uint64_t b) const {
    unsigned n = 0;
    while (n < key_.count && symbol_of(a, n) == symbol_of(b, n) && symbol_of(a, n) != 0) ++n;
    return n;
  }

  // One round for all runs: gather in one sweep (the cache misses overlap), then sort each.
  void refine(unsigned depth) {
    key_.count = std::min<unsigned>(64 / key_.bits, kMaxEngramContext - depth);
    for (const Run run : runs_) {
      for (std::uint32_t i = run.begin; i < run.end; ++i) {
        if (i + kPlacesAhead < run.end) ask_for(keyed_[i + kPlacesAhead - base_].place, depth);
        Keyed& k = keyed_[i - base_];
        k.key = context_key(symbols_, k.place, depth, key_);
      }
    }
    still_equal_.clear();
    for (const Run run : runs_) {
      const auto items = std::span(keyed_).subspan(run.begin - base_, run.end - run.begin);
      if (items.size() < kFewestForDigits) {
        std::sort(items.begin(), items.end());
      } else {
        digits_.sort(items);
      }
      find_runs(run, depth);
    }
    runs_.swap(still_equal_);
  }

  void find_runs(Run run, unsigned depth) {
    std::uint32_t equal_since = run.begin;
    for (std::uint32_t i = run.begin + 1; i <= run.end; ++i) {
      const std::uint64_t before = keyed_[i - 1 - base_].key;
      if (i < run.end) {
        const unsigned n = depth + shared_symbols(before, keyed_[i - base_].key);
        out_.shared[i] = static_cast<std::uint8_t>(n);  // a key ends at kMaxEngramContext
        if (keyed_[i - base_].key == before) continue;
      }
      if (i - equal_since > 1 && leading_symbols(before) == key_.count) {
        still_equal_.push_back({equal_since, i});
      }
      equal_since = i;
    }
  }

  // Too many to gather: a counting pass by one symbol, then each part by itself.
  void split(std::uint32_t begin, std::uint32_t end, unsigned depth) {
    std::vector<std::uint32_t> part_begin(out_.first.size() + 1, 0);
    for (std::uint32_t i = begin; i < end; ++i) ++part_begin[symbol(out_.places[i], depth) + 1];
    for (std::size_t s = 1; s < part_begin.size(); ++s) part_begin[s] += part_begin[s - 1];
    {
      std::vector<std::uint32_t> sorted(end - begin), next = part_begin;
      for (std::uint32_t i = begin; i < end; ++i) {
        sorted[next[symbol(out_.places[i], depth)]++] = out_.places[i];
      }
      std::copy(sorted.begin(), sorted.end(), out_.places.begin() + begin);
    }
    for (std::size_t s = 0; s + 1 < part_begin.size(); ++s) {
      const std::uint32_t from = begin + part_begin[s], to = begin + part_begin[s + 1];
      if (from == to) continue;
      if (from > begin) out_.shared[from] = static_cast<std::uint8_t>(depth);
      const unsigned in_common = s == 0 ? depth : depth + 1;  // a border ends both contexts
      std::fill(out_.shared.begin() + from + 1, out_.shared.begin() + to,
                static_cast<std::uint8_t>(in_common));
      if (s != 0) sort(from, to, depth + 1);
    }
  }

  std::span<const std::uint32_t> symbols_;
  KeyShape key_;  // of this round
  ContextOrder& out_;
  std::uint32_t base_ = 0;  // of keyed_ within places
  std::vector<Keyed> keyed_;
  DigitSort digits_;
  std::vector<Run> runs_, still_equal_;
};

// Counting sort by the symbol before each place.
void bucket_by_last_symbol(std::span<const std::uint32_t> symbols, std::uint32_t alphabet,
                           ContextOrder& out) {
  out.first.assign(std::size_t{alphabet} + 1, 0);
  for (std::size_t p = 1; p < symbols.size(); ++p) {
    ENGRAM_CHECK(symbols[p] < alphabet && symbols[p - 1] < alphabet, "a symbol of the alphabet");
    if (symbols[p] != 0 && symbols[p - 1] != 0) ++out.first[symbols[p - 1] + 1];
  }
  for (std::size_t s = 1; s < out.first.size(); ++s) out.first[s] += out.first[s - 1];
  out.places.resize(out.first.back());
  std::vector<std::uint32_t> next(out.first.begin(), out.first.end() - 1);
  for (std::size_t p = 1; p < symbols.size(); ++p) {
    if (symbols[p] != 0 && symbols[p - 1] != 0) {
      out.places[next[symbols[p - 1]]++] = static_cast<std::uint32_t>(p);
    }
  }
}

}  // namespace

Result<ContextOrder> order_by_context(std::span<const std::uint32_t> symbols,
                                      std::uint32_t alphabet, std::stop_token stop) {
  ENGRAM_CHECK(alphabet <= kMaxEngramSymbols && symbols.size() <= UINT32_MAX, "sizes that fit");
  ContextOrder out;
  bucket_by_last_symbol(symbols, alphabet, out);
  out.shared.assign(out.places.size(), 1);
  Sorter sorter(symbols, alphabet, out);
  for (std::uint32_t s = 1; s < alphabet; ++s) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "sorting contexts was stopped"};
    if (out.first[s] == out.first[s + 1]) continue;
    out.shared[out.first[s]] = 0;
    sorter.sort(out.first[s], out.first[s + 1], 1);
  }
  return out;
}

}  // namespace engram
