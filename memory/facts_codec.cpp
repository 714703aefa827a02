#include "memory/facts_codec.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "memory/byte_codec.h"
#include "memory/compression.h"
#include "memory/string_ids.h"

namespace engram {

namespace {

Error corrupt(const char* what) {
  return {Errc::kCorrupt, std::string("the ") + what + " of a content are damaged"};
}

// Repeated strings are written once and copied on reading: a small blob must not unfold into
// gigabytes.
class CopyBudget {
 public:
  void spend(ByteReader& in, std::size_t bytes) {
    spent_ += bytes;
    if (spent_ > kMaxBlobBytes) in.fail();
  }

 private:
  std::size_t spent_ = 0;
};

}  // namespace

// --- symbols ------------------------------------------------------------------------------------

std::string encode_symbols(const std::vector<Symbol>& symbols) {
  std::string out;
  append_varint(out, symbols.size());
  std::uint32_t begin = 0, line = 0;
  std::string_view container;
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    const Symbol& s = symbols[i];
    const bool same_container = i > 0 && s.container == container;
    out.push_back(static_cast<char>(s.kind));
    out.push_back(static_cast<char>((s.is_definition ? 1 : 0) | (s.is_local ? 2 : 0) |
                                    (same_container ? 4 : 0)));
    append_bytes(out, s.name);
    if (!same_container) append_bytes(out, s.container);
    append_relative(out, s.begin, begin);
    append_relative(out, s.end, s.begin);
    append_relative(out, s.name_begin, s.begin);
    append_relative(out, s.name_end, s.name_begin);
    append_relative(out, s.line, line);
    append_varint(out, s.column);
    append_relative(out, s.end_line, s.line);
    append_varint(out, s.parent < 0 ? 0 : i - static_cast<std::size_t>(s.parent));
    append_bytes(out, s.signature);
    append_bytes(out, s.doc);
    begin = s.begin;
    line = s.line;
    container = s.container;
  }
  return compress(out);
}

Result<std::vector<Symbol>> decode_symbols(std::string_view blob, std::uint64_t text_bytes,
                                           std::string_view wanted) {
  const auto data = decompress(blob);  // not moved out: g++ 12 takes a moved string for unset
  if (!data) return data.error();
  ByteReader in(*data);
  const std::size_t n = in.count(10);
  std::vector<Symbol> symbols;
  if (wanted.empty()) symbols.reserve(n);
  CopyBudget budget;
  std::uint32_t begin = 0, line = 0;
  std::string_view container;
  for (std::size_t i = 0; i < n && in.ok(); ++i) {
    Symbol s;
    const std::uint8_t kind = in.byte(), flags = in.byte();
    if (kind > static_cast<std::uint8_t>(SymbolKind::kElement) || flags > 7) in.fail();
    s.kind = static_cast<SymbolKind>(kind);
    s.is_definition = (flags & 1) != 0;
    s.is_local = (flags & 2) != 0;
    const std::string_view name = in.bytes();
    if ((flags & 4) == 0) container = in.bytes();
    s.begin = in.relative32(begin);
    s.end = in.relative32(s.begin);
    s.name_begin = in.relative32(s.begin);
    s.name_end = in.relative32(s.name_begin);
    s.line = in.relative32(line);
    s.column = in.varint32();
    s.end_line = in.relative32(s.line);
    const std::uint64_t up = in.varint();
    if (up > i) in.fail();
    s.parent = up == 0 ? -1 : static_cast<std::int32_t>(i - up);
    const std::string_view signature = in.bytes(), doc = in.bytes();
    if (s.begin > s.end || s.end > text_bytes || s.name_begin > s.name_end ||
        s.name_end > text_bytes) {
      in.fail();
    }
    begin = s.begin;
    line = s.line;
    if (!wanted.empty() && name != wanted) continue;
    if ((flags & 4) != 0) budget.spend(in, container.size());
    if (!in.ok()) break;
    s.name = name;
    s.container = container;
    s.signature = signature;
    s.doc = doc;
    symbols.push_back(std::move(s));
  }
  if (!in.ok() || !in.at_end()) return corrupt("symbols");
  return symbols;
}

// --- references ---------------------------------------------------------------------------------

