#include "engine/grammar/grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/grammar/utf8_ranges.h"

namespace engram {

using Kind = GrammarNode::Kind;

GrammarBuilder::GrammarBuilder() { grammar_.nodes_.push_back({Kind::kReturn, 0, 0}); }

RuleId GrammarBuilder::declare(std::string name) {
  grammar_.rules_.push_back({std::move(name), -1});
  return static_cast<RuleId>(grammar_.rules_.size() - 1);
}

void GrammarBuilder::define(RuleId rule, NodeId entry) {
  grammar_.rules_[static_cast<std::size_t>(rule)].entry = entry;
}

bool GrammarBuilder::defined(RuleId rule) const { return grammar_.entry(rule) >= 0; }

const std::string& GrammarBuilder::name(RuleId rule) const {
  return grammar_.rules_[static_cast<std::size_t>(rule)].name;
}

// Past the limit every node is the same one: finish() refuses, and nothing grows meanwhile.
NodeId GrammarBuilder::add(const GrammarNode& node) {
  if (grammar_.nodes_.size() > kMaxNodes) return kReturn;
  grammar_.nodes_.push_back(node);
  return static_cast<NodeId>(grammar_.nodes_.size() - 1);
}

std::int32_t GrammarBuilder::set_index(const ByteSet& set) {
  const auto known = std::find(grammar_.sets_.begin(), grammar_.sets_.end(), set);
  const auto index = known - grammar_.sets_.begin();
  if (known == grammar_.sets_.end()) grammar_.sets_.push_back(set);
  return static_cast<std::int32_t>(index);
}

NodeId GrammarBuilder::bytes(const ByteSet& set, NodeId next) {
  return add({Kind::kBytes, set_index(set), next});
}

NodeId GrammarBuilder::literal(std::string_view text, NodeId next) {
  for (std::size_t i = text.size(); i-- > 0;) {
    ByteSet one;
    one.set(static_cast<unsigned char>(text[i]));
    next = bytes(one, next);
  }
  return next;
}

NodeId GrammarBuilder::call(RuleId rule, NodeId next) { return add({Kind::kCall, rule, next}); }

NodeId GrammarBuilder::either(NodeId one, NodeId other) { return add({Kind::kSplit, other, one}); }

NodeId GrammarBuilder::any_of(std::span<const NodeId> ways) {
  NodeId all = ways.back();
  for (std::size_t i = ways.size() - 1; i-- > 0;) all = either(ways[i], all);
  return all;
}

NodeId GrammarBuilder::repeat(const Body& body, std::size_t least, std::size_t most, NodeId next) {
  NodeId entry = next;
  if (grammar_.nodes_.size() > kMaxNodes) return kReturn;
  if (most == kUnbounded) {
    entry = either(kReturn, next);  // a loop: its first way is known once it is built
    const NodeId loop = entry;
    const NodeId inner = body(loop);
    if (loop != kReturn) grammar_.nodes_[static_cast<std::size_t>(loop)].next = inner;
  } else {
    for (std::size_t i = least; i < most; ++i) entry = either(body(entry), next);
  }
  for (std::size_t i = 0; i < least; ++i) entry = body(entry);
  return entry;
}

NodeId GrammarBuilder::any_literal(std::vector<std::string> texts, NodeId next) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return literals(texts, 0, next);
}

// All of them share their first `depth` bytes.
NodeId GrammarBuilder::literals(std::span<const std::string> sorted, std::size_t depth,
                                NodeId next) {
  if (sorted.size() == 1) return literal(std::string_view(sorted[0]).substr(depth), next);
  std::vector<NodeId> ways;
  if (sorted.front().size() == depth) {
    ways.push_back(next);
    sorted = sorted.subspan(1);
  }
  while (!sorted.empty()) {
    const char first = sorted.front()[depth];
    const auto end = std::find_if(sorted.begin(), sorted.end(),
                                  [&](const std::string& text) { return text[depth] != first; });
    const auto n = static_cast<std::size_t>(end - sorted.begin());
    // Shared beginnings are walked here, not by recursion, which their length would bound.
    std::size_t shared = depth + 1;
    const auto same_at = [&](const std::string& text) {
      return text.size() > shared && text[shared] == sorted.front()[shared];
    };
    while (n > 1 && std::all_of(sorted.begin(), end, same_at)) ++shared;
    if (n == 1) shared = sorted.front().size();
    const NodeId rest = n == 1 ? next : literals(sorted.first(n), shared, next);
    ways.push_back(literal(std::string_view(sorted.front()).substr(depth, shared - depth), rest));
    sorted = sorted.subspan(n);
  }
  return any_of(ways);
}

