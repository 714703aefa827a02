#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "engine/softmax.h"

namespace engram {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): one step, and its upper bits as a number in [0, 1).
double next_unit(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1.0p-53;
}

constexpr double kLeastAlternative = 0.01;
constexpr double kLeastMass = 1e-30;  // what is scored is never quite impossible

bool is_white_space(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

}  // namespace

Sampler::Sampler(std::shared_ptr<const TokenIndex> index, const SamplingOptions& options)
    : index_(std::move(index)), options_(options), random_state_(options.seed) {}

template <class Visit>
void Sampler::for_each_candidate(Visit visit) const {
  if (constrained_) {
    for (const TokenId id : candidates_) visit(id);
    return;
  }
  const std::size_t n = std::min(mass_.size(), index_->tokenizer().vocab_size());
  for (std::size_t i = 0; i < n; ++i) visit(static_cast<TokenId>(i));
}

Result<SampledToken> Sampler::sample(std::span<const float> logits, std::string_view forced,
                                     const EvidenceQuestion& question, GrammarPlace place) {
  mask_ = nullptr;
  if (place.constraint != nullptr && forced.empty()) {
    ENGRAM_TRY_VOID(forbid(logits, place));
  }
  ENGRAM_TRY_VOID(weigh(logits, forced, question));
  collect_candidates(forced, place);
  TokenId drawn = options_.temperature > 0 ? pick_at_random() : -1;
  if (options_.fold_lines) {
    fold(forced);
    const std::size_t n_text = drawn < 0 ? 0 : text_bytes(drawn, forced);
    const bool drawn_line_end = drawn >= 0 && n_text < index_->tokenizer().bytes(drawn).size();
    if (drawn < 0) drawn = pick_most_likely();
    chosen_ = drawn;
    if (drawn >= 0) return score_folded(drawn, forced, drawn_line_end);
  }
  if (drawn < 0) drawn = pick_most_likely();
  chosen_ = drawn;
  if (drawn < 0) {
    return Error{Errc::kDevice, "no token of the vocabulary can spell the forced text"};
  }
  SampledToken out;
  out.id = drawn;
  out.n_bytes = index_->tokenizer().bytes(drawn).size();
  out.log_probability = std::log(static_cast<double>(mass(drawn)) / total_);
  return out;
}

Result<SampledToken> Sampler::score(std::span<const float> logits, std::string_view forced,
                                    TokenId id, const EvidenceQuestion& question) {
  ENGRAM_TRY_VOID(weigh(logits, forced, question));
  collect_candidates(forced);
  if (options_.fold_lines) fold(forced);
  if (id < 0 || static_cast<std::size_t>(id) >= mass_.size()) {
    return Error{Errc::kInvalidArgument, "the text to score has tokens that the model lacks"};
  }
  const auto whole = std::max(static_cast<double>(mass(id)), kLeastMass * total_);
  if (options_.fold_lines) carried_ = static_cast<double>(line_mass(id)) / whole;
  return SampledToken{id, index_->tokenizer().bytes(id).size(), false, std::log(whole / total_)};
}

// Points `logits` to a copy in which what the grammar does not allow is impossible.
Result<void> Sampler::forbid(std::span<const float>& logits, GrammarPlace place) {
  constexpr float kImpossible = -std::numeric_limits<float>::infinity();
  mask_ = &place.constraint->mask(place.state);
  allowed_.resize(logits.size());
  bool any = false;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const bool allowed = mask_->allows(static_cast<TokenId>(i));
    allowed_[i] = allowed ? logits[i] : kImpossible;
    any = any || allowed;
  }
  if (!any) {
    return Error{Errc::kInvalidArgument,
                 "no token of this model spells what the grammar allows next"};
  }
  logits = allowed_;
  return {};
}

// The masses as the model gave them, folded where lines are.
class Sampler::Chances final : public ModelChances {
 public:
  explicit Chances(const Sampler& sampler) : sampler_(sampler) {}

  double of(TokenId token) const override {
    if (!sampler_.options_.fold_lines) return share(token);
    const TokenId into = sampler_.index_->fold_of(token);
    double sum = 0;
    bool counted = false;
    for (const TokenIndex::Fold& f : sampler_.index_->folding_into(into)) {
      sum += share(f.token);
      counted = counted || f.token == into;
    }
    return counted ? sum : sum + share(into);
  }
  double most() const override {
    const auto n = std::min(sampler_.mass_.size(), sampler_.index_->tokenizer().vocab_size());
    return of(static_cast<TokenId>(position_of_largest(std::span(sampler_.mass_).first(n))));
  }

 private:
  double share(TokenId token) const {
    if (token < 0 || static_cast<std::size_t>(token) >= sampler_.mass_.size()) return 0;
    return static_cast<double>(sampler_.mass(token)) / sampler_.total_;
  }
  const Sampler& sampler_;
};