namespace {

std::vector<std::uint32_t> line_starts(std::string_view text) {
  std::vector<std::uint32_t> starts{0};
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  for (const char* at = begin; at < end;) {
    at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (at == nullptr) break;
    ++at;
    starts.push_back(static_cast<std::uint32_t>(at - begin));
  }
  return starts;
}

struct Place {
  std::uint32_t line, column;
};
Place place_of(const std::vector<std::uint32_t>& starts, std::uint32_t offset) {
  const auto after = std::upper_bound(starts.begin(), starts.end(), offset);
  const auto line = static_cast<std::uint32_t>(after - starts.begin());
  return {line, offset - *(after - 1) + 1};
}

constexpr std::uint64_t kOdd = 1;  // end, line or column do not follow from the rule
constexpr unsigned kKindShift = 1, kDeltaShift = 4;

// Which references do not have the length of their name and the place of their offset.
std::vector<char> find_odd(const std::vector<Reference>& references,
                           const std::vector<std::uint32_t>& starts) {
  std::vector<char> odd(references.size());
  std::size_t line = 0;  // index into starts; offsets ascend
  for (std::size_t i = 0; i < references.size(); ++i) {
    const Reference& r = references[i];
    while (line + 1 < starts.size() && starts[line + 1] <= r.begin) ++line;
    odd[i] = r.end - r.begin != r.name.size() || r.line != line + 1 ||
             r.column != r.begin - starts[line] + 1;
  }
  return odd;
}

void append_reference(std::string& out, const Reference& r, std::uint32_t previous, bool odd) {
  append_varint(out, (std::uint64_t{r.begin - previous} << kDeltaShift) |
                         (std::uint64_t(r.kind) << kKindShift) | (odd ? kOdd : 0));
  if (!odd) return;
  append_varint(out, r.end - r.begin);
  append_varint(out, r.line);
  append_varint(out, r.column);
}

// Indices of `references` ordered by (name, begin), with the distinct names.
struct ByName {
  StringIds names;
  std::vector<std::uint32_t> name_order;        // ids sorted by name
  std::vector<std::uint32_t> first, reference;  // CSR: id -> references, ascending begin
};

ByName group_by_name(const std::vector<Reference>& references) {
  ByName g{StringIds(references.size() / 4 + 16), {}, {}, {}};
  std::vector<std::uint32_t> id(references.size());
  for (std::size_t i = 0; i < references.size(); ++i) id[i] = g.names.insert(references[i].name);
  g.first.assign(g.names.size() + 1, 0);
  for (const std::uint32_t n : id) ++g.first[n + 1];
  std::partial_sum(g.first.begin(), g.first.end(), g.first.begin());
  g.reference.resize(references.size());
  std::vector<std::uint32_t> next(g.first.begin(), g.first.end() - 1);
  for (std::size_t i = 0; i < references.size(); ++i) {
    g.reference[next[id[i]]++] = static_cast<std::uint32_t>(i);
  }
  g.name_order.resize(g.names.size());
  std::iota(g.name_order.begin(), g.name_order.end(), 0u);
  std::sort(g.name_order.begin(), g.name_order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return g.names.string(a) < g.names.string(b);
  });
  return g;
}

std::size_t shared_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(
      std::mismatch(a.begin(),
                    a.begin() + static_cast<std::ptrdiff_t>(std::min(a.size(), b.size())),
                    b.begin())
          .first -
      a.begin());
}

std::vector<std::uint32_t> read_line_starts(ByteReader& in, std::uint64_t text_bytes) {
  const std::size_t n = in.count();
  std::vector<std::uint32_t> starts;
  starts.reserve(n + 1);
  starts.push_back(0);
  for (std::size_t i = 0; i < n && in.ok(); ++i) {
    const std::uint64_t next = starts.back() + std::uint64_t{in.varint32()};
    if (next > text_bytes || next > UINT32_MAX) in.fail();
    starts.push_back(static_cast<std::uint32_t>(next));
  }
  return starts;
}

Reference read_reference(ByteReader& in, std::string_view name, std::uint32_t previous,
                         const std::vector<std::uint32_t>& starts, std::uint64_t text_bytes) {
  Reference r;
  const std::uint64_t head = in.varint();
  const std::uint64_t kind = (head >> kKindShift) & 7;
  const std::uint64_t begin = previous + (head >> kDeltaShift);
  if (begin > text_bytes || kind > static_cast<std::uint64_t>(ReferenceKind::kMacroUse)) in.fail();
  r.begin = static_cast<std::uint32_t>(begin);
  r.kind = static_cast<ReferenceKind>(kind);
  std::uint64_t length = name.size();
  if ((head & kOdd) != 0) {
    length = in.varint();
    r.line = in.varint32();
    r.column = in.varint32();
  } else {
    const Place place = place_of(starts, r.begin);
    r.line = place.line;
    r.column = place.column;
  }
  if (length > text_bytes - std::min(begin, text_bytes)) in.fail();
  r.end = static_cast<std::uint32_t>(begin + length);
  return r;
}

}  // namespace

