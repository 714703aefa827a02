#include "memory/semantic/symbol_block.h"

#include <algorithm>

#include "memory/byte_codec.h"
#include "memory/compression.h"

namespace engram {

namespace {

constexpr std::size_t kKeyBytes = std::tuple_size_v<decltype(SymbolKey::bytes)>;
constexpr std::size_t kMaxBlockBytes = std::size_t{64} << 20;

Error damaged_symbols() {
  return {Errc::kCorrupt, "a block of symbols is damaged; index again to rebuild it"};
}

// "std::vector::push_back" is written as "std::vector::" where the name follows anyway.
bool ends_with_name(const UnitSymbol& symbol) {
  return symbol.qualified_name.ends_with(symbol.name);
}

}  // namespace

// Column by column: like stands beside like.
SymbolBlock encode_symbol_block(std::span<const StoredSymbol> symbols) {
  SymbolBlock block;
  std::string out;
  for (const StoredSymbol& s : symbols) {
    block.keys.append(reinterpret_cast<const char*>(s.facts.key.bytes.data()), kKeyBytes);
    out.push_back(static_cast<char>(s.facts.kind));
  }
  for (const StoredSymbol& s : symbols) {
    out.push_back(static_cast<char>((s.facts.local ? 1 : 0) | (ends_with_name(s.facts) ? 2 : 0)));
  }
  for (const StoredSymbol& s : symbols) {
    append_varint(out, s.home == kNoNumber ? 0 : std::uint64_t{s.home} + 1);
  }
  for (const StoredSymbol& s : symbols) append_bytes(out, s.facts.name);
  for (const StoredSymbol& s : symbols) {
    std::string_view qualified = s.facts.qualified_name;
    if (ends_with_name(s.facts)) qualified.remove_suffix(s.facts.name.size());
    append_bytes(out, qualified);
  }
  for (const StoredSymbol& s : symbols) append_bytes(out, s.facts.signature);
  for (const StoredSymbol& s : symbols) append_bytes(out, s.facts.doc);
  block.data = compress(out, 6);
  return block;
}

Result<std::vector<SymbolKey>> decode_symbol_keys(std::string_view keys) {
  if (keys.empty() || keys.size() % kKeyBytes != 0 || keys.size() / kKeyBytes > kSymbolsPerBlock) {
    return damaged_symbols();
  }
  std::vector<SymbolKey> out(keys.size() / kKeyBytes);
  for (SymbolKey& key : out) {
    std::copy_n(keys.begin(), kKeyBytes, key.bytes.begin());
    keys.remove_prefix(kKeyBytes);
  }
  return out;
}

Result<std::vector<StoredSymbol>> decode_symbol_block(std::string_view keys,
                                                      std::string_view data) {
  ENGRAM_TRY(decoded_keys, decode_symbol_keys(keys));
  ENGRAM_TRY(raw, decompress(data, kMaxBlockBytes));
  ByteReader in(raw);
  std::vector<StoredSymbol> symbols(decoded_keys.size());
  std::vector<bool> named(symbols.size());
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    symbols[i].facts.key = decoded_keys[i];
    const std::uint8_t kind = in.byte();
    if (kind > static_cast<std::uint8_t>(SymbolKind::kElement)) in.fail();
    symbols[i].facts.kind = static_cast<SymbolKind>(kind);
  }
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const std::uint8_t flags = in.byte();
    if (flags > 3) in.fail();
    symbols[i].facts.local = (flags & 1) != 0;
    named[i] = (flags & 2) != 0;
  }
  for (StoredSymbol& s : symbols) {
    const std::uint64_t home = in.varint();
    if (home > kNoNumber) in.fail();
    s.home = home == 0 ? kNoNumber : static_cast<SourceNumber>(home - 1);
  }
  for (StoredSymbol& s : symbols) s.facts.name = in.bytes();
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    symbols[i].facts.qualified_name = in.bytes();
    if (named[i]) symbols[i].facts.qualified_name += symbols[i].facts.name;
  }
  for (StoredSymbol& s : symbols) s.facts.signature = in.bytes();
  for (StoredSymbol& s : symbols) s.facts.doc = in.bytes();
  if (!in.ok() || !in.at_end()) return damaged_symbols();
  return symbols;
}

}  // namespace engram
