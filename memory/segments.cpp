#include "memory/segments.h"

#include <algorithm>
#include <memory>
#include <string>

#include "memory/compression.h"

namespace engram {

namespace {

constexpr std::size_t kMergeWidth = 8;
constexpr std::uint64_t kSmallestTierBytes = 64 << 10;

Error damaged() {
  return {Errc::kCorrupt, "a term block of the store is damaged; index again to rebuild it"};
}

// Blocks of compiler facts are compressed; the catalogue's are read as they lie, for speed.
bool is_compressed(TermKind kind) {
  return kind == TermKind::kSymbolNames || kind == TermKind::kSymbolSources;
}

// The block in a column; `buffer` holds it when it had to be unpacked.
Result<std::string_view> block_in(const Query& row, int column, TermKind kind,
                                  std::string& buffer) {
  if (!is_compressed(kind)) return row.blob(column);
  ENGRAM_TRY_VOID(decompress_into(buffer, row.blob(column)));
  return std::string_view(buffer);
}

struct Segment {
  std::int64_t id = 0;
  std::uint64_t bytes = 0;
};

int tier_of(std::uint64_t bytes) {
  int tier = 0;
  while (bytes > kSmallestTierBytes) {
    bytes /= kMergeWidth;
    ++tier;
  }
  return tier;
}

Result<std::vector<Segment>> list_segments(Database& db, TermKind kind) {
  std::vector<Segment> segments;
  Query rows(db, "SELECT id, bytes FROM segments WHERE kind = ? ORDER BY id",
             static_cast<int>(kind));
  while (rows.next()) segments.push_back({rows.integer(0), rows.id(1)});
  ENGRAM_TRY_VOID(rows.done());
  return segments;
}

Result<void> insert_segment(Database& db, TermKind kind, const std::vector<TermBlock>& blocks) {
  std::uint64_t bytes = 0;
  std::vector<std::string> packed;
  for (const TermBlock& b : blocks) {
    packed.push_back(is_compressed(kind) ? compress(b.data, 9) : b.data);
    bytes += packed.back().size();
  }
  ENGRAM_TRY_VOID(
      Query(db, "INSERT INTO segments(kind, bytes) VALUES(?, ?)", static_cast<int>(kind), bytes)
          .run());
  const std::int64_t segment = db.last_insert_id();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    ENGRAM_TRY_VOID(Query(db, "INSERT INTO term_blocks(segment, first_term, data) VALUES(?, ?, ?)",
                          segment, Blob{blocks[i].first_term}, Blob{packed[i]})
                        .run());
  }
  return {};
}

// Walks the terms of one stored segment in order.
class SegmentCursor {
 public:
  SegmentCursor(Database& db, TermKind kind, std::int64_t segment)
      : kind_(kind),
        rows_(db, "SELECT data FROM term_blocks WHERE segment = ? ORDER BY first_term", segment) {}
  // From the block on that may have `first`.
  SegmentCursor(Database& db, TermKind kind, std::int64_t segment, std::string_view first)
      : kind_(kind),
        rows_(db,
              "SELECT data FROM term_blocks WHERE segment = ?1 AND first_term >= "
              "coalesce((SELECT max(first_term) FROM term_blocks WHERE segment = ?1 AND "
              "first_term <= ?2), x'') ORDER BY first_term",
              segment, Blob{first}) {}

  bool next() {
    while (!block_.next()) {
      if (!block_.ok() || failed_ || !rows_.next()) return false;
      const auto block = block_in(rows_, 0, kind_, buffer_);
      failed_ = !block;
      if (block) block_ = TermBlockReader(*block);
    }
    return true;
  }
  Result<void> done() const {
    if (!block_.ok() || failed_) return damaged();
    return rows_.done();
  }
  const TermBlockReader& at() const { return block_; }

 private:
  TermKind kind_;
  Query rows_;
  std::string buffer_;
  TermBlockReader block_{{}};
  bool failed_ = false;
};

// Segments in order of creation have ascending ids, so the postings of a term just concatenate.
class Merge {
 public:
  Merge(Database& db, TermKind kind, const std::vector<Segment>& segments,
        const std::vector<IdRange>* live)
      : live_(live) {
    for (const Segment& s : segments) {
      cursors_.push_back(std::make_unique<SegmentCursor>(db, kind, s.id));
    }
  }

  Result<std::vector<TermBlock>> run() {
    std::vector<SegmentCursor*> open;  // in order of creation
    for (const auto& cursor : cursors_) {
      if (cursor->next()) open.push_back(cursor.get());
      ENGRAM_TRY_VOID(cursor->done());
    }
    while (!open.empty()) {
      const std::string term =
          (*std::min_element(open.begin(), open.end(),
                             [](auto* a, auto* b) { return a->at().term() < b->at().term(); }))
              ->at()
              .term();
      ENGRAM_TRY_VOID(merge_term(term, open));
    }
    return writer_.take();
  }

 private:
  Result<void> merge_term(const std::string& term, std::vector<SegmentCursor*>& open) {
    std::string postings;
    std::uint64_t last_id = 0, count = 0;
    for (auto& cursor : open) {
      if (cursor->at().term() != term) continue;
      const bool sound =
          for_each_posting(cursor->at().postings(), [&](std::uint64_t id, std::uint8_t value) {
            if (live_ != nullptr && !in_ranges(*live_, id)) return;
            append_posting(postings, id - last_id, value);
            last_id = id;
            ++count;
          });
      if (!sound) return damaged();
      if (cursor->next()) continue;
      ENGRAM_TRY_VOID(cursor->done());
      cursor = nullptr;
    }
    std::erase(open, nullptr);
    if (count > 0) writer_.add(term, count, postings);
    return {};
  }

