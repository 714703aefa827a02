#include "memory/semantic/source_codec.h"

#include <algorithm>
#include <map>

#include "memory/byte_codec.h"
#include "memory/compression.h"
#include "memory/semantic/local_symbols.h"
#include "memory/semantic/pool_rest.h"
#include "memory/semantic/pool_runs.h"

namespace engram {

Error damaged_source() {
  return {Errc::kCorrupt, "the facts of a source are damaged; index again to rebuild them"};
}

namespace {

constexpr unsigned kOtherLength = 1;     // than the symbol's usual one
constexpr unsigned kOtherContainer = 2;  // than what the borders say
constexpr unsigned kCodeShift = 2;

// From `begin` on things stand in `container`, until the next border.
struct Border {
  std::uint32_t begin = 0;
  SymbolNumber container = kNoNumber;
};

std::vector<Border> borders_of(const std::vector<PooledUse>& uses) {
  std::vector<Border> all;
  all.reserve(uses.size());
  for (const PooledUse& use : uses) all.push_back({use.begin, use.container});
  std::sort(all.begin(), all.end(), [](const Border& a, const Border& b) {
    return std::pair(a.begin, a.container) < std::pair(b.begin, b.container);
  });
  std::vector<Border> borders;
  for (const Border& at : all) {
    const SymbolNumber now = borders.empty() ? kNoNumber : borders.back().container;
    if (at.container == now || (!borders.empty() && borders.back().begin == at.begin)) continue;
    borders.push_back(at);
  }
  return borders;
}

SymbolNumber container_at(const std::vector<Border>& borders, std::uint32_t begin) {
  const auto after =
      std::upper_bound(borders.begin(), borders.end(), begin,
                       [](std::uint32_t at, const Border& border) { return at < border.begin; });
  return after == borders.begin() ? kNoNumber : (after - 1)->container;
}

// The length most uses of one symbol have.
std::uint32_t usual_length(const PooledUse* first, const PooledUse* last) {
  std::map<std::uint32_t, std::size_t> lengths;
  for (const PooledUse* use = first; use != last; ++use) ++lengths[use->end - use->begin];
  const auto most =
      std::max_element(lengths.begin(), lengths.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == lengths.end() ? 0 : most->first;
}

// Roles as they come together, in order of first sight.
class RoleSets {
 public:
  std::uint64_t code(std::uint16_t roles) {
    const auto it = std::find(sets_.begin(), sets_.end(), roles);
    if (it == sets_.end()) return sets_.push_back(roles), sets_.size() - 1;
    return static_cast<std::uint64_t>(it - sets_.begin());
  }
  const std::vector<std::uint16_t>& sets() const { return sets_; }

 private:
  std::vector<std::uint16_t> sets_;
};

void append_uses(std::string& out, const std::vector<PooledUse>& uses, const LocalSymbols& local) {
  std::string numbers, counts, lengths, begins, codes;  // columns: like compresses beside like
  RoleSets roles;
  const std::vector<Border> borders = borders_of(uses);
  const PooledUse* use = uses.data();
  const PooledUse* const end = use + uses.size();
  SymbolNumber last_number = 0;
  std::uint32_t last_first = 0;  // where the symbol before was used first
  for (const SymbolNumber number : local.numbers()) {
    const PooledUse* const first = use;
    while (use != end && use->symbol == number) ++use;
    const std::uint32_t length = usual_length(first, use);
    append_varint(numbers, number - last_number);
    append_varint(counts, static_cast<std::uint64_t>(use - first));
    append_varint(lengths, length);
    last_number = number;
    std::uint32_t last_begin = 0;
    for (const PooledUse* one = first; one != use; ++one) {
      if (one == first) {
        append_relative(begins, one->begin, last_first);
        last_first = one->begin;
      } else {
        append_varint(begins, one->begin - last_begin);
      }
      last_begin = one->begin;
      const bool other_length = one->end - one->begin != length;
      const bool other_container = container_at(borders, one->begin) != one->container;
      append_varint(codes, roles.code(one->roles) << kCodeShift |
                               (other_container ? kOtherContainer : 0) |
                               (other_length ? kOtherLength : 0));
      if (other_length) append_varint(codes, one->end - one->begin);
      if (other_container) append_varint(codes, local.optional(one->container));
    }
  }
  append_varint(out, local.numbers().size());
  append_bytes(out, numbers + counts + lengths);
  append_varint(out, roles.sets().size());
  for (const std::uint16_t set : roles.sets()) append_varint(out, set);
  append_varint(out, borders.size());
  std::uint32_t at = 0, before = 0;
  for (const Border& border : borders) {
    append_varint(out, border.begin - at);
    at = border.begin;
  }
  for (const Border& border : borders) {
    const std::uint32_t container = local.optional(border.container);
    append_relative(out, container, before);
    before = container;
  }
  append_varint(out, uses.size());
  append_bytes(out, begins);
  append_bytes(out, codes);
}

// Reads what append_uses wrote: the head at once, the uses for whoever asks.
class UsesReader {
 public:
  UsesReader(ByteReader& in, const PoolLimits& limits) : limits_(limits) {
    const std::size_t count = in.count();
    ByteReader symbols(in.bytes());
    symbols_.resize(std::min(count, symbols.remaining() / 3));
    if (symbols_.size() != count) symbols.fail();
    std::uint64_t number = 0, uses = 0;
    for (std::size_t i = 0; i < symbols_.size() && symbols.ok(); ++i) {
      const std::uint64_t step = symbols.varint();
      number += step;
      if ((i > 0 && step == 0) || step > limits.symbols || number >= limits.symbols) symbols.fail();
      symbols_[i].number = static_cast<SymbolNumber>(number);
    }
    for (Entry& entry : symbols_) uses += entry.uses = symbols.varint32();
    for (Entry& entry : symbols_) entry.length = symbols.varint32();
    if (!symbols.ok() || !symbols.at_end()) in.fail();
    read_roles(in);
    read_borders(in);
    count_ = in.varint32();
    begins_ = in.bytes();
    codes_ = in.bytes();
    if (count_ != uses || count_ > begins_.size() || count_ > codes_.size()) in.fail();
  }

  std::uint32_t count() const { return count_; }
  std::vector<SymbolNumber> numbers() const {
    std::vector<SymbolNumber> numbers;
    numbers.reserve(symbols_.size());
    for (const Entry& entry : symbols_) numbers.push_back(entry.number);
    return numbers;
  }

  // Calls visit(position, use) for each use of `wanted` (kNoNumber: of all) that covers `at`
  // (kNoNumber: anywhere); false when damaged.
  template <class Visit>
  bool read(SymbolNumber wanted, std::uint32_t at, Visit visit) const {
    ByteReader begins(begins_), codes(codes_);
    std::uint32_t position = 0;
    std::uint32_t first = 0;
    for (const Entry& entry : symbols_) {
      const bool skip = wanted != kNoNumber && entry.number != wanted;
      std::uint64_t begin = 0;
      for (std::uint32_t i = 0; i < entry.uses; ++i, ++position) {
        if (i == 0) {
          begin = first = begins.relative32(first);
        } else {
          begin += begins.varint32();
        }
        const std::uint64_t code = codes.varint();
        const std::uint64_t length =
            (code & kOtherLength) != 0 ? codes.varint32() : std::uint64_t{entry.length};
        const std::uint64_t other = (code & kOtherContainer) != 0 ? codes.varint() : 0;
        if (!begins.ok() || !codes.ok() || begin + length > limits_.size ||
            code >> kCodeShift >= roles_.size() || other > symbols_.size()) {
          return false;
        }
        if (skip || (at != kNoNumber && (at < begin || begin + length < at))) continue;
        PooledUse use;
        use.symbol = entry.number;
        use.begin = static_cast<std::uint32_t>(begin);
        use.end = static_cast<std::uint32_t>(begin + length);
        use.roles = roles_[code >> kCodeShift];
        use.container = (code & kOtherContainer) == 0 ? container_at(borders_, use.begin)
                        : other == 0                  ? kNoNumber
                                                      : symbol(other - 1);
        visit(position, use);
      }
      if (wanted != kNoNumber && !skip) return true;
    }
    return begins.at_end() && codes.at_end();
  }

 private:
  struct Entry {
    SymbolNumber number = 0;
    std::uint32_t uses = 0, length = 0;
  };

  SymbolNumber symbol(std::uint64_t index) const { return symbols_[index].number; }

  void read_roles(ByteReader& in) {
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
      const std::uint32_t set = in.varint32();
      if (set > kAllRoles) in.fail();
      roles_.push_back(static_cast<std::uint16_t>(set & kAllRoles));
    }
  }

  void read_borders(ByteReader& in) {
    borders_.resize(in.count(2));
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < borders_.size() && in.ok(); ++i) {
      const std::uint64_t step = in.varint32();
      at += step;
      if (at > limits_.size || (step == 0 && i > 0)) in.fail();
      borders_[i].begin = static_cast<std::uint32_t>(at);
    }
    std::uint32_t container = 0;
    for (std::size_t i = 0; i < borders_.size() && in.ok(); ++i) {
      container = in.relative32(container);
      if (container > symbols_.size()) in.fail();
      if (in.ok()) borders_[i].container = container == 0 ? kNoNumber : symbol(container - 1);
    }
  }

