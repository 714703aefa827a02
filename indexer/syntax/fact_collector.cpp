#include "indexer/syntax/fact_collector.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "indexer/syntax/tree_walk.h"
#include "memory/symbol_kinds.h"

namespace engram {

namespace {

class FactCollector {
 public:
  FactCollector(std::string_view text, Matcher& matcher, const CollectLimits& limits)
      : text_(text), matcher_(matcher), automaton_(matcher.automaton()), limits_(limits) {
    frames_.resize(256);
    facts_.references.reserve(text.size() / 24);
    if (limits.keep_scopes) facts_.scopes.emplace_back();
  }

  bool enter(const WalkNode& node, std::uint32_t depth) {
    const std::uint16_t cls = automaton_.symbol_class(node.symbol);
    const std::uint16_t state = depth == 0 ? Matcher::kStart : frames_[depth - 1].state;
    const Matcher::Step step =
        matcher_.step(state, cls, automaton_.field_class(node.field), node.first_named);
    if (step.accept == 0 && !node.has_children) return false;
    if (depth >= limits_.max_depth) {
      facts_.too_deep = true;
      return false;
    }
    if (depth >= frames_.size()) frames_.resize(frames_.size() * 2);
    Frame& frame = frames_[depth];
    frame = Frame{};
    frame.extent = {node.begin, node.end};
    frame.state = step.state;
    frame.accept = step.accept;
    frame.pending_begin = static_cast<std::uint32_t>(pending_.size());
    if (cls == PathAutomaton::kErrorClass) note_error(node);
    if (step.accept == 0) return true;
    return enter_accepted(node, depth);
  }

  void leave(std::uint32_t depth) {
    Frame& frame = frames_[depth];
    if (frame.scope_opened) close_scope();
    if (pending_.size() > frame.pending_begin) settle(frame, depth);
  }

  RawFacts take() {
    locals_.close_root();
    facts_.dropped = locals_.dropped();
    return std::move(facts_);
  }

 private:
  struct Frame {
    ByteRange extent;
    std::uint16_t state = 0;
    std::uint16_t accept = 0;
    std::uint32_t pending_begin = 0;
    std::uint64_t bits = 0;
    bool scope_opened = false;
    ByteRange qualified;
    ByteRange receiver;
    ByteRange doc;
    std::uint32_t body = 0;
  };
  // A captured name (or deferred reference) that waits for its instance to be left.
  struct Pending {
    ByteRange name;
    ByteRange scope_text;
    std::uint32_t depth;  // of the instance's frame
    std::uint16_t node;
  };

  std::string_view text_of(ByteRange r) const { return text_.substr(r.begin, r.end - r.begin); }

  void note_error(const WalkNode& node) {
    if (node.begin < error_end_) return;  // inside an error already counted
    facts_.error_bytes += node.end - node.begin;
    error_end_ = node.end;
  }

  bool enter_accepted(const WalkNode& node, std::uint32_t depth) {
    Frame& frame = frames_[depth];
    const Accept& accept = matcher_.accept(frame.accept);
    if (accept.marks != 0) mark(accept.marks, frame);
    const ByteRange range{node.begin, node.end};
    if (!node.missing && node.begin != node.end) {
      for (const std::uint16_t id : accept.references) {
        const PathNode& part = automaton_.node(id);
        if (!automaton_.holds(part, text_of(range))) continue;
        if (part.role == CaptureRole::kReference) add_reference(range, part);
        break;
      }
      for (const std::uint16_t id : accept.parts) note_part(id, range, depth);
    }
    const bool wanted = node.has_children || !accept.instances.empty() || frame.scope_opened;
    return wanted;
  }

  void mark(std::uint16_t marks, Frame& frame) {
    if ((marks & kMarkComment) != 0) facts_.comments.push_back(frame.extent);
    if ((marks & kMarkAttribute) != 0) facts_.attributes.push_back(frame.extent);
    if ((marks & kMarkScope) != 0) {
      open_scope((marks & kMarkFunctionScope) != 0, (marks & kMarkClassScope) != 0);
      frame.scope_opened = true;
    }
  }

