// memory/semantic/symbol_block.h: 256 symbols with consecutive numbers, as two blobs. Private to
// memory/.
//
// Keys stand apart, raw: whoever looks for a key reads nothing else, and random bytes do not
// compress. Kept is the first half of a key: that two of a million symbols agree in it happens in
// one store of 37 million, and would show the two as one. A symbol's *home* is the first source it
// was seen in: most symbols have no other, and need no posting.
//
// Threads: pure functions.  Errors: kCorrupt.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/semantic/source_pool.h"

namespace engram {

inline constexpr std::uint32_t kSymbolsPerBlock = 256;

// What the store keeps of a key, its bytes in the machine's order; key_from puts zeros behind.
using StoredKey = std::uint64_t;
StoredKey stored_key(const SymbolKey& key);
SymbolKey key_from(StoredKey key);

struct StoredSymbol {
  UnitSymbol facts;               // of the key only what is stored
  SourceNumber home = kNoNumber;  // kNoNumber: only postings say where it is
  friend bool operator==(const StoredSymbol&, const StoredSymbol&) = default;
};

struct SymbolBlock {
  std::string keys;
  std::string data;  // a zstd frame
};

SymbolBlock encode_symbol_block(std::span<const StoredSymbol> symbols);
Result<std::vector<StoredSymbol>> decode_symbol_block(std::string_view keys, std::string_view data);
// kCorrupt unless they are 1 to 256 whole keys.
Result<std::vector<StoredKey>> decode_symbol_keys(std::string_view keys);

}  // namespace engram
