// engine/grammar/json_grammar.h: the parts of JSON as rules, for schemas to be put together from.
// Private to engine/grammar.
//
// Threads: confined.  Errors: none; an impossible range is absence.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "engine/grammar/grammar.h"

namespace engram {

class JsonGrammar {
 public:
  explicit JsonGrammar(GrammarBuilder& builder);

  RuleId space() const { return space_; }          // nothing, " ", or "\n" and indentation
  RuleId any() const { return any_; }              // any value
  NodeId comma(NodeId next);                       // and space
  NodeId key(std::string_view name, NodeId next);  // quoted, with colon and space
  // A quoted key of ASCII that is none of `taken`, with colon and space.
  NodeId other_key(const std::set<std::string>& taken, NodeId next);
  NodeId string(std::size_t least, std::size_t most, NodeId next);
  NodeId character(NodeId next) { return builder_.call(character_, next); }  // one of a string

  struct Bounds {
    static constexpr std::int64_t kMost = 999'999'999'999'999'999;
    std::int64_t least = -kMost, most = kMost;             // of integers
    std::int64_t least_floor = -kMost, most_ceil = kMost;  // decimals lie between these
    bool bounded = false;
  };
  std::optional<NodeId> integer(const Bounds& bounds, NodeId next);
  std::optional<NodeId> number(const Bounds& bounds, NodeId next);

 private:
  NodeId digits(std::size_t least, std::size_t most, NodeId next);
  NodeId digits_between(std::string_view low, std::string_view high, NodeId next);
  std::optional<NodeId> natural(std::int64_t low, std::int64_t high, NodeId next);
  std::optional<NodeId> signed_range(std::int64_t low, std::int64_t high, NodeId next);
  NodeId other_key_from(const std::set<std::string>& taken, const std::string& read, NodeId next);
  NodeId plain_number(NodeId next);
  RuleId character_rule();
  RuleId any_rule();

  GrammarBuilder& builder_;
  RuleId space_, character_, any_;
};

}  // namespace engram
