// The views of source_codec.h as bytes.
#include <algorithm>

#include "memory/byte_codec.h"
#include "memory/semantic/pool_runs.h"
#include "memory/semantic/source_codec.h"

namespace engram {

namespace {

constexpr std::uint8_t kSemanticView = 1, kKeyedView = 2;

}  // namespace

std::string encode_views(const std::vector<SourceView>& views, std::uint32_t next_number) {
  std::string out;
  append_varint(out, next_number);
  append_varint(out, views.size());
  for (const SourceView& view : views) {
    append_varint(out, view.number);
    out.append(reinterpret_cast<const char*>(view.hash.data()), view.hash.size());
    const bool keyed = view.key != ViewKey{};
    out.push_back(
        static_cast<char>((view.semantic ? kSemanticView : 0) | (keyed ? kKeyedView : 0)));
    if (keyed) out.append(view.key.bytes.begin(), view.key.bytes.end());
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
    const std::uint8_t flags = in.byte();
    view.semantic = (flags & kSemanticView) != 0;
    if ((flags & kKeyedView) != 0) {
      const std::string_view key = in.take(view.key.bytes.size());
      std::copy(key.begin(), key.end(), view.key.bytes.begin());
    }
    view.units = in.varint32();
    view.runs = read_runs(in, UINT32_MAX);
    if (flags > (kSemanticView | kKeyedView) || view.units == 0 || view.number >= out.next_number)
      in.fail();
    out.views.push_back(std::move(view));
  }
  if (!in.ok() || !in.at_end()) return damaged_source();
  return out;
}

}  // namespace engram
