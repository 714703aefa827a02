#include "indexer/syntax/path_automaton.h"

#include <algorithm>

#include "core/check.h"

namespace engram {

bool PathAutomaton::holds(const PathNode& node, std::string_view text) const {
  if (node.values < 0) return true;
  const auto& values = values_[static_cast<std::size_t>(node.values)];
  if (node.test == PathNode::Test::kStartsWith) {
    return std::any_of(values.begin(), values.end(),
                       [&](const std::string& v) { return text.starts_with(v); });
  }
  const bool found = std::find(values.begin(), values.end(), text) != values.end();
  return found == (node.test == PathNode::Test::kAnyOf);
}

Matcher::Matcher(const PathAutomaton& automaton)
    : automaton_(automaton), field_classes_(automaton.field_classes()) {
  intern_state({});
  accepts_.emplace_back();
  accept_ids_.emplace(std::vector<std::uint16_t>{}, std::uint16_t{0});
}

std::uint16_t Matcher::intern_state(std::vector<Item> items) {
  const auto [it, fresh] = state_ids_.emplace(items, static_cast<std::uint16_t>(states_.size()));
  if (fresh) {
    ENGRAM_CHECK(states_.size() < kUnknown, "too many automaton states");
    states_.push_back(std::move(items));
    table_.emplace_back(automaton_.symbol_classes() * field_classes_ * 2u, Step{kUnknown, 0});
  }
  return it->second;
}

std::uint16_t Matcher::intern_accept(const std::vector<Item>& items) {
  std::vector<std::uint16_t> ends;
  for (const Item& item : items) {
    if (item.through != 0) continue;
    const PathNode& n = automaton_.node(item.node);
    if (n.instance || n.bit >= 0 || n.role != CaptureRole::kNone || n.marks != 0) {
      ends.push_back(item.node);
    }
  }
  const auto [it, fresh] = accept_ids_.emplace(ends, static_cast<std::uint16_t>(accepts_.size()));
  if (!fresh) return it->second;
  Accept out;
  for (const std::uint16_t id : ends) {
    const PathNode& n = automaton_.node(id);
    out.marks = static_cast<std::uint16_t>(out.marks | n.marks);
    if (n.instance) out.instances.push_back(n.pattern);
    const bool reference = n.role == CaptureRole::kReference || n.role == CaptureRole::kIgnore;
    const bool deferred = automaton_.pattern(n.pattern).deferred;
    if (reference && !deferred) {
      out.references.push_back(id);
    } else if (n.bit >= 0 || n.role != CaptureRole::kNone) {
      out.parts.push_back(id);
    }
  }
  std::sort(out.references.begin(), out.references.end(), [&](std::uint16_t a, std::uint16_t b) {
    return automaton_.pattern(automaton_.node(a).pattern).priority >
           automaton_.pattern(automaton_.node(b).pattern).priority;
  });
  accepts_.push_back(std::move(out));
  return it->second;
}

Matcher::Step Matcher::compute(std::uint16_t state, std::uint16_t symbol_class,
                               std::uint16_t field_class, bool first) {
  std::vector<Item> next;
  const auto matches = [&](const PathNode& n, bool field_known) {
    if (!n.classes[symbol_class]) return false;
    if (field_known) return true;
    return (n.field == 0 || n.field == field_class) && (!n.first || first);
  };
  const auto here = automaton_.look_through_.find(symbol_class);
  const bool look_through = here != automaton_.look_through_.end();
  const auto through = static_cast<std::uint16_t>(symbol_class + 1u);

  for (const std::uint16_t root : automaton_.roots_) {
    if (matches(automaton_.node(root), false)) next.push_back({root, 0});
  }
  for (const Item& item : states_[state]) {
    if (item.through == 0) {
      for (const std::uint16_t child : automaton_.node(item.node).children) {
        const PathNode& n = automaton_.node(child);
        if (matches(n, false)) next.push_back({child, 0});
        const bool here_looked_for = n.field == 0 || n.field == field_class;
        if (look_through && here_looked_for && !n.negated &&
            !n.classes[PathAutomaton::kNamedClass]) {
          next.push_back({child, through});
        }
      }
    } else {
      const auto& parent =
          automaton_.look_through_.at(static_cast<std::uint16_t>(item.through - 1u));
      if (!parent.fields[field_class]) continue;
      if (matches(automaton_.node(item.node), true)) next.push_back({item.node, 0});
      if (look_through) next.push_back({item.node, through});
    }
  }
  std::sort(next.begin(), next.end());
  next.erase(std::unique(next.begin(), next.end()), next.end());
  const std::uint16_t accept = intern_accept(next);
  // A state keeps only what can go on; most nodes then lead to the few same states.
  std::erase_if(next, [&](const Item& item) {
    return item.through == 0 && automaton_.node(item.node).children.empty();
  });
  const Step step{intern_state(std::move(next)), accept};
  const std::size_t key = (symbol_class * field_classes_ + field_class) * 2u + (first ? 1u : 0u);
  table_[state][key] = step;
  return step;
}

}  // namespace engram
