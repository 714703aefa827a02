#include "memory/semantic/pooled_diagnostic.h"

#include "memory/byte_codec.h"

namespace engram {

namespace {

void append_place(std::string& out, SourceNumber source, std::uint32_t begin, std::uint32_t end) {
  append_varint(out, source == kNoNumber ? 0 : std::uint64_t{source} + 1);
  append_varint(out, begin);
  append_varint(out, end - begin);
}

template <class T>
void read_place_of(ByteReader& in, T& item) {
  const std::uint64_t source = in.varint();
  item.begin = in.varint32();
  const std::uint64_t end = std::uint64_t{item.begin} + in.varint32();
  if (source > kNoNumber || end > UINT32_MAX) in.fail();
  item.source = source == 0 ? kNoNumber : static_cast<SourceNumber>(source - 1);
  item.end = static_cast<std::uint32_t>(end);
}

}  // namespace

std::string encode_diagnostics(std::span<const PooledDiagnostic> group) {
  std::string out;
  append_varint(out, group.size());
  for (const PooledDiagnostic& d : group) {
    out.push_back(static_cast<char>(d.level));
    append_place(out, d.source, d.begin, d.end);
    append_bytes(out, d.message);
    append_bytes(out, d.option);
    append_varint(out, d.fixes.size());
    for (const PooledFix& fix : d.fixes) {
      append_place(out, fix.source, fix.begin, fix.end);
      append_bytes(out, fix.text);
    }
  }
  return out;
}

Result<std::vector<PooledDiagnostic>> decode_diagnostics(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<PooledDiagnostic> group;
  for (std::size_t n = in.count(7); n > 0 && in.ok(); --n) {
    PooledDiagnostic d;
    const std::uint8_t level = in.byte();
    if (level > static_cast<std::uint8_t>(DiagnosticLevel::kFatal)) in.fail();
    d.level = static_cast<DiagnosticLevel>(level);
    read_place_of(in, d);
    d.message = in.bytes();
    d.option = in.bytes();
    for (std::size_t fixes = in.count(4); fixes > 0 && in.ok(); --fixes) {
      PooledFix fix;
      read_place_of(in, fix);
      fix.text = in.bytes();
      d.fixes.push_back(std::move(fix));
    }
    group.push_back(std::move(d));
  }
  if (!in.ok() || !in.at_end() || group.empty()) {
    return Error{Errc::kCorrupt, "a stored diagnostic is damaged; index again to rebuild it"};
  }
  return group;
}

}  // namespace engram
