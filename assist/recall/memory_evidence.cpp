#include "assist/recall/memory_evidence.h"

#include <algorithm>
#include <utility>

#include "assist/recall/continuation_shares.h"

namespace engram {
namespace {

class MemoryEvidence final : public Evidence {
 public:
  MemoryEvidence(std::shared_ptr<const EngramView> view, ContextSpelling spelling,
                 std::shared_ptr<const TokenIndex> folds, const GateParameters& gate,
                 std::shared_ptr<EvidenceWatcher> watcher)
      : view_(std::move(view)),
        spelling_(std::move(spelling)),
        folds_(std::move(folds)),
        gate_(gate),
        watcher_(std::move(watcher)) {}

  EvidenceAnswer next(std::span<const TokenId> sequence, std::string_view forced,
                      const ModelChances& model) override {
    EvidenceAnswer out;
    if (view_->damaged()) return out;
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
    if (!spelling_.spells() || chosen) {
      view_->look_up(spelling_.chosen(sequence), answer_, gate_.orders);
      return answer_.matches();
    }
    std::string text = spelling_.text(sequence);
    const std::size_t written = text.size();
    text += forced;
    std::size_t most = 0;
    going_on_.clear();
    for (const SpelledContext& way : spelling_.open(text)) {
      const std::size_t begin = text.size() - way.open.size();
      if (begin > written) continue;  // what is forced decides alone
      view_->look_up(way.tokens, answer_, gate_.orders);
      auto found = matches_going_on(answer_.matches(), way.open, written - begin);
      const std::size_t bytes = matched_bytes(way, found);
      if (bytes <= most) continue;
      most = bytes;
      going_on_ = std::move(found);
    }
    if (!forced.empty()) return going_on_;
    const SpelledContext closed = spelling_.closed(text);
    view_->look_up(closed.tokens, answer_, gate_.orders);
    const std::size_t whole = matched_bytes(closed, answer_.matches());
    const bool goes_on = ContextSpelling::ends_in_space(text) ? most >= whole : most > whole;
    return goes_on ? std::span<const ContextMatch>(going_on_) : answer_.matches();
  }

  std::size_t matched_bytes(const SpelledContext& context,
                            std::span<const ContextMatch> matches) const {
    if (matches.empty()) return 0;
    std::size_t bytes = context.open.size();
    for (const TokenId token : std::span(context.tokens).last(matches.front().length)) {
      bytes += spelling_.index().tokenizer().bytes(token).size();
    }
    return bytes;
  }

  // Of continuations that begin with `open`, whose first `written` bytes the sequence has.
  std::vector<ContextMatch> matches_going_on(std::span<const ContextMatch> matches,
                                             std::string_view open, std::size_t written) const {
    if (open.empty()) return {matches.begin(), matches.end()};
    std::vector<ContextMatch> out;
    for (const ContextMatch& match : matches) {
      ContextMatch going_on;
      going_on.length = match.length;
      going_on.exact = match.exact;
      for (const NextToken& next : match.next) {
        const std::string_view bytes = spelling_.index().tokenizer().bytes(next.token);
        if (bytes.size() > written && bytes.starts_with(open)) {
          add_next(going_on, beginning_of(bytes.substr(written)), next);
        }
      }
      going_on.distinct = going_on.next.size();
      if (!going_on.next.empty()) out.push_back(std::move(going_on));
    }
    return out;
  }

  // The token that spells these bytes, or as many of them as one can.
  TokenId beginning_of(std::string_view bytes) const {
    for (; !bytes.empty(); bytes.remove_suffix(1)) {
      if (const TokenId token = spelling_.index().find(bytes); token >= 0) return token;
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

  std::shared_ptr<const EngramView> view_;
  ContextSpelling spelling_;
  std::shared_ptr<const TokenIndex> folds_;
  const GateParameters gate_;
  std::shared_ptr<EvidenceWatcher> watcher_;
  std::size_t given_ = 0;  // tokens of the sequence when nothing was forced any more
  LookupAnswer answer_;
  std::vector<ContextMatch> going_on_;
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
