#include "memory/semantic/pool_rest.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace engram {

namespace {

// Where each symbol is defined, else declared: the first such place. Extents lie around it.
class DefinedAt {
 public:
  explicit DefinedAt(const std::vector<PooledUse>& uses) {
    for (const PooledUse& use : uses) {
      if (places_.empty() || places_.back().symbol != use.symbol) {
        places_.push_back({use.symbol, 0, 0, 0});
      }
      Place& place = places_.back();
      const int rank = (use.roles & kRoleDefinition) != 0    ? 2
                       : (use.roles & kRoleDeclaration) != 0 ? 1
                                                             : 0;
      if (rank > place.rank) place = {use.symbol, rank, use.begin, use.end};
    }
  }
  std::pair<std::uint32_t, std::uint32_t> of(SymbolNumber symbol) const {
    const auto it =
        std::lower_bound(places_.begin(), places_.end(), symbol,
                         [](const Place& place, SymbolNumber of) { return place.symbol < of; });
    if (it == places_.end() || it->symbol != symbol) return {0, 0};
    return {it->begin, it->end};
  }

 private:
  struct Place {
    SymbolNumber symbol = 0;
    int rank = 0;
    std::uint32_t begin = 0, end = 0;
  };
  std::vector<Place> places_;
};

// The links that the uses themselves tell: calls, nearly all there are and hardly one too many,
// and with `members` that what is declared in something is a member of it (a local is not).
// Ascending.
std::vector<SemanticLink> links_among(const std::vector<PooledUse>& uses, bool members) {
  std::vector<SemanticLink> links;
  for (const PooledUse& use : uses) {
    if (use.container == kNoNumber) continue;
    if ((use.roles & kRoleCall) != 0) {
      links.push_back({use.container, RelationKind::kCalls, use.symbol});
    }
    if (members && (use.roles & (kRoleDeclaration | kRoleDefinition)) != 0) {
      links.push_back({use.symbol, RelationKind::kMemberOf, use.container});
    }
  }
  std::sort(links.begin(), links.end());
  links.erase(std::unique(links.begin(), links.end()), links.end());
  return links;
}

// What is in one of two ascending lists alone.
std::vector<SemanticLink> in_one_alone(const std::vector<SemanticLink>& a,
                                       const std::vector<SemanticLink>& b) {
  std::vector<SemanticLink> out;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

void append_links(std::string& out, const SourcePool& pool, const LocalSymbols& local) {
  std::vector<SemanticLink> links = in_one_alone(pool.links, links_among(pool.uses, false));
  std::vector<SemanticLink> fewer = in_one_alone(pool.links, links_among(pool.uses, true));
  const bool members = fewer.size() < links.size();
  if (members) links = std::move(fewer);
  out.push_back(members ? 1 : 0);
  append_varint(out, links.size());
  std::uint32_t from = 0;
  for (const SemanticLink& link : links) {
    append_varint(out, local.index(link.from) - from);
    from = local.index(link.from);
  }
  for (const SemanticLink& link : links) out.push_back(static_cast<char>(link.kind));
  for (const SemanticLink& link : links) {
    append_relative(out, local.index(link.to), local.index(link.from));
  }
}

void append_extents(std::string& out, const SourcePool& pool, const LocalSymbols& local) {
  const DefinedAt defined(pool.uses);
  append_varint(out, pool.extents.size());
  std::uint32_t symbol = 0;
  for (const SemanticExtent& extent : pool.extents) {
    append_varint(out, local.index(extent.symbol) - symbol);
    symbol = local.index(extent.symbol);
  }
  for (const SemanticExtent& extent : pool.extents) {
    append_relative(out, extent.begin, defined.of(extent.symbol).first);
  }
  for (const SemanticExtent& extent : pool.extents) {
    append_relative(out, extent.end, defined.of(extent.symbol).second);
  }
  for (const SemanticExtent& extent : pool.extents) {
    append_relative(out, extent.body_begin, extent.end);
  }
  for (const SemanticExtent& extent : pool.extents) {
    append_relative(out, extent.body_end, extent.end);
  }
}

class RestReader {
 public:
  RestReader(ByteReader& in, std::span<const SymbolNumber> symbols, const PoolLimits& limits,
             SourcePool& pool)
      : in_(in), symbols_(symbols), limits_(limits) {
    read_links(pool);
    read_extents(pool);
    read_part(pool.inclusions, 4, [&] {
      PooledInclusion i;
      span(i.begin, i.end);
      const std::uint64_t target = in_.varint();
      const std::uint8_t angled = in_.byte();
      if (target > kNoNumber || angled > 1) in_.fail();
      i.target = target == 0 ? kNoNumber : static_cast<SourceNumber>(target - 1);
      i.angled = angled == 1;
      return i;
    });
    read_part(pool.inactive, 2, [&] {
      SemanticRegion region;
      span(region.begin, region.end);
      return region;
    });
    read_part(pool.diagnostics, 1, [&] { return std::string(in_.bytes()); });
  }

 private:
  // Ascending, each once.
  template <class Item, class Read>
  void read_part(std::vector<Item>& items, std::size_t min_bytes, Read read) {
    for (std::size_t n = in_.count(min_bytes); n > 0 && in_.ok(); --n) {
      Item item = read();
      if (!items.empty() && !(items.back() < item)) in_.fail();
      items.push_back(std::move(item));
    }
  }

  template <class Item>
  void check_ascending(const std::vector<Item>& items) {
    for (std::size_t i = 1; i < items.size(); ++i) {
      if (!(items[i - 1] < items[i])) in_.fail();
    }
  }

  void read_links(SourcePool& pool) {
    const std::uint8_t members = in_.byte();
    if (members > 1) in_.fail();
    std::vector<SemanticLink> links(in_.count(3));
    std::vector<std::uint32_t> from(links.size());
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < links.size(); ++i) {
      last += in_.varint32();
      links[i].from = symbol(last);
      from[i] = static_cast<std::uint32_t>(last);
    }
    for (SemanticLink& link : links) {
      const std::uint8_t kind = in_.byte();
      if (kind > static_cast<std::uint8_t>(RelationKind::kTypeOf)) in_.fail();
      link.kind = static_cast<RelationKind>(kind);
    }
    for (std::size_t i = 0; i < links.size(); ++i) links[i].to = symbol(in_.relative32(from[i]));
    check_ascending(links);
    if (in_.ok()) pool.links = in_one_alone(links, links_among(pool.uses, members == 1));
  }

  void read_extents(SourcePool& pool) {
    pool.extents.resize(in_.count(5));
    const DefinedAt defined(pool.uses);
    std::uint64_t last = 0;
    for (SemanticExtent& extent : pool.extents) {
      last += in_.varint32();
      extent.symbol = symbol(last);
    }
    for (SemanticExtent& e : pool.extents) e.begin = position_from(defined.of(e.symbol).first);
    for (SemanticExtent& e : pool.extents) e.end = position_from(defined.of(e.symbol).second);
    for (SemanticExtent& e : pool.extents) e.body_begin = position_from(e.end);
    for (SemanticExtent& e : pool.extents) {
      e.body_end = position_from(e.end);
      if (e.begin > e.end || e.body_begin > e.body_end) in_.fail();
    }
    check_ascending(pool.extents);
  }

  SymbolNumber symbol(std::uint64_t index) {
    if (index >= symbols_.size()) return in_.fail();
    return symbols_[index];
  }
  std::uint32_t position() {
    const std::uint32_t at = in_.varint32();
    if (at > limits_.size) return in_.fail();
    return at;
  }
  std::uint32_t position_from(std::uint32_t base) {
    const std::uint32_t at = in_.relative32(base);
    if (at > limits_.size) return in_.fail();
    return at;
  }
  void span(std::uint32_t& begin, std::uint32_t& end) {
    begin = position();
    const std::uint64_t last = std::uint64_t{begin} + in_.varint32();
    if (last > limits_.size) in_.fail();
    end = in_.ok() ? static_cast<std::uint32_t>(last) : begin;
  }

  ByteReader& in_;
  std::span<const SymbolNumber> symbols_;
  const PoolLimits& limits_;
};

}  // namespace

void append_rest(std::string& out, const SourcePool& pool, const LocalSymbols& local) {
  append_links(out, pool, local);
  append_extents(out, pool, local);
  append_varint(out, pool.inclusions.size());
  for (const PooledInclusion& i : pool.inclusions) {
    append_varint(out, i.begin);
    append_varint(out, i.end - i.begin);
    append_varint(out, i.target == kNoNumber ? 0 : std::uint64_t{i.target} + 1);
    out.push_back(i.angled ? 1 : 0);
  }
  append_varint(out, pool.inactive.size());
  for (const SemanticRegion& region : pool.inactive) {
    append_varint(out, region.begin);
    append_varint(out, region.end - region.begin);
  }
  append_varint(out, pool.diagnostics.size());
  for (const std::string& diagnostic : pool.diagnostics) append_bytes(out, diagnostic);
}

void read_rest(ByteReader& in, std::span<const SymbolNumber> symbols, const PoolLimits& limits,
               SourcePool& pool) {
  RestReader(in, symbols, limits, pool);
}

}  // namespace engram
