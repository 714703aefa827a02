#include "assist/evaluation/gate_samples.h"

#include <memory>
#include <utility>

#include "assist/recall/continuation_shares.h"

namespace engram {

namespace {

// Knows which tokens will be asked about, one after the other.
class TokenWatcher final : public EvidenceWatcher {
 public:
  explicit TokenWatcher(double same_file) : same_file_(same_file) {}

  void expect(std::vector<TokenId> truth) { truth_ = std::move(truth), seen_.clear(); }
  std::vector<GateToken> take() { return std::move(seen_); }

  void asked(const ModelChances& model, std::span<const ContextMatch> matches,
             const TokenIndex* folds) override {
    if (seen_.size() >= truth_.size()) return;
    const TokenId truth = truth_[seen_.size()];
    GateToken token;
    token.model = model.of(truth);
    for (auto match = matches.rbegin(); match != matches.rend(); ++match) {
      if (match->next.empty()) continue;
      shares_.read(*match, folds, same_file_);
      token.contexts.push_back(
          {shares_.features(model),
           shares_.of_class(folds != nullptr ? folds->fold_of(truth) : truth)});
    }
    seen_.push_back(std::move(token));
  }

 private:
  const double same_file_;
  std::vector<TokenId> truth_;
  std::vector<GateToken> seen_;
  ContinuationShares shares_;
};

Condition file_and_evidence() {
  Condition condition;
  condition.ingredients.suffix = true;
  condition.recall.evidence = condition.recall.below_cursor = true;
  return condition;
}

}  // namespace

Result<std::vector<GateToken>> gate_tokens(const EvaluationSetup& setup,
                                           const std::vector<HiddenPlace>& places,
                                           std::stop_token stop) {
  std::vector<GateToken> all;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto watcher = std::make_shared<TokenWatcher>(setup.gate.same_file);
    CompleterOptions options = completer_options(setup, file_and_evidence());
    options.recall.watcher = watcher;
    const auto completer = Completer::create(setup.engine, options);
    const CompletionRequest request = request_for(places[i]);
    ENGRAM_TRY(known, completer->score(request, places[i].truth, stop));  // only its tokens
    std::vector<TokenId> truth;
    for (const auto& token : known.tokens) truth.push_back(token.id);
    watcher->expect(std::move(truth));
    ENGRAM_TRY_VOID(completer->score(request, places[i].truth, stop));
    if (stop.stop_requested()) return Error{Errc::kCancelled, "interrupted"};
    std::vector<GateToken> seen = watcher->take();
    if (!seen.empty()) all.insert(all.end(), std::next(seen.begin()), seen.end());
    if (setup.progress) setup.progress(i + 1, places.size());
  }
  return all;
}

}  // namespace engram