  PoolLimits limits_;
  std::vector<Entry> symbols_;
  std::vector<std::uint16_t> roles_;
  std::vector<Border> borders_;
  std::uint32_t count_ = 0;
  std::string_view begins_, codes_;
};

}  // namespace

// The runs come first: whoever asks for one symbol's uses needs nothing behind the uses.
std::string encode_pool(const SourcePool& pool, const PoolRuns& inferred) {
  std::string out;
  append_varint(out, pool.size());
  append_runs(out, inferred);
  const LocalSymbols local(pool);
  append_uses(out, pool.uses, local);
  append_rest(out, pool, local);
  return compress(out, 9);
}

Result<DecodedPool> decode_pool(std::string_view blob, const PoolLimits& limits) {
  const Result<std::string> raw = decompress(blob);  // g++ 12 sees a moved string uninitialised
  if (!raw) return raw.error();
  ByteReader in(*raw);
  DecodedPool out;
  const std::uint32_t size = in.varint32();
  out.inferred = read_runs(in, size);
  const UsesReader uses(in, limits);
  if (!in.ok()) return damaged_source();
  out.pool.uses.reserve(uses.count());
  bool ascending = true;
  const bool sound = uses.read(kNoNumber, kNoNumber, [&](std::uint32_t, const PooledUse& use) {
    ascending = ascending && (out.pool.uses.empty() || out.pool.uses.back() < use);
    out.pool.uses.push_back(use);
  });
  if (!sound || !ascending) return damaged_source();
  read_rest(in, uses.numbers(), limits, out.pool);
  if (!in.ok() || !in.at_end() || out.pool.size() != size) return damaged_source();
  return out;
}

