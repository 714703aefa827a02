#include "memory/semantic/free_symbols.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "memory/segments.h"
#include "memory/semantic/source_codec.h"

namespace engram {

namespace {

constexpr std::size_t kMaxNameTerm = 1024;  // longer names are stored, not looked up
constexpr std::size_t kBitBytes = kSymbolsPerBlock / 8;

Error damaged_free_symbols() {
  return {Errc::kCorrupt, "the list of unused symbols is damaged; index again to rebuild it"};
}

std::string bytes_of(const std::bitset<kSymbolsPerBlock>& bits) {
  std::string out(kBitBytes, '\0');
  for (std::size_t i = 0; i < bits.size(); ++i) {
    if (bits[i])
      out[i / 8] = static_cast<char>(static_cast<unsigned char>(out[i / 8]) | 1U << i % 8);
  }
  return out;
}

std::bitset<kSymbolsPerBlock> bits_of(std::string_view bytes) {
  std::bitset<kSymbolsPerBlock> out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = (static_cast<unsigned char>(bytes[i / 8]) >> i % 8 & 1U) != 0;
  }
  return out;
}

// The last one that a set has; none.
std::optional<std::size_t> last_of(const std::bitset<kSymbolsPerBlock>& bits) {
  for (std::size_t i = bits.size(); i-- > 0;) {
    if (bits[i]) return i;
  }
  return {};
}

}  // namespace

bool is_listed(const UnitSymbol& symbol) {
  return !symbol.local && !symbol.name.empty() && symbol.name.size() <= kMaxNameTerm;
}

Result<std::uint64_t> free_symbol_count(Database& db) {
  std::uint64_t count = 0;
  Query rows(db, "SELECT listed, unlisted FROM free_symbols");
  while (rows.next()) {
    for (const int column : {0, 1}) {
      if (rows.blob(column).size() != kBitBytes) return damaged_free_symbols();
      count += bits_of(rows.blob(column)).count();
    }
  }
  ENGRAM_TRY_VOID(rows.done());
  return count;
}

Result<void> FreeSymbols::load(SymbolNumber symbols) {
  symbols_ = symbols;
  Query row(db_, "SELECT value FROM meta WHERE key = 'mentioned_symbols'");
  if (row.next()) {
    const std::string_view text = row.blob(0);
    SymbolNumber number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    mentioned_ = number;
  }
  ENGRAM_TRY_VOID(row.done());
  Query rows(db_, "SELECT block, listed, unlisted FROM free_symbols");
  while (rows.next()) {
    if (rows.blob(1).size() != kBitBytes || rows.blob(2).size() != kBitBytes) {
      return damaged_free_symbols();
    }
    const Block block{bits_of(rows.blob(1)), bits_of(rows.blob(2)), false};
    const auto last = last_of(block.listed | block.unlisted);
    if (!last || rows.id(0) > symbols / kSymbolsPerBlock ||
        rows.id(0) * kSymbolsPerBlock + *last >= symbols) {
      return damaged_free_symbols();
    }
    free_ += block.listed.count() + block.unlisted.count();
    free_listed_ += block.listed.count();
    blocks_.emplace(static_cast<SymbolNumber>(rows.id(0)), block);
  }
  return rows.done();
}

Result<void> FreeSymbols::sweep_if_due(std::size_t most_new) {
  const std::size_t before = mentioned_ + free_;
  const std::size_t fresh = symbols_ - std::min<std::size_t>(symbols_, before);
  if (fresh <= most_new || fresh <= mentioned_ / 4) return {};
  return sweep();
}

Result<void> FreeSymbols::sweep() {
  ENGRAM_TRY(seen, mentioned());
  for (auto& [index, block] : blocks_) block = {{}, {}, true};
  free_ = free_listed_ = 0;
  unlisted_from_ = 0;
  for (SymbolNumber block = 0; block * kSymbolsPerBlock < symbols_; ++block) {
    const auto begin =
        seen.begin() + static_cast<std::ptrdiff_t>(std::size_t{block} * kSymbolsPerBlock);
    const auto end = static_cast<std::ptrdiff_t>(
        std::min<std::size_t>(seen.size(), (std::size_t{block} + 1) * kSymbolsPerBlock));
    if (std::find(begin, seen.begin() + end, false) == seen.begin() + end) continue;
    ENGRAM_TRY_VOID(add_unmentioned(block, seen));
  }
  mentioned_ = static_cast<SymbolNumber>(symbols_ - free_);
  return {};
}

