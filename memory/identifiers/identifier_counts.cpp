#include "memory/identifiers/identifier_counts.h"

#include <algorithm>

namespace engram {
namespace {

constexpr std::int64_t kLargest = std::int64_t{1} << 40;  // more is damage

std::int64_t read_count(ByteReader& in) {
  const std::int64_t count = unzigzag(in.varint());
  if (count > kLargest || count < -kLargest) in.fail();
  return in.ok() ? count : 0;
}

}  // namespace

void IdentifierCounts::add(SymbolKind kind, std::int64_t count) {
  const auto at = std::lower_bound(kinds.begin(), kinds.end(), kind,
                                   [](const Kind& k, SymbolKind x) { return k.kind < x; });
  if (at == kinds.end() || at->kind != kind) {
    if (count != 0) kinds.insert(at, {kind, count});
    return;
  }
  at->count += count;
  if (at->count == 0) kinds.erase(at);
}

void IdentifierCounts::add(const IdentifierCounts& other) {
  uses += other.uses;
  for (const Kind& k : other.kinds) add(k.kind, k.count);
}

void IdentifierCounts::negate() {
  uses = -uses;
  for (Kind& k : kinds) k.count = -k.count;
}

void append_counts(std::string& out, const IdentifierCounts& counts) {
  append_varint(out, zigzag(counts.uses));
  out.push_back(static_cast<char>(counts.kinds.size()));
  for (const IdentifierCounts::Kind& k : counts.kinds) {
    out.push_back(static_cast<char>(k.kind));
    append_varint(out, zigzag(k.count));
  }
}

void read_counts(ByteReader& in, IdentifierCounts& counts) {
  counts.kinds.clear();
  counts.uses = read_count(in);
  const std::uint8_t n = in.byte();
  for (std::uint8_t i = 0; i < n && in.ok(); ++i) {
    const std::uint8_t kind = in.byte();
    const bool ascends =
        counts.kinds.empty() || kind > static_cast<std::uint8_t>(counts.kinds.back().kind);
    if (kind > static_cast<std::uint8_t>(SymbolKind::kElement) || !ascends) in.fail();
    const std::int64_t count = read_count(in);
    if (in.ok()) counts.kinds.push_back({static_cast<SymbolKind>(kind), count});
  }
  if (!in.ok()) counts = {};
}

}  // namespace engram
