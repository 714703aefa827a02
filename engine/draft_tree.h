// engine/draft_tree.h: several guesses verified in one pass: a trunk and branches that leave it.
//
// The pass computes a row for the last token chosen, then one for each token of the trunk, then one
// for each of the branches, in order. DraftWalk follows what is chosen: from a row that chose what
// the tree has next to the row after that, so each row is used as plain decoding would use it.
//
// Threads: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

struct DraftTree {
  struct Branch {
    std::size_t depth = 0;        // tokens of the trunk that come before it
    std::vector<TokenId> tokens;  // the first is not what the trunk goes on with
  };
  std::vector<TokenId> trunk;
  std::vector<Branch> branches;

  std::size_t size() const {  // tokens
    std::size_t n = trunk.size();
    for (const Branch& branch : branches) n += branch.tokens.size();
    return n;
  }
};

class DraftWalk {
 public:
  explicit DraftWalk(const DraftTree& tree) : tree_(tree) {}

  std::size_t row() const { return row_; }  // its logits choose the next token
  // Whether the tree has what was chosen there; if so, row() is the next one.
  bool step(TokenId chosen) {
    if (branch_ == kTrunk) {
      if (accepted_ < tree_.trunk.size() && tree_.trunk[accepted_] == chosen) {
        ++row_;
        return ++accepted_, true;
      }
      return enter_branch(chosen);
    }
    const DraftTree::Branch& branch = tree_.branches[branch_];
    const std::size_t i = accepted_ - branch.depth;
    if (i >= branch.tokens.size() || branch.tokens[i] != chosen) return false;
    ++row_;
    return ++accepted_, true;
  }
  std::size_t accepted() const { return accepted_; }  // steps taken
  std::optional<std::size_t> branch() const {
    return branch_ == kTrunk ? std::nullopt : std::optional(branch_);
  }

 private:
  bool enter_branch(TokenId chosen) {
    std::size_t row = 1 + tree_.trunk.size();
    for (std::size_t i = 0; i < tree_.branches.size(); ++i) {
      const DraftTree::Branch& branch = tree_.branches[i];
      if (branch.depth == accepted_ && branch.tokens.front() == chosen) {
        branch_ = i;
        row_ = row;
        return ++accepted_, true;
      }
      row += branch.tokens.size();
    }
    return false;
  }

  static constexpr std::size_t kTrunk = SIZE_MAX;
  const DraftTree& tree_;
  std::size_t row_ = 0, accepted_ = 0;
  std::size_t branch_ = kTrunk;  // index into branches
};

}  // namespace engram