  void open_scope(bool is_function, bool is_class) {
    locals_.open(is_function, is_class);
    if (!limits_.keep_scopes) return;
    facts_.scopes.push_back({static_cast<std::int32_t>(scope_), is_class});
    scope_ = static_cast<std::uint32_t>(facts_.scopes.size()) - 1;
  }

  void close_scope() {
    locals_.close();
    if (limits_.keep_scopes) scope_ = static_cast<std::uint32_t>(facts_.scopes[scope_].parent);
  }

  void note_part(std::uint16_t id, ByteRange range, std::uint32_t depth) {
    const PathNode& part = automaton_.node(id);
    if (!automaton_.holds(part, text_of(range))) return;
    const std::int64_t at = find_instance(part.pattern, depth);
    if (at < 0) return;
    Frame& instance = frames_[static_cast<std::size_t>(at)];
    if (part.bit >= 0) instance.bits |= std::uint64_t{1} << part.bit;
    switch (part.role) {
      case CaptureRole::kBody:
        if (instance.body == 0) instance.body = range.begin;
        break;
      case CaptureRole::kQualified:
        // A::(B::f): the inner one is part of the outer.
        if (range.begin >= instance.qualified.end) instance.qualified = range;
        break;
      case CaptureRole::kReceiver:
        instance.receiver = range;
        break;
      case CaptureRole::kDoc:
        if (instance.doc.empty()) instance.doc = range;
        break;
      case CaptureRole::kName:
        if (part.from_parent && depth > 0) range.begin = frames_[depth - 1].extent.begin;
        if (part.once && has_pending(id, static_cast<std::uint32_t>(at))) break;
        add_pending(id, range, instance, static_cast<std::uint32_t>(at));
        break;
      case CaptureRole::kReference:
        add_pending(id, range, instance, static_cast<std::uint32_t>(at));
        break;
      case CaptureRole::kNone:
      case CaptureRole::kIgnore:
        break;
    }
  }

  // The nearest frame, this one included, on which the pattern hangs.
  std::int64_t find_instance(std::uint16_t pattern, std::uint32_t depth) const {
    for (std::int64_t d = depth; d >= 0; --d) {
      const auto& instances =
          matcher_.accept(frames_[static_cast<std::size_t>(d)].accept).instances;
      if (std::find(instances.begin(), instances.end(), pattern) != instances.end()) return d;
    }
    return -1;
  }

  void add_pending(std::uint16_t id, ByteRange range, const Frame& instance, std::uint32_t depth) {
    Pending pending{range, {}, depth, id};
    if (automaton_.pattern(automaton_.node(id).pattern).has_receiver) {
      pending.scope_text = instance.receiver;
    }
    const ByteRange q = instance.qualified;
    if (!q.empty() && q.begin < range.begin && range.end <= q.end) {
      pending.scope_text = {q.begin, range.begin};
    }
    pending_.push_back(pending);
  }

  bool has_pending(std::uint16_t id, std::uint32_t depth) const {
    return std::any_of(pending_.begin() + frames_[depth].pending_begin, pending_.end(),
                       [&](const Pending& p) { return p.node == id && p.depth == depth; });
  }

  void add_reference(ByteRange range, const PathNode& part) {
    if (facts_.references.size() >= limits_.max_references) return;
    const auto index = static_cast<std::uint32_t>(facts_.references.size());
    facts_.references.push_back({range, part.reference, automaton_.pattern(part.pattern).priority});
    if (limits_.keep_scopes) facts_.reference_scopes.push_back(scope_);
    if (!part.member && locals_.inside_a_scope()) {
      locals_.use(names_.intern(text_of(range)), index);
    }
  }

