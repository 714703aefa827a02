// engine/grammar/grammar.h: a context-free grammar over bytes, as a graph.
//
// A rule is a graph of nodes: read one byte of a set, call a rule, go either of two ways, return.
// Graphs are built from their end: every function takes what comes next and returns where to begin,
// so  literal("ab", call(value, kReturn))  is `"ab" value`.
//
// Threads: immutable after finish().  Errors: kInvalidArgument, one line.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

using ByteSet = std::bitset<256>;
using NodeId = std::int32_t;
using RuleId = std::int32_t;

struct GrammarNode {
  enum class Kind : std::uint8_t { kBytes, kCall, kSplit, kReturn };
  Kind kind = Kind::kReturn;
  std::int32_t operand = 0;  // kBytes: of sets(); kCall: the rule; kSplit: the other way
  NodeId next = 0;
};

class Grammar {
 public:
  std::span<const GrammarNode> nodes() const { return nodes_; }
  std::span<const ByteSet> sets() const { return sets_; }
  NodeId entry(RuleId rule) const { return rules_[static_cast<std::size_t>(rule)].entry; }
  RuleId root() const { return root_; }
  // The rule that reads one character of a JSON string: any code point but controls, the quote and
  // the backslash (a plain character), or an escape. -1: there is none.
  RuleId character_rule() const { return character_rule_; }

 private:
  friend class GrammarBuilder;
  struct Rule {
    std::string name;
    NodeId entry = -1;  // -1: not defined yet
  };
  std::vector<GrammarNode> nodes_;
  std::vector<ByteSet> sets_;
  std::vector<Rule> rules_;
  RuleId root_ = 0, character_rule_ = -1;
};

class GrammarBuilder {
 public:
  static constexpr NodeId kReturn = 0;
  static constexpr std::size_t kMaxNodes = std::size_t{1} << 18;
  static constexpr std::size_t kMaxRepeats = 4096;
  static constexpr std::size_t kUnbounded = SIZE_MAX;
  using Body = std::function<NodeId(NodeId next)>;  // may be called several times

  GrammarBuilder();

  RuleId declare(std::string name);  // a new rule, to be defined later
  void define(RuleId rule, NodeId entry);
  bool defined(RuleId rule) const;
  const std::string& name(RuleId rule) const;

  // Says which rule Grammar::character_rule() is.
  void set_character_rule(RuleId rule) { grammar_.character_rule_ = rule; }

  NodeId bytes(const ByteSet& set, NodeId next);
  NodeId literal(std::string_view text, NodeId next);
  NodeId call(RuleId rule, NodeId next);
  NodeId either(NodeId one, NodeId other);
  NodeId any_of(std::span<const NodeId> ways);  // at least one
  NodeId optional(const Body& body, NodeId next) { return either(body(next), next); }
  NodeId repeat(const Body& body, std::size_t least, std::size_t most, NodeId next);
  // One of several texts; common beginnings are shared, so that thousands stay cheap.
  NodeId any_literal(std::vector<std::string> texts, NodeId next);
  // One code point of the ranges, in UTF-8 (surrogates left out).
  struct CodePoints {
    std::uint32_t first, last;
  };
  NodeId code_point(std::span<const CodePoints> ranges, NodeId next);

  // Refuses a graph too large, a rule used but not defined, and one that begins with itself.
  Result<Grammar> finish(RuleId root);

 private:
  NodeId add(const GrammarNode& node);
  std::int32_t set_index(const ByteSet& set);
  NodeId literals(std::span<const std::string> sorted, std::size_t depth, NodeId next);
  bool begins_with_itself(RuleId& culprit) const;

  Grammar grammar_;
};

}  // namespace engram