// Fills mass_ and total_.
Result<void> Sampler::weigh(std::span<const float> logits, std::string_view forced,
                            const EvidenceQuestion& question) {
  mass_.resize(logits.size());
  const auto sum = relative_probabilities(logits, mass_);
  if (!sum) {
    return Error{Errc::kDevice,
                 "the model produced NaN: its file may be damaged; verify or fetch it again"};
  }
  total_ = *sum;
  if (question.evidence == nullptr) return {};
  const auto answer = question.evidence->next(question.context, forced, Chances(*this));
  if (answer.weight > 0 && !answer.masses.empty()) mix(answer);
  return {};
}

// p' = (1 - w S) p + w m, in masses relative to total_, which stays the same.
void Sampler::mix(const EvidenceAnswer& evidence) {
  const std::size_t n = std::min(mass_.size(), index_->tokenizer().vocab_size());
  const auto counts = [&](const EvidenceMass& e) {
    return e.token >= 0 && static_cast<std::size_t>(e.token) < n && e.mass > 0 &&
           std::isfinite(e.mass) && (mask_ == nullptr || mask_->allows(e.token));
  };
  double sum = 0;
  for (const EvidenceMass& e : evidence.masses) sum += counts(e) ? e.mass : 0;
  if (!(sum > 0) || !std::isfinite(sum)) return;
  const double scale = sum > 1 ? 1 / sum : 1;
  const double weight = std::min(evidence.weight, 1.0);
  const auto keep = static_cast<float>(1 - weight * sum * scale);
  for (float& m : mass_) m *= keep;
  for (const EvidenceMass& e : evidence.masses) {
    if (counts(e)) mass(e.token) += static_cast<float>(weight * scale * e.mass * total_);
  }
}

void Sampler::collect_candidates(std::string_view forced, GrammarPlace place) {
  candidates_.clear();
  constrained_ = !forced.empty();
  if (!constrained_) return;
  const auto possible = [&](TokenId id) {
    return id >= 0 && static_cast<std::size_t>(id) < mass_.size();
  };
  const auto goes_on = [&](TokenId id) {
    const std::string_view rest = index_->tokenizer().bytes(id).substr(forced.size());
    return place.constraint == nullptr ||
           place.constraint->next(place.state, rest) != TokenConstraint::kDead;
  };
  for (const TokenId id : index_->starting_with(forced)) {
    if (possible(id) && goes_on(id)) candidates_.push_back(id);
  }
  if (candidates_.empty() || is_white_space(forced)) {
    for (std::size_t n = 1; n < forced.size(); ++n) {
      const TokenId id = index_->find(forced.substr(0, n));
      if (possible(id)) candidates_.push_back(id);
    }
  }
  total_ = 0;
  for (const TokenId id : candidates_) total_ += static_cast<double>(mass(id));
  if (total_ > 0) return;
  // The model gives what was typed no chance at all: any spelling is as good as another.
  for (const TokenId id : candidates_) mass(id) = 1;
  total_ = static_cast<double>(candidates_.size());
}

TokenId Sampler::pick_most_likely() const {
  if (!constrained_) {
    const std::size_t n = std::min(mass_.size(), index_->tokenizer().vocab_size());
    return static_cast<TokenId>(position_of_largest(std::span(mass_).first(n)));
  }
  TokenId best = -1;
  float best_mass = -1;
  for (const TokenId id : candidates_) {
    if (mass(id) <= best_mass) continue;
    best = id;
    best_mass = mass(id);
  }
  return best;
}

