#include "engine/grammar/automaton.h"

#include <algorithm>
#include <utility>

namespace engram {

using Kind = GrammarNode::Kind;

Automaton::Automaton(std::shared_ptr<const Grammar> grammar) : grammar_(std::move(grammar)) {
  close(grammar_->entry(grammar_->root()), kBottom);
  start_ = intern_scratch();
  find_character_nodes();
}

void Automaton::find_character_nodes() {
  if (grammar_->character_rule() < 0) return;
  for (unsigned byte = 0x20; byte < 0xF5; ++byte) {
    const bool follows = byte >= 0x80 && byte < 0xC2;  // within a character only
    if (byte != '"' && byte != '\\' && !follows) plain_first_.set(byte);
  }
  std::vector<NodeId> open = {grammar_->entry(grammar_->character_rule())};
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    const GrammarNode& node = grammar_->nodes()[index(id)];
    if (node.kind == Kind::kSplit) {
      open.push_back(node.operand);
      open.push_back(node.next);
    } else {
      character_nodes_.push_back(id);
    }
  }
  std::sort(character_nodes_.begin(), character_nodes_.end());
}

Automaton::FrameId Automaton::frame(NodeId node, FrameId below) {
  const auto [known, fresh] =
      frame_ids_.try_emplace(key_of(node, below), static_cast<FrameId>(frames_.size()));
  if (fresh) {
    const std::uint32_t depth = below == kBottom ? 0 : frames_[index(below)].depth;
    frames_.push_back({node, below, depth + 1});
  }
  return known->second;
}

void Automaton::close(NodeId node, FrameId below) {
  open_.emplace_back(node, below);
  while (!open_.empty()) {
    const auto [id, stack] = open_.back();
    open_.pop_back();
    const GrammarNode& at = grammar_->nodes()[index(id)];
    if (at.kind == Kind::kBytes) {
      reading_.push_back(frame(id, stack));
      continue;
    }
    if (at.kind == Kind::kReturn && stack == kBottom) {
      accepting_ = true;
      continue;
    }
    if (!seen_.insert(key_of(id, stack)).second) continue;
    if (at.kind == Kind::kSplit) {
      open_.emplace_back(at.operand, stack);
      open_.emplace_back(at.next, stack);
    } else if (at.kind == Kind::kReturn) {
      open_.emplace_back(frames_[index(stack)].node, frames_[index(stack)].below);
    } else if (grammar_->nodes()[index(at.next)].kind == Kind::kReturn) {  // a call in last place
      open_.emplace_back(grammar_->entry(at.operand), stack);
    } else if (stack == kBottom || frames_[index(stack)].depth < kMaxDepth) {
      open_.emplace_back(grammar_->entry(at.operand), frame(at.next, stack));
    }
  }
}

Automaton::State Automaton::intern_scratch() {
  std::sort(reading_.begin(), reading_.end());
  reading_.erase(std::unique(reading_.begin(), reading_.end()), reading_.end());
  const bool accepting = std::exchange(accepting_, false);
  seen_.clear();
  if (reading_.empty() && !accepting) return kDead;
  std::uint64_t hash = accepting ? 1 : 0;
  for (const FrameId id : reading_) {
    hash = (hash ^ static_cast<std::uint32_t>(id)) * 0x9E3779B97F4A7C15ULL;
    hash ^= hash >> 29;
  }
  const auto [begin, end] = state_ids_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    const StateData& known = states_[index(it->second)];
    if (known.accepts == accepting && known.frames == reading_) return it->second;
  }
  if (states_.size() >= kMaxStates) {
    overflowed_ = true;
    return kDead;
  }
  const auto state = static_cast<State>(states_.size());
  states_.push_back({reading_, accepting, nullptr});
  state_ids_.emplace(hash, state);
  return state;
}

Automaton::State Automaton::next(State state, unsigned char byte) {
  if (state == kDead) return kDead;
  auto& steps = states_[index(state)].steps;
  if (steps == nullptr) {
    steps = std::make_unique<std::array<State, 256>>();
    steps->fill(kUnknown);
  }
  if ((*steps)[byte] != kUnknown) return (*steps)[byte];
  reading_.clear();
  const auto from = states_[index(state)].frames;  // states_ grows below
  for (const FrameId id : from) {
    const Frame top = frames_[index(id)];
    const GrammarNode& node = grammar_->nodes()[index(top.node)];
    if (grammar_->sets()[index(node.operand)].test(byte)) close(node.next, top.below);
  }
  const State to = intern_scratch();
  (*states_[index(state)].steps)[byte] = to;
  return to;
}

Automaton::State Automaton::next(State state, std::string_view bytes) {
  for (const char c : bytes) {
    if (state == kDead) break;
    state = next(state, static_cast<unsigned char>(c));
  }
  return state;
}

Automaton::State Automaton::plain_step(State state) {
  if (state == kDead || character_nodes_.empty()) return state == kDead ? kDead : kMixed;
  if (states_[index(state)].plain == kUnknown) {
    const State to = find_plain_step(state);
    states_[index(state)].plain = to;
  }
  return states_[index(state)].plain;
}

// Where all that the character rule begins with can be read, it returns after any plain character,
// whichever it was.
Automaton::State Automaton::find_plain_step(State state) {
  std::vector<std::pair<FrameId, std::size_t>> callers;  // of the rule, with nodes of it in reach
  for (const FrameId id : states_[index(state)].frames) {
    const Frame& top = frames_[index(id)];
    if (!std::binary_search(character_nodes_.begin(), character_nodes_.end(), top.node)) {
      const GrammarNode& node = grammar_->nodes()[index(top.node)];
      if ((grammar_->sets()[index(node.operand)] & plain_first_).any()) return kMixed;
      continue;
    }
    const auto known = std::find_if(callers.begin(), callers.end(),
                                    [&](const auto& caller) { return caller.first == top.below; });
    if (known == callers.end()) {
      callers.emplace_back(top.below, 1);
    } else {
      ++known->second;
    }
  }
  reading_.clear();
  for (const auto& [below, nodes] : callers) {
    if (nodes != character_nodes_.size()) return kMixed;
  }
  for (const auto& [below, nodes] : callers) close(GrammarBuilder::kReturn, below);
  return intern_scratch();
}

}  // namespace engram
