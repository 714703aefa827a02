// The views of source_codec.h as bytes.
#include <algorithm>

#include "memory/byte_codec.h"
#include "memory/semantic/pool_runs.h"
#include "memory/semantic/source_codec.h"

namespace engram {

std::string encode_views(const std::vector<SourceView>& views, std::uint32_t next_number) {
  std::string out;
  append_varint(out, next_number);
  append_varint(out, views.size());
  for (const SourceView& view : views) {
    append_varint(out, view.number);
    out.append(reinterpret_cast<const char*>(view.hash.data()), view.hash.size());
    out.push_back(view.semantic ? 1 : 0);
    append_varint(out, view.units);
    append_runs(out, view.runs);
  }
  return out;
}

Result<DecodedViews> decode_views(std::string_view blob) {
  ByteReader in(blob);
  DecodedViews out;
  out.next_number = in.varint32();
  for (std::size_t n = in.count(20); n > 0 && in.ok(); --n) {
    SourceView view;
    view.number = in.varint32();
    const std::string_view hash = in.take(view.hash.size());
    std::copy(hash.begin(), hash.end(), view.hash.begin());
    const std::uint8_t semantic = in.byte();
    view.semantic = semantic == 1;
    view.units = in.varint32();
    view.runs = read_runs(in, UINT32_MAX);
    if (semantic > 1 || view.units == 0 || view.number >= out.next_number) in.fail();
    out.views.push_back(std::move(view));
  }
  if (!in.ok() || !in.at_end()) return damaged_source();
  return out;
}

}  // namespace engram
