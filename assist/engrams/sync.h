// assist/engrams/sync.h: fills the engram memory from the catalogue: tokenizes what is new there.
//
// The catalogue says which contents a workspace has; their texts are in it, so the working tree is
// not read. Contents are tokenized once each, on several threads, and committed in large pieces;
// merging follows. A store is synced per tokenizer: models of one family share a memory.
//
// Threads: blocks its caller; one sync per store and tokenizer at a time (the writer's lease).
// Errors: those of CatalogueReader and EngramWriter; kCancelled after `stop` (what was committed
// stays).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "assist/engrams/counts.h"
#include "core/result.h"
#include "engine/tokenizer/tokenizer.h"
#include "memory/engrams/store.h"

namespace engram {

// What one sync has opened and made, for the next of the same store and tokenizer: a saved file
// then costs what is new.
struct KeptEngrams {
  std::shared_ptr<const EngramVocabulary> vocabulary;
  EngramState state;
};

struct EngramSyncOptions {
  unsigned jobs = 0;        // 0: number of cores
  bool background = false;  // low priority threads
  std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)> progress{};
  std::function<void()> may_proceed{};  // between batches; may block
  KeptEngrams* kept = nullptr;          // used and brought up to date
};

struct EngramReport {
  EngramCounts counts;
  std::uint64_t files_changed = 0, bytes_tokenized = 0;
  double seconds = 0;
  bool first = false;  // the store had none of this tokenizer
};

Result<EngramReport> sync_engrams(const std::filesystem::path& store, const Tokenizer& tokenizer,
                                  const EngramSyncOptions& options, std::stop_token stop = {});
// Only these paths, or what lies below them; `counts` has only problems. `seconds` is until they
// can be recalled; making that durable and merging follow, and sync_engrams() where a segment
// turned out to be damaged. Where the store has none of this tokenizer yet, it is sync_engrams().
Result<EngramReport> update_engrams(const std::filesystem::path& store, const Tokenizer& tokenizer,
                                    const std::vector<std::string>& paths,
                                    const EngramSyncOptions& options, std::stop_token stop = {});

}  // namespace engram
