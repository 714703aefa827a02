// The part of SourceWriter that takes facts from one content of a source to another.
#include "memory/semantic/semantic_schema.h"
#include "memory/semantic/source_writer.h"
#include "memory/stored_rows.h"

namespace engram {

Result<bool> SourceWriter::move(const SemanticSource& from, const SemanticSource& to,
                                const PlaceMap& place) {
  const auto known = numbers_.find(source_key(from));
  if (known == numbers_.end() || numbers_.contains(source_key(to))) return false;
  const SourceNumber number = known->second;
  ENGRAM_TRY(views, views_of(number));
  if (views->touched || !views->stored) return false;
  ENGRAM_TRY(before, stored_pool(number));
  ENGRAM_TRY(pool, moved_pool(before.pool, number, place));
  PoolRuns semantic;
  for (SourceView& view : views->views) {
    ENGRAM_TRY(part, moved_pool(picked(before.pool, view.runs), number, place));
    view.runs = runs_in(pool, part);
    view.hash = view_hash(part, view.semantic);
    view.key = {};  // of the contents before
    if (view.semantic) semantic = united(semantic, view.runs);
  }
  const PoolRuns inferred = complement(semantic, static_cast<std::uint32_t>(pool.size()));
  ENGRAM_TRY_VOID(Query(db_, "UPDATE sources SET sha256 = ?, size = ?, uses = ? WHERE number = ?",
                        sha_blob(to.content), to.size, pool.uses.size(), number)
                      .run());
  ENGRAM_TRY_VOID(Query(db_, "UPDATE source_pools SET pool = ? WHERE number = ?",
                        Blob{encode_pool(pool, inferred)}, number)
                      .run());
  ENGRAM_TRY_VOID(Query(db_, "UPDATE source_views SET views = ? WHERE number = ?",
                        Blob{encode_views(views->views, views->next_number)}, number)
                      .run());
  numbers_.erase(known);
  numbers_.emplace(source_key(to), number);
  sources_[number] = to;
  return true;
}

}  // namespace engram
