// memory/semantic/free_symbols.h: numbers of symbols that nothing mentions any more, given out
// again. Private to memory/.
//
// Clang names macros, locals and what has no name by where they stand: a header that grows by a
// line has other ones each time it is saved. A sweep over all pools finds those from before. Their
// numbers go to new symbols: of a symbol in the list of names only to one of the same name and
// kind, so that the list stays true; of any other (a local, something nameless) to any such.
//
// Stored as a row for each block of symbols that has some: two sets of bits, listed and unlisted.
//
// Threads: confined to one thread.  Errors: those of Database; kCorrupt.
#pragma once

#include <bitset>
#include <map>
#include <optional>
#include <vector>

#include "core/result.h"
#include "memory/semantic/symbol_block.h"
#include "memory/sqlite.h"

namespace engram {

// Whether the list of names has it.
bool is_listed(const UnitSymbol& symbol);

// How many numbers there are to be used again.
Result<std::uint64_t> free_symbol_count(Database& db);

class FreeSymbols {
 public:
  explicit FreeSymbols(Database& db) : db_(db) {}

  Result<void> load(SymbolNumber symbols);  // numbers given out so far
  // Looks for more, when more than `most_new` symbols, and a quarter of those that were mentioned
  // the last time, came since then. REQUIRES: every pool is stored.
  Result<void> sweep_if_due(std::size_t most_new);
  // A number for a new symbol, no longer free; none: take one that nobody had.
  Result<std::optional<SymbolNumber>> take_for(const UnitSymbol& symbol);
  void take(SymbolNumber number);  // its symbol is told of again
  // Nothing is free: that many symbols are all there are.
  void start_with(SymbolNumber symbols) { mentioned_ = symbols; }
  Result<void> flush();

 private:
  using Bits = std::bitset<kSymbolsPerBlock>;
  struct Block {
    Bits listed, unlisted;
    bool changed = false;
    bool empty() const { return listed.none() && unlisted.none(); }
  };

  Result<void> sweep();
  Result<std::vector<bool>> mentioned() const;
  Result<void> add_unmentioned(SymbolNumber block, const std::vector<bool>& mentioned);
  std::optional<SymbolNumber> take_unlisted();

  Database& db_;
  SymbolNumber symbols_ = 0;
  std::map<SymbolNumber, Block>
      blocks_;  // by number / kSymbolsPerBlock; emptied ones until flush()
  std::size_t free_ = 0, free_listed_ = 0;
  SymbolNumber unlisted_from_ = 0;  // no block before it has unlisted ones
  SymbolNumber mentioned_ = 0;      // by the last sweep
};

}  // namespace engram
