#include "memory/semantic/symbol_block.h"

#include <algorithm>

#include "memory/byte_codec.h"
#include "memory/compression.h"

namespace engram {

namespace {

constexpr std::size_t kKeyBytes = std::tuple_size_v<decltype(SymbolKey::bytes)>;
constexpr std::size_t kHalfKeyBytes = kKeyBytes / 2;
constexpr std::size_t kMaxBlockBytes = std::size_t{64} << 20;

Error damaged_symbols() {
  return {Errc::kCorrupt, "a block of symbols is damaged; index again to rebuild it"};
}

// A text ends with 0; kName stands for the symbol's name, so that "int count" and "int size" are
// alike, and kOdd with a digit for one of these four bytes.
constexpr char kEnd = 0, kName = 1, kOdd = 3;

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
    out += kName;
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
      if (c != kName || named || name.empty()) in.fail();
      named = true;
      text += name;
    }
  }
  return text;
}

// How many less one, which are whole (a bit each), and of the others the first half: the rest is
// zero.
std::string encode_keys(std::span<const StoredSymbol> symbols) {
  std::string whole((symbols.size() + 7) / 8, '\0');
  std::string keys;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const auto& bytes = symbols[i].facts.key.bytes;
    const bool half = std::all_of(bytes.begin() + kHalfKeyBytes, bytes.end(),
                                  [](std::uint8_t byte) { return byte == 0; });
    if (!half) whole[i / 8] = static_cast<char>(whole[i / 8] | 1 << i % 8);
    keys.append(reinterpret_cast<const char*>(bytes.data()), half ? kHalfKeyBytes : kKeyBytes);
  }
  return static_cast<char>(symbols.size() - 1) + whole + keys;
}

}  // namespace

// Column by column: like stands beside like.
SymbolBlock encode_symbol_block(std::span<const StoredSymbol> symbols) {
  SymbolBlock block;
  block.keys = encode_keys(symbols);
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

Result<std::vector<SymbolKey>> decode_symbol_keys(std::string_view keys) {
  ByteReader in(keys);
  std::vector<SymbolKey> out(std::size_t{in.byte()} + 1);
  static_assert(kSymbolsPerBlock == 256);
  const std::string_view whole = in.take((out.size() + 7) / 8);
  for (std::size_t i = 0; i < out.size() && in.ok(); ++i) {
    const bool half = (static_cast<unsigned>(whole[i / 8]) >> i % 8 & 1) == 0;
    const std::string_view bytes = in.take(half ? kHalfKeyBytes : kKeyBytes);
    std::copy(bytes.begin(), bytes.end(), out[i].bytes.begin());
  }
  if (!in.ok() || !in.at_end()) return damaged_symbols();
  return out;
}

Result<std::vector<StoredSymbol>> decode_symbol_block(std::string_view keys,
                                                      std::string_view data) {
  ENGRAM_TRY(decoded_keys, decode_symbol_keys(keys));
  ENGRAM_TRY(raw, decompress(data, kMaxBlockBytes));
  ByteReader in(raw);
  std::vector<StoredSymbol> symbols(decoded_keys.size());
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    symbols[i].facts.key = decoded_keys[i];
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
