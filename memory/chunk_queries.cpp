#include "memory/chunk_queries.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "memory/segments.h"
#include "memory/stored_rows.h"
#include "memory/sub_words.h"

namespace engram {

namespace {

constexpr std::size_t kMaxPostings = 2'000'000;  // about 10 ms
constexpr std::size_t kMaxWords = 256;           // of one query
constexpr std::size_t kMostRefused = 2'000;      // hits passed over: about 0.1 s
constexpr std::size_t kMaxFullTextContents = 20'000;
constexpr std::uint64_t kMaxDenseChunks = std::uint64_t{1} << 26;

Result<std::uint64_t> chunk_id_end(Database& db) {
  std::uint64_t end = 0;
  Query row(db, "SELECT id + max(1, chunk_count) FROM contents ORDER BY id DESC LIMIT 1");
  if (row.next()) end = row.id(0);
  ENGRAM_TRY_VOID(row.done());
  if (end > kMaxDenseChunks) {
    return Error{Errc::kCorrupt, "the store's chunk numbers are damaged; index again to rebuild"};
  }
  return end;
}

// The chunks of the contents that the full-text index says match, as ranges in order.
Result<std::vector<IdRange>> matching_contents(Database& db, std::string_view match) {
  std::vector<IdRange> ranges;
  Query rows(db,
             "SELECT id, id + chunk_count FROM words_fts JOIN contents ON id = words_fts.rowid "
             "WHERE words_fts MATCH ? LIMIT ?",
             match, kMaxFullTextContents);
  while (rows.next()) ranges.push_back({rows.id(0), rows.id(1)});
  ENGRAM_TRY_VOID(rows.done());
  std::sort(ranges.begin(), ranges.end(),
            [](const IdRange& a, const IdRange& b) { return a.first < b.first; });
  return ranges;
}

}  // namespace

Result<std::vector<ChunkSearch::Scored>> ChunkSearch::rank(Database& db,
                                                           const std::vector<WeightedWord>& words) {
  ENGRAM_TRY(end, chunk_id_end(db));
  struct Term {
    double weight;
    std::vector<TermPosting> postings;
  };
  std::vector<Term> terms;
  for (const WeightedWord& w : words) {
    ENGRAM_TRY(postings, find_postings(db, TermKind::kWords, w.word));
    if (postings.empty()) continue;
    const auto have = static_cast<double>(postings.size());
    const double idf = std::log(1 + (static_cast<double>(end) - have + 0.5) / (have + 0.5));
    terms.push_back({idf * w.weight / kImpactScale, std::move(postings)});
  }
  std::sort(terms.begin(), terms.end(),
            [](const Term& a, const Term& b) { return a.postings.size() < b.postings.size(); });

  if (scores_.size() < end) scores_.resize(static_cast<std::size_t>(end), 0.0f);
  std::vector<std::uint64_t> touched;
  std::size_t read = 0;
  for (const Term& term : terms) {
    if (read > 0 && read + term.postings.size() > kMaxPostings) break;
    read += term.postings.size();
    for (const TermPosting& p : term.postings) {
      if (p.id >= end) continue;
      float& score = scores_[static_cast<std::size_t>(p.id)];
      if (score == 0) touched.push_back(p.id);
      score += static_cast<float>(term.weight * p.value);
    }
  }
  std::vector<Scored> scored;
  scored.reserve(touched.size());
  for (const std::uint64_t chunk : touched) {
    scored.push_back({chunk, std::exchange(scores_[static_cast<std::size_t>(chunk)], 0.0f)});
  }
  return scored;
}

Result<std::vector<ChunkHit>> ChunkSearch::resolve(Database& db, std::vector<Scored> scored,
                                                   std::size_t limit, const Accept& accept) {
  std::vector<ChunkHit> hits;
  const auto better = [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.chunk < b.chunk;
  };
  // Sort as far as needed: dead and refused chunks make us go on, but not for long. What lies far
  // below the best is hardly similar.
  const std::size_t end = std::min(scored.size(), limit + kMostRefused);
  std::size_t sorted = 0;
  for (std::size_t i = 0; i < end && hits.size() < limit; ++i) {
    if (i == sorted) {
      sorted = std::min(scored.size(), sorted + std::max<std::size_t>(64, limit * 4));
      std::partial_sort(scored.begin() + static_cast<std::ptrdiff_t>(i),
                        scored.begin() + static_cast<std::ptrdiff_t>(sorted), scored.end(), better);
    }
    ENGRAM_TRY(content, content_of_chunk(db, scored[i].chunk));
    if (!content) continue;
    ENGRAM_TRY(paths, paths_of_content(db, content->id));
    const auto path = std::find_if(paths.begin(), paths.end(),
                                   [&](const StoredPath& p) { return accept(p.path, p.flags); });
    if (path == paths.end()) continue;
    ENGRAM_TRY(chunks, stored_chunks(db, *content));
    ENGRAM_TRY(text, stored_text(db, *content));
    const Chunk& chunk = chunks[static_cast<std::size_t>(scored[i].chunk - content->id)];
    hits.push_back({path->path, content->language, chunk,
                    text.substr(chunk.begin, chunk.end - chunk.begin), scored[i].score,
                    path->flags});
  }
  return hits;
}

Result<std::vector<ChunkHit>> ChunkSearch::similar(Database& db,
                                                   const CatalogueReader::ChunkQuery& query) {
  std::map<std::string, std::size_t> counts;
  for (const std::string& identifier : query.identifiers) {
    for (std::string& word : sub_words(identifier)) {
      if (word.size() >= 2 && (counts.size() < kMaxWords || counts.contains(word))) ++counts[word];
    }
  }
  std::vector<WeightedWord> words;
  for (const auto& [word, count] : counts) {
    words.push_back({word, 1 + std::log(static_cast<double>(count))});
  }
  ENGRAM_TRY(scored, rank(db, words));
  return resolve(db, std::move(scored), query.limit,
                 [&](const std::string& path, std::uint32_t flags) {
                   const auto& excluded = query.exclude_paths;
                   return std::find(excluded.begin(), excluded.end(), path) == excluded.end() &&
                          (query.include_foreign || !is_foreign(flags));
                 });
}

Result<std::vector<ChunkHit>> ChunkSearch::full_text(Database& db, std::string_view text,
                                                     std::size_t limit) {
  std::vector<WeightedWord> words;
  std::string match;  // every word, quoted: nothing in it is FTS5 syntax
  for (std::string& word : sub_words(text)) {
    if (word.size() < 2 || words.size() >= kMaxWords) continue;
    match += (match.empty() ? "\"" : " \"") + word + "\"";
    words.push_back({std::move(word), 1});
  }
  if (words.empty()) return std::vector<ChunkHit>{};
  ENGRAM_TRY(contents, matching_contents(db, match));
  ENGRAM_TRY(scored, rank(db, words));
  std::erase_if(scored, [&](const Scored& s) { return !in_ranges(contents, s.chunk); });
  return resolve(db, std::move(scored), limit,
                 [](const std::string&, std::uint32_t) { return true; });
}

}  // namespace engram