std::string encode_references(const std::vector<Reference>& references, std::string_view text) {
  const std::vector<std::uint32_t> starts = line_starts(text);
  std::string out;
  out.reserve(starts.size() + references.size() * 4);
  append_varint(out, starts.size() - 1);
  for (std::size_t i = 1; i < starts.size(); ++i) append_varint(out, starts[i] - starts[i - 1]);

  const ByName by_name = group_by_name(references);
  const std::vector<char> odd = find_odd(references, starts);
  append_varint(out, by_name.names.size());
  std::string_view previous_name;
  for (const std::uint32_t id : by_name.name_order) {
    const std::string_view name = by_name.names.string(id);
    const std::size_t shared = shared_prefix(previous_name, name);
    append_varint(out, shared);
    append_bytes(out, name.substr(shared));
    append_varint(out, by_name.first[id + 1] - by_name.first[id]);
    std::uint32_t previous = 0;
    for (std::uint32_t i = by_name.first[id]; i < by_name.first[id + 1]; ++i) {
      const Reference& r = references[by_name.reference[i]];
      append_reference(out, r, previous, odd[by_name.reference[i]] != 0);
      previous = r.begin;
    }
    previous_name = name;
  }
  return compress(out);
}

Result<std::vector<Reference>> decode_references(std::string_view blob, std::uint64_t text_bytes,
                                                 std::string_view wanted) {
  const auto data = decompress(blob);  // not moved out: g++ 12 takes a moved string for unset
  if (!data) return data.error();
  ByteReader in(*data);
  const std::vector<std::uint32_t> starts = read_line_starts(in, text_bytes);
  const std::size_t names = in.count(4);
  std::vector<Reference> references;
  std::string name;
  CopyBudget budget;
  for (std::size_t n = 0; n < names && in.ok(); ++n) {
    const std::uint64_t shared = in.varint();
    if (shared > name.size()) in.fail();
    name.resize(std::min<std::size_t>(name.size(), static_cast<std::size_t>(shared)));
    name += in.bytes();
    const std::size_t occurrences = in.count();
    const bool want = wanted.empty() || wanted == name;
    std::uint32_t previous = 0;
    for (std::size_t i = 0; i < occurrences && in.ok(); ++i) {
      Reference r = read_reference(in, name, previous, starts, text_bytes);
      previous = r.begin;
      if (want) budget.spend(in, name.size());
      if (!want || !in.ok()) continue;
      r.name = name;
      references.push_back(std::move(r));
    }
    if (want && !wanted.empty()) break;
  }
  if (!in.ok() || (wanted.empty() && !in.at_end())) return corrupt("references");
  std::sort(references.begin(), references.end(), [](const Reference& a, const Reference& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.name < b.name;
  });
  return references;
}

Result<void> count_references(std::string_view blob, std::uint64_t text_bytes,
                              const NameCountVisitor& visit) {
  const auto data = decompress(blob);
  if (!data) return data.error();
  ByteReader in(*data);
  (void)read_line_starts(in, text_bytes);
  const std::size_t names = in.count(4);
  std::string name;
  for (std::size_t n = 0; n < names && in.ok(); ++n) {
    const std::uint64_t shared = in.varint();
    if (shared > name.size()) in.fail();
    name.resize(std::min<std::size_t>(name.size(), static_cast<std::size_t>(shared)));
    name += in.bytes();
    const std::size_t occurrences = in.count();
    for (std::size_t i = 0; i < occurrences && in.ok(); ++i) {
      if ((in.varint() & kOdd) == 0) continue;
      for (int field = 0; field < 3; ++field) in.varint();
    }
    if (in.ok()) visit(name, occurrences);
  }
  if (!in.ok() || !in.at_end()) return corrupt("references");
  return {};
}

// --- chunks -------------------------------------------------------------------------------------

std::string encode_chunks(const std::vector<Chunk>& chunks) {
  std::string out;
  append_varint(out, chunks.size());
  std::uint32_t end = 0, end_line = 0;
  for (const Chunk& c : chunks) {
    append_relative(out, c.begin, end);
    append_relative(out, c.end, c.begin);
    append_relative(out, c.line, end_line);
    append_relative(out, c.end_line, c.line);
    append_bytes(out, c.scope);
    end = c.end;
    end_line = c.end_line;
  }
  return compress(out);
}

Result<std::vector<Chunk>> decode_chunks(std::string_view blob, std::uint64_t text_bytes) {
  const auto data = decompress(blob);  // not moved out: g++ 12 takes a moved string for unset
  if (!data) return data.error();
  ByteReader in(*data);
  const std::size_t n = in.count(5);
  std::vector<Chunk> chunks;
  chunks.reserve(n);
  std::uint32_t end = 0, end_line = 0;
  for (std::size_t i = 0; i < n && in.ok(); ++i) {
    Chunk c;
    c.begin = in.relative32(end);
    c.end = in.relative32(c.begin);
    c.line = in.relative32(end_line);
    c.end_line = in.relative32(c.line);
    c.scope = in.bytes();
    if (c.begin > c.end || c.end > text_bytes) in.fail();
    end = c.end;
    end_line = c.end_line;
    chunks.push_back(std::move(c));
  }
  if (!in.ok() || !in.at_end()) return corrupt("chunks");
  return chunks;
}

}  // namespace engram
