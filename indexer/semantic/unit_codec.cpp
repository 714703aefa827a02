#include "indexer/semantic/unit_codec.h"

#include <algorithm>
#include <tuple>

namespace engram {

namespace {

std::string_view as_bytes(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

template <std::size_t N>
void read_into(ByteReader& in, std::array<std::uint8_t, N>& bytes) {
  const std::string_view raw = in.take(N);
  if (raw.size() == N) std::copy(raw.begin(), raw.end(), bytes.begin());
}

bool read_bool(ByteReader& in) {
  const std::uint8_t value = in.byte();
  if (value > 1) in.fail();
  return value == 1;
}

template <class Enum>
Enum read_enum(ByteReader& in, Enum last) {
  const std::uint8_t value = in.byte();
  if (value > static_cast<std::uint8_t>(last)) in.fail();
  return in.ok() ? static_cast<Enum>(value) : Enum{};
}

// An index below `size`; or, with kNoNumber allowed, 0 for none and index + 1 else.
std::uint32_t read_index(ByteReader& in, std::size_t size) {
  const std::uint32_t index = in.varint32();
  if (index >= size) return in.fail();
  return index;
}
void append_optional(std::string& out, std::uint32_t index) {
  append_varint(out, index == kNoNumber ? 0 : std::uint64_t{index} + 1);
}
std::uint32_t read_optional(ByteReader& in, std::size_t size) {
  const std::uint64_t value = in.varint();
  if (value > size) in.fail();
  return value == 0 || !in.ok() ? kNoNumber : static_cast<std::uint32_t>(value - 1);
}

struct Span {
  std::uint32_t begin = 0, end = 0;
};
void append_span(std::string& out, std::uint32_t begin, std::uint32_t end) {
  append_varint(out, begin);
  append_varint(out, end - begin);
}
Span read_span(ByteReader& in, std::uint32_t base, std::uint32_t limit) {
  const std::uint64_t begin = std::uint64_t{base} + in.varint32();
  const std::uint64_t end = begin + in.varint32();
  if (end > limit) in.fail();
  if (!in.ok()) return {};
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

// Reads `count` items of at least `min_bytes` each.
template <class T, class Read>
std::vector<T> read_all(ByteReader& in, std::size_t min_bytes, Read read) {
  const std::size_t n = in.count(min_bytes);
  std::vector<T> items;
  items.reserve(n);
  for (std::size_t i = 0; i < n && in.ok(); ++i) items.push_back(read());
  return items;
}

// --- the parts, in the order of UnitFacts -------------------------------------------------------

void append_file(std::string& out, const UnitFile& file) {
  append_bytes(out, file.path);
  out.append(as_bytes(file.content.bytes.data(), file.content.bytes.size()));
  append_varint(out, file.size);
  out.push_back(file.system ? 1 : 0);
}

UnitFile read_file_entry(ByteReader& in) {
  UnitFile file;
  file.path = in.bytes();
  read_into(in, file.content.bytes);
  file.size = in.varint32();
  file.system = read_bool(in);
  return file;
}

void append_view(std::string& out, const FileView& view) {
  append_varint(out, view.file);
  out.append(as_bytes(view.key.bytes.data(), view.key.bytes.size()));
  out.push_back(static_cast<char>(view.told));
}

FileView read_view(ByteReader& in, std::size_t files) {
  FileView view;
  view.file = read_index(in, files);
  read_into(in, view.key.bytes);
  view.told = read_enum(in, ViewTold::kElsewhere);
  return view;
}

bool ascending(const std::vector<FileView>& views) {
  return std::adjacent_find(views.begin(), views.end(), [](const auto& a, const auto& b) {
           return a.file >= b.file;
         }) == views.end();
}

void append_symbol(std::string& out, const UnitSymbol& symbol) {
  out.append(as_bytes(symbol.key.bytes.data(), symbol.key.bytes.size()));
  out.push_back(static_cast<char>(symbol.kind));
  out.push_back(symbol.local ? 1 : 0);
  append_bytes(out, symbol.name);
  append_bytes(out, symbol.qualified_name);
  append_bytes(out, symbol.signature);
  append_bytes(out, symbol.doc);
}

UnitSymbol read_symbol(ByteReader& in) {
  UnitSymbol symbol;
  read_into(in, symbol.key.bytes);
  symbol.kind = read_enum(in, SymbolKind::kElement);
  symbol.local = read_bool(in);
  symbol.name = in.bytes();
  symbol.qualified_name = in.bytes();
  symbol.signature = in.bytes();
  symbol.doc = in.bytes();
  return symbol;
}

auto place_order(const Occurrence& o) { return std::tuple(o.file, o.begin, o.end, o.symbol); }

void append_occurrences(std::string& out, const std::vector<Occurrence>& occurrences) {
  append_varint(out, occurrences.size());
  std::uint32_t file = 0, begin = 0;
  for (const Occurrence& o : occurrences) {
    append_varint(out, o.file - file);
    append_span(out, o.file == file ? o.begin - begin : o.begin,
                (o.file == file ? o.begin - begin : o.begin) + (o.end - o.begin));
    append_varint(out, o.symbol);
    append_optional(out, o.container);
    append_varint(out, o.roles);
    file = o.file;
    begin = o.begin;
  }
}

std::vector<Occurrence> read_occurrences(ByteReader& in, const UnitFacts& facts) {
  Occurrence last;
  bool first = true;
  return read_all<Occurrence>(in, 6, [&] {
    Occurrence o;
    const std::uint64_t file = std::uint64_t{last.file} + in.varint32();
    if (file >= facts.files.size()) in.fail();
    if (!in.ok()) return o;
    o.file = static_cast<std::uint32_t>(file);
    const Span span = read_span(in, o.file == last.file ? last.begin : 0, facts.files[o.file].size);
    o.begin = span.begin;
    o.end = span.end;
    o.symbol = read_index(in, facts.symbols.size());
    o.container = read_optional(in, facts.symbols.size());
    const std::uint32_t roles = in.varint32();
    if (roles > kAllRoles || (!first && place_order(o) <= place_order(last))) in.fail();
    o.roles = static_cast<std::uint16_t>(roles & kAllRoles);
    first = false;
    last = o;
    return o;
  });
}

void append_links(std::string& out, const std::vector<SymbolLink>& links) {
  append_varint(out, links.size());
  std::uint32_t from = 0;
  for (const SymbolLink& link : links) {
    append_varint(out, link.from - from);
    out.push_back(static_cast<char>(link.kind));
    append_varint(out, link.to);
    append_varint(out, link.file);
    from = link.from;
  }
}

std::vector<SymbolLink> read_links(ByteReader& in, const UnitFacts& facts) {
  SymbolLink last;
  bool first = true;
  return read_all<SymbolLink>(in, 4, [&] {
    SymbolLink link;
    const std::uint64_t from = std::uint64_t{last.from} + in.varint32();
    if (from >= facts.symbols.size()) in.fail();
    link.from = in.ok() ? static_cast<std::uint32_t>(from) : 0;
    link.kind = read_enum(in, RelationKind::kTypeOf);
    link.to = read_index(in, facts.symbols.size());
    link.file = read_index(in, facts.files.size());
    if (!first && link <= last) in.fail();
    first = false;
    last = link;
    return link;
  });
}

void append_diagnostic(std::string& out, const UnitDiagnostic& d) {
  out.push_back(static_cast<char>(d.level));
  append_optional(out, d.file);
  append_span(out, d.begin, d.end);
  append_bytes(out, d.message);
  append_bytes(out, d.option);
  append_varint(out, d.fixes.size());
  for (const FixIt& fix : d.fixes) {
    append_varint(out, fix.file);
    append_span(out, fix.begin, fix.end);
    append_bytes(out, fix.text);
  }
}

UnitDiagnostic read_diagnostic(ByteReader& in, const std::vector<UnitFile>& files) {
  UnitDiagnostic d;
  d.level = read_enum(in, DiagnosticLevel::kFatal);
  d.file = read_optional(in, files.size());
  const Span span = read_span(in, 0, d.file == kNoNumber ? 0 : files[d.file].size);
  d.begin = span.begin;
  d.end = span.end;
  d.message = in.bytes();
  d.option = in.bytes();
  d.fixes = read_all<FixIt>(in, 4, [&] {
    FixIt fix;
    fix.file = read_index(in, files.size());
    if (!in.ok()) return fix;
    const Span replaced = read_span(in, 0, files[fix.file].size);
    fix.begin = replaced.begin;
    fix.end = replaced.end;
    fix.text = in.bytes();
    return fix;
  });
  return d;
}

void append_extent(std::string& out, const DefinitionExtent& extent) {
  append_varint(out, extent.symbol);
  append_varint(out, extent.file);
  append_span(out, extent.begin, extent.end);
  append_span(out, extent.body_begin, extent.body_end);
}

DefinitionExtent read_extent(ByteReader& in, const UnitFacts& facts) {
  DefinitionExtent extent;
  extent.symbol = read_index(in, facts.symbols.size());
  extent.file = read_index(in, facts.files.size());
  if (!in.ok()) return extent;
  const Span whole = read_span(in, 0, facts.files[extent.file].size);
  const Span body = read_span(in, 0, facts.files[extent.file].size);
  extent.begin = whole.begin;
  extent.end = whole.end;
  extent.body_begin = body.begin;
  extent.body_end = body.end;
  return extent;
}

// A file and a span in it; the caller fills its own type.
template <class T>
T read_place(ByteReader& in, const UnitFacts& facts) {
  T place;
  place.file = read_index(in, facts.files.size());
  if (!in.ok()) return place;
  const Span span = read_span(in, 0, facts.files[place.file].size);
  place.begin = span.begin;
  place.end = span.end;
  return place;
}

bool in_order_of_key(const std::vector<UnitSymbol>& symbols) {
  return std::adjacent_find(symbols.begin(), symbols.end(), [](const auto& a, const auto& b) {
           return a.key >= b.key;
         }) == symbols.end();
}

}  // namespace

void append_unit(std::string& out, const UnitFacts& facts) {
  out.push_back(static_cast<char>(facts.certainty));
  out.push_back(facts.bodies_skipped ? 1 : 0);
  append_varint(out, facts.errors);
  append_varint(out, facts.files.size());
  for (const UnitFile& file : facts.files) append_file(out, file);
  append_varint(out, facts.views.size());
  for (const FileView& view : facts.views) append_view(out, view);
  append_varint(out, facts.symbols.size());
  for (const UnitSymbol& symbol : facts.symbols) append_symbol(out, symbol);
  append_occurrences(out, facts.occurrences);
  append_links(out, facts.links);
  append_varint(out, facts.inclusions.size());
  for (const Inclusion& i : facts.inclusions) {
    append_varint(out, i.file);
    append_span(out, i.begin, i.end);
    append_optional(out, i.target);
    out.push_back(i.angled ? 1 : 0);
  }
  append_varint(out, facts.extents.size());
  for (const DefinitionExtent& extent : facts.extents) append_extent(out, extent);
  append_varint(out, facts.inactive.size());
  for (const InactiveRegion& region : facts.inactive) {
    append_varint(out, region.file);
    append_span(out, region.begin, region.end);
  }
  append_varint(out, facts.diagnostics.size());
  for (const UnitDiagnostic& d : facts.diagnostics) append_diagnostic(out, d);
}

UnitFacts read_unit(ByteReader& in) {
  UnitFacts facts;
  facts.certainty = read_enum(in, Certainty::kSemantic);
  facts.bodies_skipped = read_bool(in);
  facts.errors = in.varint32();
  facts.files = read_all<UnitFile>(in, 35, [&] { return read_file_entry(in); });
  facts.views = read_all<FileView>(in, 18, [&] { return read_view(in, facts.files.size()); });
  if (!ascending(facts.views)) in.fail();
  facts.symbols = read_all<UnitSymbol>(in, 22, [&] { return read_symbol(in); });
  if (!in_order_of_key(facts.symbols)) in.fail();
  facts.occurrences = read_occurrences(in, facts);
  facts.links = read_links(in, facts);
  facts.inclusions = read_all<Inclusion>(in, 5, [&] {
    auto inclusion = read_place<Inclusion>(in, facts);
    inclusion.target = read_optional(in, facts.files.size());
    inclusion.angled = read_bool(in);
    return inclusion;
  });
  facts.extents = read_all<DefinitionExtent>(in, 6, [&] { return read_extent(in, facts); });
  facts.inactive =
      read_all<InactiveRegion>(in, 3, [&] { return read_place<InactiveRegion>(in, facts); });
  facts.diagnostics =
      read_all<UnitDiagnostic>(in, 7, [&] { return read_diagnostic(in, facts.files); });
  return facts;
}

}  // namespace engram
