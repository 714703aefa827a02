// memory/engrams/next_tally.h: counts of tokens, ranked.
//
// Threads: confined to one thread.  Errors: none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "memory/engrams/lookup.h"

namespace engram {

// Counts by token; empties itself in time proportional to what was counted.
class NextTally {
 public:
  void resize(std::size_t vocabulary) {
    if (counts_.size() < vocabulary) counts_.resize(vocabulary);
  }
  void add(EngramToken token, std::uint32_t count, std::uint32_t same_file) {
    Count& c = counts_[static_cast<std::size_t>(token)];
    if (c.all == 0) seen_.push_back(token);
    c.all += count;
    c.same_file += same_file;
  }
  std::size_t distinct() const { return seen_.size(); }
  void take_ranked(std::vector<NextToken>& out) {
    out.clear();
    for (const EngramToken token : seen_) {
      Count& c = counts_[static_cast<std::size_t>(token)];
      out.push_back({token, c.all, c.same_file});
      c = {};
    }
    seen_.clear();
    const auto ranks_before = [](const NextToken& a, const NextToken& b) {
      return a.count != b.count ? a.count > b.count : a.token < b.token;
    };
    if (out.size() > ContextMatch::kMaxNext) {
      std::nth_element(out.begin(), out.begin() + ContextMatch::kMaxNext, out.end(), ranks_before);
      out.resize(ContextMatch::kMaxNext);
    }
    std::sort(out.begin(), out.end(), ranks_before);
  }

 private:
  struct Count {
    std::uint32_t all = 0, same_file = 0;
  };
  std::vector<Count> counts_;
  std::vector<EngramToken> seen_;
};

}  // namespace engram
