// assist/engrams/counts.h: how much a store remembers, of which tokenizers, and what is wrong with
// it.
//
// Threads: pure functions.  Errors: none; what cannot be read is a line of `problems`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "memory/engrams/snapshot.h"

namespace engram {

struct EngramCounts {
  std::uint64_t tokens = 0, contents = 0, segments = 0, bytes = 0;  // that count; on disk
  std::uint64_t cut_literals = 0;                                   // that looked random
  std::vector<std::string> capped;    // files remembered only at their beginning
  std::vector<std::string> problems;  // damaged segments, one line each
};
EngramCounts engram_counts(const EngramSnapshot& snapshot);

// What a store remembers, for each tokenizer it has engrams of.
struct EngramMemories {
  std::vector<std::pair<std::string, EngramCounts>> by_tokenizer;  // by fingerprint
  EngramCounts together;                                           // sums, all problems
};
EngramMemories engram_memories(const std::filesystem::path& store);

// The flags a content is stored with: whether it was capped, and how many literals were cut out.
std::uint32_t content_flags(bool capped, std::size_t cuts);

}  // namespace engram