  const std::vector<IdRange>* live_;
  std::vector<std::unique_ptr<SegmentCursor>> cursors_;
  TermBlockWriter writer_;
};

Result<void> replace_segments(Database& db, TermKind kind, const std::vector<Segment>& old,
                              const std::vector<IdRange>* live) {
  ENGRAM_TRY(blocks, Merge(db, kind, old, live).run());
  for (const Segment& s : old) {
    ENGRAM_TRY_VOID(Query(db, "DELETE FROM term_blocks WHERE segment = ?", s.id).run());
    ENGRAM_TRY_VOID(Query(db, "DELETE FROM segments WHERE id = ?", s.id).run());
  }
  return insert_segment(db, kind, blocks);
}

// The newest segments that are no larger than the newest one's tier.
std::vector<Segment> mergeable_tail(const std::vector<Segment>& segments) {
  std::vector<Segment> tail;
  const int tier = tier_of(segments.back().bytes);
  for (auto s = segments.rbegin(); s != segments.rend() && tier_of(s->bytes) <= tier; ++s) {
    tail.insert(tail.begin(), *s);
  }
  return tail;
}

}  // namespace

bool in_ranges(const std::vector<IdRange>& ranges, std::uint64_t id) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), id,
                       [](std::uint64_t x, const IdRange& r) { return x < r.first; });
  return after != ranges.begin() && id < (after - 1)->last;
}

Result<void> add_segment(Database& db, TermKind kind, TermBatch& batch) {
  if (batch.empty()) return {};
  ENGRAM_TRY_VOID(insert_segment(db, kind, batch.take_blocks()));
  while (true) {
    ENGRAM_TRY(segments, list_segments(db, kind));
    if (segments.empty()) return {};
    const std::vector<Segment> tail = mergeable_tail(segments);
    if (tail.size() < kMergeWidth) return {};
    ENGRAM_TRY_VOID(replace_segments(db, kind, tail, nullptr));
  }
}

Result<void> merge_all_segments(Database& db, TermKind kind, const std::vector<IdRange>& live) {
  ENGRAM_TRY(segments, list_segments(db, kind));
  if (segments.empty()) return {};
  return replace_segments(db, kind, segments, &live);
}

Result<std::vector<TermPosting>> find_postings(Database& db, TermKind kind, std::string_view term) {
  ENGRAM_TRY(segments, list_segments(db, kind));
  std::vector<TermPosting> found;
  std::string buffer;
  for (const Segment& s : segments) {
    Query row(db,
              "SELECT data FROM term_blocks WHERE segment = ? AND first_term <= ? "
              "ORDER BY first_term DESC LIMIT 1",
              s.id, Blob{term});
    if (!row.next()) {
      ENGRAM_TRY_VOID(row.done());
      continue;
    }
    ENGRAM_TRY(bytes, block_in(row, 0, kind, buffer));
    TermBlockReader block(bytes);
    while (block.next() && block.term() < term) {
    }
    if (!block.ok()) return damaged();
    if (block.term() != term) continue;
    const bool sound = for_each_posting(
        block.postings(),
        [&](std::uint64_t id, std::uint8_t value) { found.push_back({id, value}); });
    if (!sound) return damaged();
  }
  return found;
}

Result<std::vector<std::int64_t>> segment_ids(Database& db, TermKind kind) {
  ENGRAM_TRY(segments, list_segments(db, kind));
  std::vector<std::int64_t> ids;
  for (const Segment& s : segments) ids.push_back(s.id);
  return ids;
}

Result<void> scan_segment(Database& db, TermKind kind, std::int64_t segment,
                          const TermVisitor& visit) {
  SegmentCursor cursor(db, kind, segment);
  while (cursor.next()) {
    std::uint8_t values = 0;
    const bool sound =
        for_each_posting(cursor.at().postings(), [&](std::uint64_t, std::uint8_t value) {
          values = static_cast<std::uint8_t>(values | value);
        });
    if (!sound) return damaged();
    visit(cursor.at().term(), values);
  }
  return cursor.done();
}

Result<void> scan_prefix(Database& db, TermKind kind, std::string_view prefix,
                         const PrefixVisitor& visit) {
  ENGRAM_TRY(segments, list_segments(db, kind));
  std::vector<std::unique_ptr<SegmentCursor>> open;
  const auto advance = [&](std::unique_ptr<SegmentCursor>& cursor) -> Result<void> {
    do {
      if (!cursor->next()) {
        ENGRAM_TRY_VOID(cursor->done());
        cursor = nullptr;
        return {};
      }
    } while (std::string_view(cursor->at().term()) < prefix);
    if (!cursor->at().term().starts_with(prefix)) cursor = nullptr;
    return {};
  };
  for (const Segment& s : segments) {
    open.push_back(std::make_unique<SegmentCursor>(db, kind, s.id, prefix));
    ENGRAM_TRY_VOID(advance(open.back()));
  }
  while (std::erase(open, nullptr), !open.empty()) {
    const std::string term = (*std::min_element(open.begin(), open.end(),
                                                [](const auto& a, const auto& b) {
                                                  return a->at().term() < b->at().term();
                                                }))
                                 ->at()
                                 .term();
    std::uint32_t values = 0;
    for (auto& cursor : open) {
      if (cursor->at().term() != term) continue;
      const bool sound = for_each_posting(
          cursor->at().postings(),
          [&](std::uint64_t, std::uint8_t value) { values |= std::uint32_t{1} << (value & 31); });
      if (!sound) return damaged();
      ENGRAM_TRY_VOID(advance(cursor));
    }
    if (!visit(term, values)) return {};
  }
  return {};
}

}  // namespace engram