namespace {

Result<std::vector<SemanticUse>> decode_some_uses(std::string_view blob, const PoolLimits& limits,
                                                  SymbolNumber symbol, std::uint32_t at) {
  thread_local std::string raw;  // many are read in a row: keeps its capacity
  ENGRAM_TRY_VOID(decompress_into(raw, blob));
  ByteReader in(raw);
  const std::uint32_t size = in.varint32();
  const PoolRuns inferred = read_runs(in, size);
  const UsesReader reader(in, limits);
  if (!in.ok()) return damaged_source();
  std::vector<SemanticUse> uses;
  const bool sound = reader.read(symbol, at, [&](std::uint32_t position, const PooledUse& use) {
    uses.push_back({use.begin, use.end, use.symbol, use.container, use.roles,
                    contains(inferred, position) ? Certainty::kInferred : Certainty::kSemantic});
  });
  if (!sound) return damaged_source();
  return uses;
}

}  // namespace

Result<std::vector<SemanticUse>> decode_uses_of(std::string_view blob, const PoolLimits& limits,
                                                SymbolNumber symbol) {
  return decode_some_uses(blob, limits, symbol, kNoNumber);
}

Result<std::vector<SemanticUse>> decode_uses_at(std::string_view blob, const PoolLimits& limits,
                                                std::uint32_t offset) {
  return decode_some_uses(blob, limits, kNoNumber, offset);
}

std::array<std::uint8_t, 16> view_hash(const SourcePool& view, bool semantic) {
  std::string out(1, semantic ? '\1' : '\0');
  const LocalSymbols local(view);
  append_varint(out, view.uses.size());
  for (const PooledUse& use : view.uses) {
    for (const std::uint32_t value :
         {use.symbol, use.begin, use.end, use.container, std::uint32_t{use.roles}}) {
      append_varint(out, value);
    }
  }
  append_varint(out, local.numbers().size());
  for (const SymbolNumber number : local.numbers()) append_varint(out, number);
  append_rest(out, view, local);
  const Sha256 whole = sha256(out);
  std::array<std::uint8_t, 16> hash{};
  std::copy_n(whole.bytes.begin(), hash.size(), hash.begin());
  return hash;
}

}  // namespace engram