NodeId GrammarBuilder::code_point(std::span<const CodePoints> ranges, NodeId next) {
  std::vector<NodeId> ways;
  ByteSet ascii;
  for (const CodePoints& range : ranges) {
    for (const Utf8Sequence& sequence : utf8_sequences(range.first, range.last)) {
      NodeId node = next;
      for (std::size_t i = sequence.size; i-- > 0;) {
        ByteSet set;
        for (unsigned b = sequence.bytes[i].first; b <= sequence.bytes[i].last; ++b) set.set(b);
        if (sequence.size == 1) {
          ascii |= set;
        } else {
          node = bytes(set, node);
        }
      }
      if (sequence.size > 1) ways.push_back(node);
    }
  }
  if (ascii.any() || ways.empty()) ways.push_back(bytes(ascii, next));
  return any_of(ways);
}

namespace {

// For each rule whether it can read nothing, and which rules it can begin with.
struct Beginnings {
  std::vector<bool> nullable;
  std::vector<std::vector<RuleId>> first_calls;
  std::vector<std::uint32_t> seen;  // by node: the walk that was there last
  std::uint32_t walks = 0;
};

// Follows what can be reached from a rule's entry before a byte is read.
void walk(const Grammar& grammar, RuleId rule, Beginnings& out) {
  std::vector<NodeId> open = {grammar.entry(rule)};
  ++out.walks;
  auto& calls = out.first_calls[static_cast<std::size_t>(rule)];
  calls.clear();
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    if (std::exchange(out.seen[static_cast<std::size_t>(id)], out.walks) == out.walks) continue;
    const GrammarNode& node = grammar.nodes()[static_cast<std::size_t>(id)];
    switch (node.kind) {
      case Kind::kBytes:
        break;
      case Kind::kReturn:
        out.nullable[static_cast<std::size_t>(rule)] = true;
        break;
      case Kind::kSplit:
        open.push_back(node.operand);
        open.push_back(node.next);
        break;
      case Kind::kCall:
        calls.push_back(node.operand);
        if (out.nullable[static_cast<std::size_t>(node.operand)]) open.push_back(node.next);
        break;
    }
  }
}

// Depth first without recursion; 0: unseen, 1: on the way here, 2: done.
bool finds_cycle(const std::vector<std::vector<RuleId>>& calls, RuleId& culprit) {
  std::vector<int> mark(calls.size(), 0);
  for (std::size_t start = 0; start < calls.size(); ++start) {
    std::vector<std::pair<std::size_t, std::size_t>> path;
    if (mark[start] == 0) path.emplace_back(start, 0);
    while (!path.empty()) {
      auto& [rule, i] = path.back();
      mark[rule] = 1;
      if (i == calls[rule].size()) {
        mark[rule] = 2;
        path.pop_back();
        continue;
      }
      const auto next = static_cast<std::size_t>(calls[rule][i++]);
      if (mark[next] == 1) {
        culprit = static_cast<RuleId>(next);
        return true;
      }
      if (mark[next] == 0) path.emplace_back(next, 0);
    }
  }
  return false;
}

}  // namespace

bool GrammarBuilder::begins_with_itself(RuleId& culprit) const {
  const std::size_t n = grammar_.rules_.size();
  Beginnings beginnings{.nullable = std::vector<bool>(n, false),
                        .first_calls = std::vector<std::vector<RuleId>>(n),
                        .seen = std::vector<std::uint32_t>(grammar_.nodes_.size(), 0)};
  for (std::vector<bool> before; before != beginnings.nullable;) {
    before = beginnings.nullable;
    for (std::size_t r = 0; r < n; ++r) walk(grammar_, static_cast<RuleId>(r), beginnings);
  }
  return finds_cycle(beginnings.first_calls, culprit);
}

Result<Grammar> GrammarBuilder::finish(RuleId root) {
  if (grammar_.nodes_.size() > kMaxNodes) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("it is too large (more than {} states); make lists, lengths or "
                             "enumerations shorter",
                             kMaxNodes)};
  }
  for (const Grammar::Rule& rule : grammar_.rules_) {
    if (rule.entry >= 0) continue;
    return Error{Errc::kInvalidArgument, fmt::format("'{}' is used but not defined", rule.name)};
  }
  grammar_.root_ = root;
  if (RuleId culprit = 0; begins_with_itself(culprit)) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("'{}' begins with itself, which never ends", name(culprit))};
  }
  return std::move(grammar_);
}

}  // namespace engram
