#include "assist/recall/continuation_shares.h"

#include <algorithm>

namespace engram {

void ContinuationShares::read(const ContextMatch& match, const TokenIndex* folds,
                              double same_file) {
  shares_.clear();
  total_ = 0;
  for (const NextToken& next : match.next) {
    const double count = next.count + same_file * next.same_file;
    shares_.push_back(
        {next.token, folds != nullptr ? folds->fold_of(next.token) : next.token, count});
    total_ += count;
  }
  std::sort(shares_.begin(), shares_.end(), [](const Share& a, const Share& b) {
    return a.folded != b.folded ? a.folded < b.folded : a.token < b.token;
  });
  occurrences_ = match.occurrences;
  distinct_ = match.distinct - std::min<std::uint64_t>(match.distinct, match.next.size());
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    if (i == 0 || shares_[i].folded != shares_[i - 1].folded) ++distinct_;
  }
}

double ContinuationShares::of_class(TokenId folded) const {
  double sum = 0;
  for (const Share& s : shares_) sum += s.folded == folded ? s.count : 0;
  return sum / total_;
}

GateFeatures ContinuationShares::features(const ModelChances& model) const {
  return {.occurrences = occurrences_,
          .distinct = distinct_,
          .top = model.of(likeliest_class()),
          .most = model.most()};
}

TokenId ContinuationShares::likeliest_class() const {
  TokenId best = -1;
  double largest = -1;
  for (std::size_t i = 0; i < shares_.size();) {
    const TokenId folded = shares_[i].folded;
    double sum = 0;
    for (; i < shares_.size() && shares_[i].folded == folded; ++i) sum += shares_[i].count;
    if (sum <= largest) continue;
    largest = sum;
    best = folded;
  }
  return best;
}

}  // namespace engram
