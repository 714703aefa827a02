#include "memory/semantic/symbol_writer.h"

#include <algorithm>

#include "memory/segments.h"

namespace engram {

namespace {

constexpr std::size_t kLooksBeforeAll = 8;

Error missing_symbols() {
  return {Errc::kCorrupt, "symbols are missing from the store; index again to rebuild it"};
}

std::uint64_t told_hash(SymbolNumber number, const UnitSymbol& facts) {
  std::uint64_t hash = xxh3(facts.name, number);
  hash =
      xxh3(facts.qualified_name, hash + static_cast<std::uint64_t>(facts.kind) * 2 + facts.local);
  hash = xxh3(facts.signature, hash);
  return xxh3(facts.doc, hash);
}

// The better of two texts, whichever came first.
bool is_better(const std::string& text, const std::string& than) {
  return text.size() != than.size() ? text.size() > than.size() : text < than;
}

bool take(std::string& have, const std::string& told, bool replace) {
  if (told.empty() || told == have || (!replace && !is_better(told, have))) return false;
  have = told;
  return true;
}

}  // namespace

Result<void> SymbolWriter::load() {
  Query row(db_, "SELECT block, keys FROM symbol_blocks ORDER BY block DESC LIMIT 1");
  if (row.next()) {
    ENGRAM_TRY(keys, decode_symbol_keys(row.blob(1)));
    stored_ = row.id(0) * kSymbolsPerBlock + keys.size();
    if (stored_ >= kNoNumber) return missing_symbols();
  }
  ENGRAM_TRY_VOID(row.done());
  count_ = stored_;
  all_known_ = stored_ == 0;
  return free_.load(count());
}

// Those that were stored when the store was opened; later ones are known.
template <class Visit>
Result<void> SymbolWriter::for_each_stored_key(Visit visit) {
  std::size_t number = 0;
  Query rows(db_, "SELECT block, keys FROM symbol_blocks ORDER BY block");
  while (number < stored_ && rows.next()) {
    ENGRAM_TRY(keys, decode_symbol_keys(rows.blob(1)));
    if (rows.id(0) * kSymbolsPerBlock != number) return missing_symbols();
    for (const StoredKey key : keys) {
      if (number < stored_) visit(key, static_cast<SymbolNumber>(number++));
    }
  }
  ENGRAM_TRY_VOID(rows.done());
  return number == stored_ ? Result<void>() : missing_symbols();
}

Result<void> SymbolWriter::find(std::span<const UnitSymbol> symbols) {
  if (all_known_) return {};
  if (looks_ == 0) ENGRAM_TRY_VOID(free_.sweep_if_due(sweep_after_));
  std::unordered_set<StoredKey> wanted;
  std::vector<bool> first_bytes(1 << 16);  // most keys are none of these: told by their beginning
  for (const UnitSymbol& symbol : symbols) {
    const StoredKey key = stored_key(symbol.key);
    if (numbers_.contains(key)) continue;
    wanted.insert(key);
    first_bytes[key & 0xffff] = true;
  }
  if (wanted.empty()) return {};
  all_known_ = ++looks_ > kLooksBeforeAll;
  if (all_known_) numbers_.reserve(stored_ + wanted.size());
  return for_each_stored_key([&](StoredKey key, SymbolNumber number) {
    if (all_known_ || (first_bytes[key & 0xffff] && wanted.contains(key))) {
      if (!reused_.contains(number)) numbers_.emplace(key, number);
    }
  });
}

Result<SymbolWriter::Block*> SymbolWriter::block_of(SymbolNumber number) {
  const SymbolNumber index = number / kSymbolsPerBlock;
  const auto [it, is_new] = blocks_.try_emplace(index);
  if (!is_new) return &it->second;
  Query row(db_, "SELECT keys, data FROM symbol_blocks WHERE block = ?", index);
  if (row.next()) {
    ENGRAM_TRY(symbols, decode_symbol_block(row.blob(0), row.blob(1)));
    it->second.symbols = std::move(symbols);
  }
  ENGRAM_TRY_VOID(row.done());
  return &it->second;
}

Result<SymbolNumber> SymbolWriter::put(const UnitSymbol& facts) {
  const StoredKey key = stored_key(facts.key);
  const auto known = numbers_.find(key);
  const bool is_new = known == numbers_.end();
  SymbolNumber number = is_new ? 0 : known->second;
  if (is_new) {
    ENGRAM_TRY(given, number_for(facts));
    number = given;
    numbers_.emplace(key, number);
  } else {
    free_.take(number);
  }
  if (!told_.insert(told_hash(number, facts)).second) return number;
  ENGRAM_TRY(block, block_of(number));
  if (is_new) {
    add(*block, number, facts);
  } else {
    merge(*block, number, facts);
  }
  return number;
}

Result<SymbolNumber> SymbolWriter::number_for(const UnitSymbol& facts) {
  ENGRAM_TRY(unused, free_.take_for(facts));
  if (!unused) return count();
  ENGRAM_TRY(block, block_of(*unused));
  if (*unused % kSymbolsPerBlock >= block->symbols.size()) return missing_symbols();
  const auto before =
      numbers_.find(stored_key(block->symbols[*unused % kSymbolsPerBlock].facts.key));
  if (before != numbers_.end() && before->second == *unused) numbers_.erase(before);
  reused_.insert(*unused);
  return *unused;
}

void SymbolWriter::add(Block& block, SymbolNumber number, const UnitSymbol& facts) {
  const bool never_used = number == count_;
  if (never_used) {
    ++count_;
    block.symbols.emplace_back();
  }
  StoredSymbol& symbol = block.symbols[number % kSymbolsPerBlock];
  symbol = {facts, kNoNumber};
  symbol.facts.key = key_from(stored_key(facts.key));
  block.changed = true;
  this_run_.insert(number);
  // A number that is used again is in the list by this name already.
  if (never_used && is_listed(facts)) names_.push_back({facts.name, number, facts.kind});
}

void SymbolWriter::merge(Block& block, SymbolNumber number, const UnitSymbol& facts) {
  UnitSymbol& have = block.symbols[number % kSymbolsPerBlock].facts;
  const bool replace = this_run_.insert(number).second;
  bool changed = take(have.name, facts.name, replace);
  changed |= take(have.qualified_name, facts.qualified_name, replace);
  changed |= take(have.signature, facts.signature, replace);
  changed |= take(have.doc, facts.doc, replace);
  if (facts.kind != have.kind && (replace || facts.kind > have.kind)) {
    have.kind = facts.kind;
    changed = true;
  }
  block.changed |= changed;
}

Result<SourceNumber> SymbolWriter::home(SymbolNumber number) {
  ENGRAM_TRY(block, block_of(number));
  return block->symbols[number % kSymbolsPerBlock].home;
}

Result<void> SymbolWriter::set_home(SymbolNumber number, SourceNumber home) {
  ENGRAM_TRY(block, block_of(number));
  block->symbols[number % kSymbolsPerBlock].home = home;
  block->changed = true;
  return {};
}

Result<void> SymbolWriter::flush() {
  for (const auto& [index, block] : blocks_) {
    if (!block.changed) continue;
    const SymbolBlock blobs = encode_symbol_block(block.symbols);
    ENGRAM_TRY_VOID(Query(db_, "INSERT OR REPLACE INTO symbol_blocks VALUES(?, ?, ?)", index,
                          Blob{blobs.keys}, Blob{blobs.data})
                        .run());
  }
  blocks_.clear();
  reused_.clear();
  if (stored_ == 0) free_.start_with(count());
  ENGRAM_TRY_VOID(free_.flush());
  return write_names();
}

Result<void> SymbolWriter::write_names() {
  TermList list;
  for (const NewName& name : names_) {
    list.terms.push_back({static_cast<std::uint32_t>(list.bytes.size()),
                          static_cast<std::uint32_t>(name.name.size()),
                          static_cast<std::uint32_t>(list.postings.size()), 1});
    list.bytes += name.name;
    list.postings.push_back({name.number, static_cast<std::uint8_t>(name.kind)});
  }
  names_.clear();
  TermBatch batch;
  batch.add(list, 0);
  return add_segment(db_, TermKind::kSymbolNames, batch);
}

}  // namespace engram