// By number: whether any pool has it.
Result<std::vector<bool>> FreeSymbols::mentioned() const {
  std::vector<bool> out(symbols_);
  const auto mention = [&](SymbolNumber number) {
    if (number < out.size()) out[number] = true;
  };
  Query rows(db_,
             "SELECT pool, size FROM source_pools JOIN sources ON "
             "sources.number = source_pools.number");
  while (rows.next()) {
    ENGRAM_TRY(decoded,
               decode_pool(rows.blob(0), {symbols_, static_cast<std::uint32_t>(rows.id(1))}));
    for (const PooledUse& use : decoded.pool.uses) {
      mention(use.symbol);
      mention(use.container);
    }
    for (const SemanticLink& link : decoded.pool.links) {
      mention(link.from);
      mention(link.to);
    }
    for (const SemanticExtent& extent : decoded.pool.extents) mention(extent.symbol);
  }
  ENGRAM_TRY_VOID(rows.done());
  return out;
}

Result<void> FreeSymbols::add_unmentioned(SymbolNumber index, const std::vector<bool>& mentioned) {
  Query row(db_, "SELECT keys, data FROM symbol_blocks WHERE block = ?", index);
  if (!row.next()) return damaged_free_symbols();
  ENGRAM_TRY(symbols, decode_symbol_block(row.blob(0), row.blob(1)));
  Block& block = blocks_[index];
  block.changed = true;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const std::size_t number = index * kSymbolsPerBlock + i;
    if (number >= mentioned.size() || mentioned[number]) continue;
    const bool listed = is_listed(symbols[i].facts);
    (listed ? block.listed : block.unlisted).set(i);
    if (listed) ++free_listed_;
    ++free_;
  }
  return {};
}

std::optional<SymbolNumber> FreeSymbols::take_unlisted() {
  for (auto it = blocks_.lower_bound(unlisted_from_); it != blocks_.end(); ++it) {
    unlisted_from_ = it->first;
    if (it->second.unlisted.none()) continue;
    const auto number =
        static_cast<SymbolNumber>(it->first * kSymbolsPerBlock + *last_of(it->second.unlisted));
    take(number);
    return number;
  }
  return {};
}

Result<std::optional<SymbolNumber>> FreeSymbols::take_for(const UnitSymbol& symbol) {
  std::optional<SymbolNumber> none;
  if (free_ == 0) return none;
  if (!is_listed(symbol)) return take_unlisted();
  if (free_listed_ == 0) return none;
  ENGRAM_TRY(postings, find_postings(db_, TermKind::kSymbolNames, symbol.name));
  for (const TermPosting& posting : postings) {
    if (posting.value != static_cast<std::uint8_t>(symbol.kind) || posting.id >= symbols_) continue;
    const auto number = static_cast<SymbolNumber>(posting.id);
    const auto block = blocks_.find(number / kSymbolsPerBlock);
    if (block == blocks_.end() || !block->second.listed[number % kSymbolsPerBlock]) continue;
    take(number);
    return std::optional(number);
  }
  return none;
}

void FreeSymbols::take(SymbolNumber number) {
  if (free_ == 0) return;
  const auto it = blocks_.find(number / kSymbolsPerBlock);
  const std::size_t bit = number % kSymbolsPerBlock;
  if (it == blocks_.end() || !(it->second.listed[bit] || it->second.unlisted[bit])) return;
  if (it->second.listed[bit]) --free_listed_;
  it->second.listed.reset(bit);
  it->second.unlisted.reset(bit);
  it->second.changed = true;
  --free_;
}

Result<void> FreeSymbols::flush() {
  for (auto it = blocks_.begin(); it != blocks_.end();) {
    Block& block = it->second;
    if (block.changed && block.empty()) {
      ENGRAM_TRY_VOID(Query(db_, "DELETE FROM free_symbols WHERE block = ?", it->first).run());
    } else if (block.changed) {
      ENGRAM_TRY_VOID(Query(db_, "INSERT OR REPLACE INTO free_symbols VALUES(?, ?, ?)", it->first,
                            Blob{bytes_of(block.listed)}, Blob{bytes_of(block.unlisted)})
                          .run());
    }
    block.changed = false;
    it = block.empty() ? blocks_.erase(it) : std::next(it);
  }
  return Query(db_, "INSERT OR REPLACE INTO meta VALUES('mentioned_symbols', ?)",
               std::to_string(mentioned_))
      .run();
}

}  // namespace engram
