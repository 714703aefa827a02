#include "engine/suffix_automaton.h"

#include <limits>

namespace engram {
namespace {

constexpr std::uint32_t kNoState = std::numeric_limits<std::uint32_t>::max();
constexpr int kMarkedLinks = 24;  // ends are kept up to date for this many suffixes

}  // namespace

std::uint32_t SuffixAutomaton::step(std::uint32_t state, TokenId token) const {
  const auto edge = index_.find(key(state, token));
  return edge == index_.end() ? 0 : edges_[edge->second].to;
}

void SuffixAutomaton::add_edge(std::uint32_t from, TokenId token, std::uint32_t to) {
  index_.emplace(key(from, token), static_cast<std::uint32_t>(edges_.size()));
  edges_.push_back({token, to, states_[from].first_edge});
  states_[from].first_edge = static_cast<std::uint32_t>(edges_.size() - 1);
}

void SuffixAutomaton::redirect(std::uint32_t from, TokenId token, std::uint32_t to) {
  edges_[index_.at(key(from, token))].to = to;
}

std::uint32_t SuffixAutomaton::clone(std::uint32_t of, std::uint32_t length) {
  const auto copy = static_cast<std::uint32_t>(states_.size());
  State state = states_[of];
  state.length = length;
  state.first_edge = 0;
  states_.push_back(state);
  for (std::uint32_t e = states_[of].first_edge; e != 0; e = edges_[e].next) {
    add_edge(copy, edges_[e].token, edges_[e].to);
  }
  return copy;
}

// Every suffix of the sequence ends here now; the longest few are told.
void SuffixAutomaton::mark_end(std::uint32_t state) {
  const auto position = static_cast<std::uint32_t>(tokens_.size());
  for (int i = 0; i < kMarkedLinks && state != 0 && state != kNoState; ++i) {
    State& s = states_[state];
    if (s.end != position) {
      s.previous = s.end;
      s.end = position;
    }
    state = s.link;
  }
}

void SuffixAutomaton::append(TokenId token) {
  if (tokens_.empty()) states_[0].link = kNoState;
  tokens_.push_back(token);
  const auto added = static_cast<std::uint32_t>(states_.size());
  states_.push_back({});
  states_[added].length = states_[last_].length + 1;
  std::uint32_t p = last_;
  while (p != kNoState && step(p, token) == 0) {
    add_edge(p, token, added);
    p = states_[p].link;
  }
  if (p == kNoState) {
    states_[added].link = 0;
  } else {
    const std::uint32_t q = step(p, token);
    if (states_[q].length == states_[p].length + 1) {
      states_[added].link = q;
    } else {
      const std::uint32_t copy = clone(q, states_[p].length + 1);
      while (p != kNoState && step(p, token) == q) {
        redirect(p, token, copy);
        p = states_[p].link;
      }
      states_[q].link = states_[added].link = copy;
    }
  }
  last_ = added;
  mark_end(added);
}

SuffixAutomaton::Match SuffixAutomaton::match() const {
  if (last_ == 0) return {};
  const std::uint32_t shorter = states_[last_].link;
  if (shorter == 0 || shorter == kNoState) return {};
  const State& state = states_[shorter];
  const std::uint32_t end = state.end == tokens_.size() ? state.previous : state.end;
  return end == 0 ? Match{} : Match{state.length, end};
}

}  // namespace engram
