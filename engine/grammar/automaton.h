// engine/grammar/automaton.h: which bytes a grammar allows after those read so far.
//
// A pushdown automaton followed through all its ways at once: a state is a set of stacks, found
// when first reached and then known by number, as are its steps. Stacks share their lower parts.
// A text nested deeper than kMaxDepth rules is not of the language here.
//
// Threads: confined.  Errors: none; past kMaxStates nothing more is reached (overflowed()).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/grammar/grammar.h"

namespace engram {

class Automaton {
 public:
  using State = std::int32_t;
  static constexpr State kDead = -1;
  static constexpr std::size_t kMaxDepth = 256;
  static constexpr std::size_t kMaxStates = std::size_t{1} << 16;

  explicit Automaton(std::shared_ptr<const Grammar> grammar);

  State start() const { return start_; }
  State next(State state, unsigned char byte);
  State next(State state, std::string_view bytes);
  // After any one plain character (Grammar::character_rule): kDead where none may follow, kMixed
  // where that depends on which.
  State plain_step(State state);
  static constexpr State kMixed = -3;
  bool accepts(State state) const { return states_[index(state)].accepts; }          // may end here
  bool is_final(State state) const { return states_[index(state)].frames.empty(); }  // must end
  bool overflowed() const { return overflowed_; }

 private:
  // The top of a stack: a node that reads a byte, or where to go on after a return.
  using FrameId = std::int32_t;
  static constexpr FrameId kBottom = -1;
  struct Frame {
    NodeId node = 0;
    FrameId below = kBottom;
    std::uint32_t depth = 0;
    friend bool operator==(const Frame& a, const Frame& b) {
      return a.node == b.node && a.below == b.below;
    }
  };
  static constexpr State kUnknown = -2;
  struct StateData {
    std::vector<FrameId> frames;  // sorted
    bool accepts = false;
    std::unique_ptr<std::array<State, 256>> steps;  // kUnknown until asked
    State plain = kUnknown;                         // plain_step
  };
  State find_plain_step(State state);

  static std::size_t index(std::int32_t id) { return static_cast<std::size_t>(id); }
  static std::uint64_t key_of(NodeId node, FrameId below) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(below)) << 32) |
           static_cast<std::uint32_t>(node);
  }
  FrameId frame(NodeId node, FrameId below);
  void close(NodeId node, FrameId below);  // into the scratch: all that can read from here
  State intern_scratch();
  void find_character_nodes();

  std::shared_ptr<const Grammar> grammar_;
  std::vector<Frame> frames_;
  std::unordered_map<std::uint64_t, FrameId> frame_ids_;
  std::vector<StateData> states_;
  std::unordered_multimap<std::uint64_t, State> state_ids_;
  State start_ = kDead;
  bool overflowed_ = false;
  std::vector<NodeId> character_nodes_;  // those that the character rule begins with, sorted
  ByteSet plain_first_;                  // bytes that begin a plain character

  // Scratch of one step.
  std::vector<FrameId> reading_;
  bool accepting_ = false;
  std::vector<std::pair<NodeId, FrameId>> open_;
  std::unordered_set<std::uint64_t> seen_;
};

}  // namespace engram