TokenId Sampler::pick_at_random() {
  std::vector<std::pair<double, TokenId>> pool;
  double sum = 0;
  for_each_candidate([&](TokenId id) {
    const double weight = std::pow(static_cast<double>(mass(id)), 1 / options_.temperature);
    if (weight < 1e-12) return;
    pool.emplace_back(weight, id);
    sum += weight;
  });
  if (pool.empty()) return pick_most_likely();
  if (options_.top_p < 1) {
    std::sort(pool.begin(), pool.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    double kept = 0;
    std::size_t n = 0;
    while (n < pool.size() && (n == 0 || kept < options_.top_p * sum)) kept += pool[n++].first;
    pool.resize(n);
    sum = kept;
  }
  double left = next_unit(random_state_) * sum;
  for (const auto& [weight, id] : pool) {
    left -= weight;
    if (left < 0) return id;
  }
  return pool.back().second;
}

void Sampler::fold_one(TokenId token, TokenId into) {
  const float m = mass(token);
  folded_.push_back({token, into, m});
  line_mass(into) += m;
  if (token == into) return;
  mass(into) += m;
  mass(token) = 0;
}

// Moves the mass of every candidate with a line end to what it folds to.
void Sampler::fold(std::string_view forced) {
  const auto possible = [&](TokenId id) { return static_cast<std::size_t>(id) < mass_.size(); };
  for (const Folded& old : folded_) {
    if (static_cast<std::size_t>(old.into) < line_mass_.size()) line_mass(old.into) = 0;
  }
  folded_.clear();
  line_mass_.resize(mass_.size());
  if (!constrained_) {
    for (const TokenIndex::Fold& f : index_->folds()) {
      if (possible(f.token) && possible(f.into)) fold_one(f.token, f.into);
    }
    const auto ends = index_->ends();
    for (std::size_t i = 1; i < ends.size(); ++i) {
      if (!possible(ends[i]) || !possible(ends[0])) continue;
      mass(ends[0]) += mass(ends[i]);
      mass(ends[i]) = 0;
    }
    carry_line_end();
    return;
  }
  std::vector<std::pair<std::string_view, TokenId>> without_token;
  for (const TokenId id : candidates_) {
    const std::string_view bytes = index_->tokenizer().bytes(id);
    const std::size_t end = line_end_in(bytes, forced.size());
    if (end == std::string_view::npos) continue;
    const std::string_view before = bytes.substr(0, end);
    TokenId into = index_->find(before);
    if (into < 0 || !possible(into)) {
      const auto known = std::find_if(without_token.begin(), without_token.end(),
                                      [&](const auto& entry) { return entry.first == before; });
      into = known != without_token.end() ? known->second : id;
      if (into == id) without_token.emplace_back(before, id);
    }
    fold_one(id, into);
  }
}

// Mixes in that the line had already ended: its end gets carried_, all else 1 - carried_.
void Sampler::carry_line_end() {
  const TokenId end = index_->line_end();
  if (carried_ <= 0 || end < 0 || static_cast<std::size_t>(end) >= mass_.size()) return;
  const double whole = total_ / (1 - carried_);
  const auto added = static_cast<float>(whole - total_);
  mass(end) += added;
  line_mass(end) += added;
  total_ = whole;
}

SampledToken Sampler::score_folded(TokenId id, std::string_view forced, bool drawn_line_end) {
  TokenId into = id;
  if (drawn_line_end) {
    for (const Folded& f : folded_) {
      if (f.token == id) into = f.into;
    }
  }
  const auto whole = static_cast<double>(mass(into));
  const auto ending = static_cast<double>(line_mass(into));
  SampledToken out;
  out.ends_line = options_.temperature > 0 ? drawn_line_end : ending * 2 >= whole;
  if (out.ends_line && !(ending > 0)) out.ends_line = false;
  out.id = out.ends_line && !drawn_line_end ? most_likely_line_end(into) : id;
  out.n_bytes = text_bytes(out.id, forced);
  out.log_probability = std::log((out.ends_line ? ending : whole) / total_);
  carried_ = out.ends_line || whole <= 0 ? 0 : ending / whole;
  return out;
}

// Candidates with at least this mass. Of a whole vocabulary there are few: it is looked at in
// blocks, which vector instructions pass over.
std::vector<TokenId> Sampler::at_least(float least) const {
  std::vector<TokenId> out;
  if (constrained_) {
    std::copy_if(candidates_.begin(), candidates_.end(), std::back_inserter(out),
                 [&](TokenId id) { return mass(id) >= least; });
    return out;
  }
  constexpr std::size_t kBlock = 256;
  const std::size_t n = std::min(mass_.size(), index_->tokenizer().vocab_size());
  for (std::size_t begin = 0; begin < n; begin += kBlock) {
    const std::size_t end = std::min(n, begin + kBlock);
    unsigned any = 0;
    for (std::size_t i = begin; i < end; ++i) any |= mass_[i] >= least ? 1U : 0U;
    for (std::size_t i = any != 0 ? begin : end; i < end; ++i) {
      if (mass_[i] >= least) out.push_back(static_cast<TokenId>(i));
    }
  }
  return out;
}

std::vector<SampledToken> Sampler::alternatives(std::size_t most, std::string_view forced) const {
  std::vector<SampledToken> out;
  for (const TokenId id : at_least(static_cast<float>(kLeastAlternative * total_))) {
    if (id == chosen_) continue;
    const auto whole = static_cast<double>(mass(id));
    const double ending = options_.fold_lines ? static_cast<double>(line_mass(id)) : 0;
    const bool ends = ending > 0 && ending * 2 >= whole;
    const std::size_t n =
        options_.fold_lines ? text_bytes(id, forced) : index_->tokenizer().bytes(id).size();
    out.push_back({id, n, ends, std::log((ends ? ending : whole) / total_)});
  }
  std::sort(out.begin(), out.end(), [](const SampledToken& a, const SampledToken& b) {
    return std::pair(-a.log_probability, a.id) < std::pair(-b.log_probability, b.id);
  });
  if (out.size() > most) out.resize(most);
  return out;
}

TokenId Sampler::most_likely_line_end(TokenId into) const {
  TokenId best = into;
  float best_mass = -1;
  for (const Folded& f : folded_) {
    if (f.into != into || f.mass <= best_mass) continue;
    best = f.token;
    best_mass = f.mass;
  }
  return best;
}

// Bytes of the token before its line end past the forced ones; all of them where lines are whole.
std::size_t Sampler::text_bytes(TokenId id, std::string_view forced) const {
  const std::string_view bytes = index_->tokenizer().bytes(id);
  return std::min(line_end_in(bytes, forced.size()), bytes.size());
}

}  // namespace engram
