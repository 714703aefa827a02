// memory/semantic/symbol_writer.h: gives symbols their numbers and keeps what is known of them.
// Private to memory/.
//
// Several units tell of one symbol, and not all know as much: a signature or comment that is empty
// replaces nothing. What a unit of this run tells replaces what earlier runs knew; among units of
// one run the longer text wins, so that their order does not matter. Numbers of symbols that
// nothing mentions any more are given out again (free_symbols.h).
//
// Threads: confined to one thread.  Errors: those of Database; kCorrupt.
#pragma once

#include <map>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/result.h"
#include "memory/semantic/free_symbols.h"
#include "memory/semantic/symbol_block.h"
#include "memory/sqlite.h"

namespace engram {

class SymbolWriter {
 public:
  // `sweep_after`: new symbols before unused ones are looked for.
  SymbolWriter(Database& db, std::size_t sweep_after)
      : db_(db), free_(db), sweep_after_(sweep_after) {}

  Result<void> load();  // how many there are
  // Finds which of these the store has: one look at all stored keys (8 bytes a symbol) for a unit
  // that tells of symbols not seen in this run; of many units, all keys are read once and kept. The
  // first may read all pools for symbols that went.
  Result<void> find(std::span<const UnitSymbol> symbols);
  // REQUIRES: it was among those of a find().
  Result<SymbolNumber> put(const UnitSymbol& facts);
  // Where the symbol lives. A new home is only for one whose old one is gone.
  Result<SourceNumber> home(SymbolNumber number);
  Result<void> set_home(SymbolNumber number, SourceNumber home);
  SymbolNumber count() const { return static_cast<SymbolNumber>(count_); }
  // Writes changed blocks and names of new symbols; forgets the blocks.
  Result<void> flush();

 private:
  struct Block {
    std::vector<StoredSymbol> symbols;
    bool changed = false;
  };
  struct NewName {
    std::string name;
    SymbolNumber number = 0;
    SymbolKind kind = SymbolKind::kUnknown;
  };

  using Numbers = std::unordered_map<StoredKey, SymbolNumber>;  // a key is a piece of a SHA-256
  template <class Visit>
  Result<void> for_each_stored_key(Visit visit);
  Result<Block*> block_of(SymbolNumber number);
  Result<SymbolNumber> number_for(const UnitSymbol& facts);  // of a new one
  void add(Block& block, SymbolNumber number, const UnitSymbol& facts);
  void merge(Block& block, SymbolNumber number, const UnitSymbol& facts);
  Result<void> write_names();

  Database& db_;
  FreeSymbols free_;
  std::size_t sweep_after_;
  std::unordered_set<SymbolNumber> reused_;  // what is stored at these is another; since a flush
  Numbers numbers_;                          // of what was looked for; when `all_known_`, of all
  bool all_known_ = false;
  std::size_t looks_ = 0;
  std::size_t count_ = 0, stored_ = 0;         // symbols; of those, when it was opened
  std::map<SymbolNumber, Block> blocks_;       // by number / kSymbolsPerBlock; since the last flush
  std::vector<NewName> names_;                 // since the last flush
  std::unordered_set<std::uint64_t> told_;     // number and texts, hashed: nothing new in them
  std::unordered_set<SymbolNumber> this_run_;  // told of in this run
};

}  // namespace engram
