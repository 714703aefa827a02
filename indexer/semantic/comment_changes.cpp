#include "indexer/semantic/comment_changes.h"

#include "core/atomic_file.h"
#include "indexer/semantic/comment_shift.h"
#include "memory/content_text.h"

namespace engram {

CommentChanges::CommentChanges(std::filesystem::path store, KnownUnits& known,
                               UnitFreshness& freshness, SemanticWriter& writer)
    : store_(std::move(store)),
      known_(known),
      freshness_(freshness),
      writer_(writer),
      readers_(known.sources.size()),
      looked_at_(known.sources.size()) {
  for (const KnownUnit& unit : known.units) {
    for (const std::uint32_t input : unit.inputs) ++readers_[input];
  }
}

Result<bool> CommentChanges::follow(const KnownUnit& unit) {
  bool any = false;
  for (const std::uint32_t input : unit.inputs) {
    if (readers_[input] < 2 || looked_at_[input]) continue;  // one unit may as well be parsed
    looked_at_[input] = true;
    ENGRAM_TRY(moved, follow(input));
    any |= moved;
  }
  return any;
}

Result<bool> CommentChanges::follow(std::uint32_t source) {
  SemanticSource& then = known_.sources[source];
  if (then.content == Sha256{} || then.system) return false;
  const auto& now = freshness_.file_now(source);
  if (!now || now->content == then.content) return false;
  const auto old_text = content_text(store_, then.content);
  if (!old_text || !*old_text) return false;
  const auto text = read_file(now->path, now->size);
  if (!text || sha256(*text) != now->content) return false;
  const auto shift = CommentShift::between(**old_text, *text);
  if (!shift) return false;
  SemanticSource to = then;
  to.content = now->content;
  to.size = now->size;
  ENGRAM_TRY(moved,
             writer_.move_source(then, to, [&](std::uint32_t place) { return shift->map(place); }));
  if (moved) then = to;
  return moved;
}

}  // namespace engram
