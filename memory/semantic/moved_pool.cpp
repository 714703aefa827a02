#include "memory/semantic/moved_pool.h"

#include "memory/semantic/pooled_diagnostic.h"

namespace engram {

namespace {

template <class Item>
void move_item(Item& item, const PlaceMap& place) {
  item.begin = place(item.begin);
  item.end = place(item.end);
}

Result<std::string> moved_diagnostic(std::string_view bytes, SourceNumber source,
                                     const PlaceMap& place) {
  ENGRAM_TRY(group, decode_diagnostics(bytes));
  for (PooledDiagnostic& diagnostic : group) {
    if (diagnostic.source == source) move_item(diagnostic, place);
    for (PooledFix& fix : diagnostic.fixes) {
      if (fix.source == source) move_item(fix, place);
    }
  }
  return encode_diagnostics(group);
}

}  // namespace

Result<SourcePool> moved_pool(const SourcePool& pool, SourceNumber source, const PlaceMap& place) {
  SourcePool moved = pool;
  for (PooledUse& use : moved.uses) move_item(use, place);
  for (SemanticExtent& extent : moved.extents) {
    move_item(extent, place);
    extent.body_begin = place(extent.body_begin);
    extent.body_end = place(extent.body_end);
  }
  for (PooledInclusion& inclusion : moved.inclusions) move_item(inclusion, place);
  for (SemanticRegion& region : moved.inactive) move_item(region, place);
  for (std::string& diagnostic : moved.diagnostics) {
    ENGRAM_TRY(bytes, moved_diagnostic(diagnostic, source, place));
    diagnostic = std::move(bytes);
  }
  moved.normalize();
  return moved;
}

}  // namespace engram
