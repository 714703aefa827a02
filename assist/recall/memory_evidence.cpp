#include "assist/recall/memory_evidence.h"

#include <algorithm>
#include <utility>

namespace engram {
namespace {

struct Share {
  TokenId token, folded;
  double count;
};

class MemoryEvidence final : public Evidence {
 public:
  MemoryEvidence(std::shared_ptr<const EngramView> view, RecallPlace place,
                 std::shared_ptr<const TokenIndex> folds, const GateParameters& gate)
      : view_(std::move(view)), place_(std::move(place)), folds_(std::move(folds)), gate_(gate) {}

  EvidenceAnswer next(std::span<const TokenId> sequence, const ModelChances& model) override {
    EvidenceAnswer out;
    if (view_->damaged()) return out;
    view_->look_up(place_.context(sequence), answer_, gate_.orders);
    const auto matches = answer_.matches();
    double model_part = 1;
    for (auto match = matches.rbegin(); match != matches.rend(); ++match) {
      const double weight = mix(*match, model, out.masses);
      model_part *= 1 - weight;
    }
    out.weight = 1 - model_part;
    if (!(out.weight > 0)) return {};
    for (EvidenceMass& mass : out.masses) mass.mass /= out.weight;
    return out;
  }

 private:
  // p <- (1 - l) p + l q for one context; returns l.
  double mix(const ContextMatch& match, const ModelChances& model,
             std::vector<EvidenceMass>& masses) {
    if (match.next.empty()) return 0;
    const std::size_t classes = share_out(match);
    const TokenId top = likeliest_class();
    const std::uint64_t unlisted = match.distinct - std::min(match.distinct, match.next.size());
    const double weight = gate_weight(gate_, {.occurrences = match.occurrences,
                                              .distinct = classes + unlisted,
                                              .top = model.of(top),
                                              .most = model.most()});
    for (EvidenceMass& mass : masses) mass.mass *= 1 - weight;
    for (const Share& s : shares_) {
      const auto known = std::find_if(masses.begin(), masses.end(), [&](const EvidenceMass& mass) {
        return mass.token == s.token;
      });
      if (known == masses.end()) {
        masses.push_back({s.token, weight * s.count / total_});
      } else {
        known->mass += weight * s.count / total_;
      }
    }
    return weight;
  }

  // Fills shares_, those that fold to the same next to each other; returns how many kinds.
  std::size_t share_out(const ContextMatch& match) {
    shares_.clear();
    total_ = 0;
    for (const NextToken& next : match.next) {
      const double count = next.count + gate_.same_file * next.same_file;
      shares_.push_back({next.token, folds_ ? folds_->fold_of(next.token) : next.token, count});
      total_ += count;
    }
    std::sort(shares_.begin(), shares_.end(), [](const Share& a, const Share& b) {
      return a.folded != b.folded ? a.folded < b.folded : a.token < b.token;
    });
    std::size_t classes = 0;
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      if (i == 0 || shares_[i].folded != shares_[i - 1].folded) ++classes;
    }
    return classes;
  }

  TokenId likeliest_class() const {
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

  std::shared_ptr<const EngramView> view_;
  RecallPlace place_;
  std::shared_ptr<const TokenIndex> folds_;
  const GateParameters gate_;
  LookupAnswer answer_;
  std::vector<Share> shares_;  // of one context
  double total_ = 0;           // of their counts
};

}  // namespace

std::shared_ptr<Evidence> make_memory_evidence(std::shared_ptr<const EngramView> view,
                                               RecallPlace place,
                                               std::shared_ptr<const TokenIndex> folds,
                                               const GateParameters& gate) {
  return std::make_shared<MemoryEvidence>(std::move(view), std::move(place), std::move(folds),
                                          gate);
}

}  // namespace engram