  // The instance at `depth` is complete: patterns that hold yield their names.
  void settle(Frame& frame, std::uint32_t depth) {
    std::size_t kept = frame.pending_begin;
    for (std::size_t i = frame.pending_begin; i < pending_.size(); ++i) {
      const Pending pending = pending_[i];
      if (pending.depth != depth) {
        pending_[kept++] = pending;
        continue;
      }
      const PathNode& part = automaton_.node(pending.node);
      const CompiledPattern& pattern = automaton_.pattern(part.pattern);
      const bool holds = (frame.bits & pattern.required) == pattern.required &&
                         (frame.bits & pattern.forbidden) == 0;
      if (!holds) continue;
      if (part.role == CaptureRole::kReference) {
        add_reference(pending.name, part);
      } else {
        add_symbol(frame, depth, pending, pattern);
      }
    }
    pending_.resize(kept);
  }

  void add_symbol(const Frame& frame, std::uint32_t depth, const Pending& pending,
                  const CompiledPattern& pattern) {
    if (facts_.symbols.size() >= limits_.max_symbols) return;
    RawSymbol symbol;
    symbol.extent = widened(frame.extent, depth);
    symbol.name = pending.name;
    symbol.scope_text = pending.scope_text;
    symbol.doc = frame.doc;
    symbol.body = frame.body;
    symbol.priority = pattern.priority;
    symbol.kind = pattern.kind;
    symbol.is_definition = pattern.role != CompiledPattern::Role::kDeclaration;
    symbol.is_container_only = pattern.role == CompiledPattern::Role::kContainer;
    const bool assigned = pattern.role == CompiledPattern::Role::kAssignment;
    const bool member = is_member(pattern.kind) || pattern.kind == SymbolKind::kEnumMember;
    const LocalNames::Scope& here = locals_.current();
    const LocalNames::Scope* cls = assigned && member ? locals_.enclosing_class() : nullptr;
    symbol.of_class = cls != nullptr;
    // A member is as local as its class; everything else as its place.
    symbol.is_local =
        cls != nullptr       ? cls->in_function
        : assigned && member ? false
        : pattern.kind == SymbolKind::kParameter || pattern.kind == SymbolKind::kTypeParameter
            ? true
            : here.in_function;
    const std::uint32_t name = names_.intern(text_of(pending.name));
    // A name assigned again in its scope is a write; so is assigning to a parameter or a declared
    // field.
    const LocalNames::Scope& owner = cls != nullptr ? *cls : here;
    const std::uint64_t scope = owner.serial | (member ? std::uint64_t{1} << 31 : 0);
    const auto first = assigned_.emplace((scope << 32) | name, pending.name.begin).first;
    const bool is_function = pattern.kind == SymbolKind::kFunction;  // f = function() ...
    if (assigned && !is_function && first->second != pending.name.begin) return;
    if (symbol.is_local && !member && !symbol.is_container_only) locals_.define(name);
    facts_.symbols.push_back(symbol);
    if (limits_.keep_scopes) facts_.symbol_scopes.push_back(scope_);
  }

  ByteRange widened(ByteRange extent, std::uint32_t depth) const {
    while (depth > 0) {
      const Frame& outer = frames_[--depth];
      if ((matcher_.accept(outer.accept).marks & kMarkWiden) == 0) break;
      extent = outer.extent;
    }
    return extent;
  }

  std::string_view text_;
  Matcher& matcher_;
  const PathAutomaton& automaton_;
  const CollectLimits& limits_;
  std::vector<Frame> frames_;
  std::vector<Pending> pending_;
  NameTable names_;
  LocalNames locals_;
  std::unordered_map<std::uint64_t, std::uint32_t> assigned_;  // scope and name to first place
  std::uint32_t error_end_ = 0;
  std::uint32_t scope_ = 0;  // index into facts_.scopes
  RawFacts facts_;
};

}  // namespace

RawFacts collect_facts(const TSTree* tree, std::string_view text, Matcher& matcher,
                       const CollectLimits& limits) {
  FactCollector collector(text, matcher, limits);
  walk_tree(tree, collector);
  return collector.take();
}

}  // namespace engram
