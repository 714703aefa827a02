#include "assist/recall/memory_evidence.h"

#include <algorithm>
#include <utility>

#include "assist/recall/continuation_shares.h"

namespace engram {
namespace {

class MemoryEvidence final : public Evidence {
 public:
  MemoryEvidence(std::shared_ptr<const EngramView> view, RecallPlace place,
                 std::shared_ptr<const TokenIndex> folds, const GateParameters& gate,
                 std::shared_ptr<EvidenceWatcher> watcher)
      : view_(std::move(view)),
        place_(std::move(place)),
        folds_(std::move(folds)),
        gate_(gate),
        watcher_(std::move(watcher)) {}

  EvidenceAnswer next(std::span<const TokenId> sequence, const ModelChances& model) override {
    EvidenceAnswer out;
    if (view_->damaged()) return out;
    view_->look_up(place_.context(sequence), answer_, gate_.orders);
    const auto matches = answer_.matches();
    if (watcher_) watcher_->asked(model, matches, folds_.get());
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
    shares_.read(match, folds_.get(), gate_.same_file);
    const double weight = gate_weight(gate_, shares_.features(model));
    for (EvidenceMass& mass : masses) mass.mass *= 1 - weight;
    for (const auto& s : shares_.shares()) {
      const auto known = std::find_if(masses.begin(), masses.end(), [&](const EvidenceMass& mass) {
        return mass.token == s.token;
      });
      if (known == masses.end()) {
        masses.push_back({s.token, weight * s.count / shares_.total()});
      } else {
        known->mass += weight * s.count / shares_.total();
      }
    }
    return weight;
  }

  std::shared_ptr<const EngramView> view_;
  RecallPlace place_;
  std::shared_ptr<const TokenIndex> folds_;
  const GateParameters gate_;
  std::shared_ptr<EvidenceWatcher> watcher_;
  LookupAnswer answer_;
  ContinuationShares shares_;  // of one context
};

}  // namespace

std::shared_ptr<Evidence> make_memory_evidence(std::shared_ptr<const EngramView> view,
                                               RecallPlace place,
                                               std::shared_ptr<const TokenIndex> folds,
                                               const GateParameters& gate,
                                               std::shared_ptr<EvidenceWatcher> watcher) {
  return std::make_shared<MemoryEvidence>(std::move(view), std::move(place), std::move(folds), gate,
                                          std::move(watcher));
}

}  // namespace engram
