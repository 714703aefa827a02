#include "memory/semantic/symbol_block.h"

#include <cstring>

#include "memory/byte_codec.h"
#include "memory/compression.h"

namespace engram {

namespace {

constexpr std::size_t kMaxBlockBytes = std::size_t{64} << 20;

Error damaged_symbols() {
  return {Errc::kCorrupt, "a block of symbols is damaged; index again to rebuild it"};
}

// A text ends with 0; kOwnName stands for the symbol's name, so that "int count" and "int size" are
// alike, and kOdd with a digit for one of these four bytes.
constexpr char kEnd = 0, kOwnName = 1, kOdd = 3;

void append_plain(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= kOdd) {
      out += kOdd;
      out += static_cast<char>('0' + c);
    } else {
      out += c;
    }
  }
}

// `name_at`: where the name stands in the text; npos: nowhere.
void append_text(std::string& out, std::string_view text, std::string_view name,
                 std::size_t name_at = std::string_view::npos) {
  if (name.empty() || name_at == std::string_view::npos) {
    append_plain(out, text);
  } else {
    append_plain(out, text.substr(0, name_at));
    out += kOwnName;
    append_plain(out, text.substr(name_at + name.size()));
  }
  out += kEnd;
}

// The name at most once: a block cannot unfold to more than three times its size.
std::string read_text(ByteReader& in, std::string_view name) {
  std::string text;
  bool named = false;
  for (char c; (c = static_cast<char>(in.byte())) != kEnd && in.ok();) {
    if (c == kOdd) {
      const auto odd = static_cast<unsigned>(in.byte()) - '0';
      if (odd > kOdd) in.fail();
      text += static_cast<char>(odd);
    } else if (static_cast<unsigned char>(c) > kOdd) {
      text += c;
    } else {
      if (c != kOwnName || named || name.empty()) in.fail();
      named = true;
      text += name;
    }
  }
  return text;
}

}  // namespace

StoredKey stored_key(const SymbolKey& key) {
  StoredKey out = 0;
  std::memcpy(&out, key.bytes.data(), sizeof out);
  return out;
}

SymbolKey key_from(StoredKey key) {
  SymbolKey out;
  std::memcpy(out.bytes.data(), &key, sizeof key);
  return out;
}

// Column by column: like stands beside like.
SymbolBlock encode_symbol_block(std::span<const StoredSymbol> symbols) {
  SymbolBlock block;
  for (const StoredSymbol& s : symbols) {
    block.keys.append(reinterpret_cast<const char*>(s.facts.key.bytes.data()), sizeof(StoredKey));
  }
  std::string out;
  for (const StoredSymbol& s : symbols) {
    out.push_back(static_cast<char>(static_cast<unsigned>(s.facts.kind) << 1 | s.facts.local));
  }
  std::uint32_t home = 0;  // 0: none
  for (const StoredSymbol& s : symbols) {
    append_relative(out, s.home + 1, home);  // kNoNumber + 1 is 0
    home = s.home + 1;
  }
  for (const StoredSymbol& s : symbols) append_text(out, s.facts.name, {});
  for (const StoredSymbol& s : symbols) {
    const std::string& name = s.facts.name;
    const std::string& qualified = s.facts.qualified_name;
    append_text(out, qualified, name,
                qualified.ends_with(name) ? qualified.size() - name.size() : std::string::npos);
  }
  for (const StoredSymbol& s : symbols) {
    append_text(out, s.facts.signature, s.facts.name, s.facts.signature.rfind(s.facts.name));
  }
  for (const StoredSymbol& s : symbols) append_text(out, s.facts.doc, {});
  block.data = compress(out, 9);
  return block;
}

Result<std::vector<StoredKey>> decode_symbol_keys(std::string_view keys) {
  const std::size_t count = keys.size() / sizeof(StoredKey);
  if (count == 0 || count > kSymbolsPerBlock || keys.size() % sizeof(StoredKey) != 0) {
    return damaged_symbols();
  }
  std::vector<StoredKey> out(count);
  std::memcpy(out.data(), keys.data(), keys.size());
  return out;
}

Result<std::vector<StoredSymbol>> decode_symbol_block(std::string_view keys,
                                                      std::string_view data) {
  ENGRAM_TRY(decoded_keys, decode_symbol_keys(keys));
  ENGRAM_TRY(raw, decompress(data, kMaxBlockBytes));
  ByteReader in(raw);
  std::vector<StoredSymbol> symbols(decoded_keys.size());
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    symbols[i].facts.key = key_from(decoded_keys[i]);
    const unsigned kind = in.byte();
    if (kind >> 1 > static_cast<unsigned>(SymbolKind::kElement)) in.fail();
    symbols[i].facts.kind = static_cast<SymbolKind>(kind >> 1);
    symbols[i].facts.local = (kind & 1) != 0;
  }
  std::uint32_t home = 0;
  for (StoredSymbol& s : symbols) {
    home = in.relative32(home);
    s.home = home - 1;
  }
  for (StoredSymbol& s : symbols) s.facts.name = read_text(in, {});
  for (StoredSymbol& s : symbols) s.facts.qualified_name = read_text(in, s.facts.name);
  for (StoredSymbol& s : symbols) s.facts.signature = read_text(in, s.facts.name);
  for (StoredSymbol& s : symbols) s.facts.doc = read_text(in, {});
  if (!in.ok() || !in.at_end()) return damaged_symbols();
  return symbols;
}

}  // namespace engram
