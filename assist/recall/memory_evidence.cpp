#include "assist/recall/memory_evidence.h"

#include <algorithm>
#include <utility>

#include "assist/recall/continuation_shares.h"
#include "assist/recall/place_matches.h"

namespace engram {
namespace {

class MemoryEvidence final : public Evidence {
 public:
  MemoryEvidence(std::shared_ptr<const EngramView> view, ContextSpelling spelling,
                 std::shared_ptr<const TokenIndex> folds, const GateParameters& gate,
                 std::shared_ptr<EvidenceWatcher> watcher)
      : places_(std::move(view), std::move(spelling), gate.orders),
        folds_(std::move(folds)),
        gate_(gate),
        watcher_(std::move(watcher)) {}

  EvidenceAnswer next(std::span<const TokenId> sequence, std::string_view forced,
                      const ModelChances& model) override {
    EvidenceAnswer out;
    if (places_.view().damaged()) return out;
    const auto matches = matches_of(sequence, forced);
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
  // The contexts that occur, the longest first, with what they say of the next token.
  std::span<const ContextMatch> matches_of(std::span<const TokenId> sequence,
                                           std::string_view forced) {
    if (forced.empty() && given_ == 0) given_ = sequence.size();
    const bool chosen = given_ != 0 && sequence.size() > given_;
    const PlaceMatches::Found& found = places_.find(sequence, forced, chosen);
    if (found.open.empty()) return found.matches;
    added_.clear();
    for (const ContextMatch& match : found.matches) add_match(match, found.written);
    return added_;
  }

  // Each next token as the one that spells what it adds.
  void add_match(const ContextMatch& match, std::size_t written) {
    ContextMatch added;
    added.length = match.length;
    added.exact = match.exact;
    for (const NextToken& next : match.next) {
      const std::string_view bytes = places_.spelling().index().tokenizer().bytes(next.token);
      add_next(added, beginning_of(bytes.substr(written)), next);
    }
    added.distinct = added.next.size();
    if (!added.next.empty()) added_.push_back(std::move(added));
  }

  // The token that spells these bytes, or as many of them as one can.
  TokenId beginning_of(std::string_view bytes) const {
    for (; !bytes.empty(); bytes.remove_suffix(1)) {
      const TokenId token = places_.spelling().index().find(bytes);
      if (token >= 0) return token;
    }
    return -1;
  }

  static void add_next(ContextMatch& match, TokenId token, const NextToken& next) {
    if (token < 0) return;
    match.occurrences += next.count;
    const auto known = std::find_if(match.next.begin(), match.next.end(),
                                    [&](const NextToken& n) { return n.token == token; });
    if (known == match.next.end()) {
      match.next.push_back({token, next.count, next.same_file});
    } else {
      known->count += next.count;
      known->same_file += next.same_file;
    }
  }

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

  PlaceMatches places_;
  std::shared_ptr<const TokenIndex> folds_;
  const GateParameters gate_;
  std::shared_ptr<EvidenceWatcher> watcher_;
  std::size_t given_ = 0;  // tokens of the sequence when nothing was forced any more
  std::vector<ContextMatch> added_;
  ContinuationShares shares_;  // of one context
};

}  // namespace

std::shared_ptr<Evidence> make_memory_evidence(std::shared_ptr<const EngramView> view,
                                               ContextSpelling spelling,
                                               std::shared_ptr<const TokenIndex> folds,
                                               const GateParameters& gate,
                                               std::shared_ptr<EvidenceWatcher> watcher) {
  return std::make_shared<MemoryEvidence>(std::move(view), std::move(spelling), std::move(folds),
                                          gate, std::move(watcher));
}

}  // namespace engram
