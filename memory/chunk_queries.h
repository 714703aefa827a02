// memory/chunk_queries.h: chunks of a store ranked by BM25 over sub-words. Private to memory/.
//
// The rarest words are read first and reading stops at a fixed number of postings, so a query
// costs milliseconds however large the store. docs/formats/catalogue.md explains the impacts.
//
// Threads: confined to one thread (keeps its accumulators between queries); the caller holds a
// snapshot.  Errors: those of stored_rows.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/catalogue.h"
#include "memory/sqlite.h"

namespace engram {

class ChunkSearch {
 public:
  Result<std::vector<ChunkHit>> similar(Database& db, const CatalogueReader::ChunkQuery& query);
  // Chunks of contents in which every word occurs, in identifiers or comments.
  Result<std::vector<ChunkHit>> full_text(Database& db, std::string_view words, std::size_t limit);

 private:
  struct Scored {
    std::uint64_t chunk = 0;
    float score = 0;
  };
  // A word and how much it counts.
  struct WeightedWord {
    std::string word;
    double weight = 1;
  };
  Result<std::vector<Scored>> rank(Database& db, const std::vector<WeightedWord>& words);
  // Turns the best into hits, skipping chunks that are no file's now or that `accept` refuses.
  using Accept = std::function<bool(const std::string& path, std::uint32_t flags)>;
  Result<std::vector<ChunkHit>> resolve(Database& db, std::vector<Scored> scored, std::size_t limit,
                                        const Accept& accept);

  std::vector<float> scores_;  // by chunk id; all zero between queries
};

}  // namespace engram
