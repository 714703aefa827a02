// tests/memory/recall_oracle.h: are the continuations of places of a text recalled? Places are
// drawn by a seed; what follows their contexts everywhere is counted by reading the whole text,
// once for each length of context, and comparing.
//
// Used by the unit test on a small text and by bench_recall at 1 to 100 M tokens.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "memory/engrams/lookup.h"

namespace engram {

struct RecallSample {
  std::vector<EngramToken> context;  // 4 to kMaxEngramContext tokens
  EngramToken next = 0;              // what truly followed
  std::uint64_t occurrences = 0;     // of the context with a next token, everywhere; at least 2
  std::uint64_t same = 0;            // of those, with this next token
  std::uint64_t distinct = 0;        // different next tokens
};

using ContentTokens = std::vector<EngramToken>;

// `wanted` places whose context occurs elsewhere too, or as many as 20 times that many draws find.
std::vector<RecallSample> sample_recall(std::span<const ContentTokens> contents, std::size_t wanted,
                                        std::uint64_t seed);

struct RecallScore {
  std::uint64_t samples = 0;
  std::uint64_t iterated = 0;     // all occurrences, and the true token among them, by for_each
  std::uint64_t rare = 0;         // samples with at most 64 occurrences
  std::uint64_t rare_ranked = 0;  // of those, the true token is in the ranked list
  std::uint64_t often = 0, often_ranked = 0;  // the same for those with more
  std::uint64_t counted = 0;                  // look_up's C and T are right or flagged as estimates
  std::string first_wrong;                    // for a person
};
RecallScore score_recall(const EngramView& view, std::span<const RecallSample> samples);

}  // namespace engram
