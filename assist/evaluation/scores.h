// assist/evaluation/scores.h: how near a suggestion is to the truth, and how sure a difference is.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace engram {

// 1 for equal texts, 0 for nothing in common: 1 - Levenshtein distance / longer length.
double edit_similarity(std::string_view a, std::string_view b);

// Distinct identifiers of `truth`, and how many of them `text` has too.
struct IdentifierCount {
  std::size_t wanted = 0, found = 0;
};
IdentifierCount identifier_count(std::string_view text, std::string_view truth);

// The mean of paired differences with its 95 % interval: percentiles of the means of 2,000 samples
// of as many pairs, drawn with replacement by `seed`.
struct Interval {
  double mean = 0, low = 0, high = 0;
};
Interval paired_bootstrap(const std::vector<double>& differences, std::uint64_t seed);

// The largest share of all suggestions that can be shown, most confident first, with at least
// `precision` of those shown right. Equal confidence is shown together.
struct Judged {
  double confidence = 0;
  bool right = false;
};
double coverage_at_precision(std::vector<Judged> shown, std::size_t of, double precision);

}  // namespace engram
