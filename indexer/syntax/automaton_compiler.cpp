// From query patterns to the nodes of a PathAutomaton: names become classes of the grammar's
// symbols, captures become roles, and each pattern finds the node it hangs on.
#include <tree_sitter/api.h>

#include <algorithm>
#include <set>
#include <utility>

#include "indexer/syntax/path_automaton.h"

namespace engram {

namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

const std::map<std::string_view, std::uint16_t> kMarks = {
    {"scope", kMarkScope},
    {"scope.function", kMarkScope | kMarkFunctionScope},
    {"scope.class", kMarkScope | kMarkClassScope},
    {"comment", kMarkComment},
    {"string", kMarkString},
    {"block", kMarkBlock},
    {"attribute", kMarkAttribute},
};

const std::map<std::string_view, CaptureRole> kRoles = {
    {"name", CaptureRole::kName},
    {"name.from-parent", CaptureRole::kName},
    {"name.first", CaptureRole::kName},
    {"body", CaptureRole::kBody},
    {"qualified", CaptureRole::kQualified},
    {"receiver", CaptureRole::kReceiver},
    {"doc", CaptureRole::kDoc},
    {"ignore", CaptureRole::kIgnore},
};

const std::map<std::string_view, ReferenceKind> kReferences = {
    {"use", ReferenceKind::kUse},
    {"call", ReferenceKind::kCall},
    {"type", ReferenceKind::kType},
    {"import", ReferenceKind::kImport},
    {"inherit", ReferenceKind::kInherit},
    {"write", ReferenceKind::kWrite},
    {"macro_use", ReferenceKind::kMacroUse},
};

const std::map<std::string_view, CompiledPattern::Role> kPatternRoles = {
    {"definition", CompiledPattern::Role::kDefinition},
    {"declaration", CompiledPattern::Role::kDeclaration},
    {"assignment", CompiledPattern::Role::kAssignment},
    {"container", CompiledPattern::Role::kContainer},
};

}  // namespace

class AutomatonCompiler {
 public:
  AutomatonCompiler(const TSLanguage* grammar, const std::vector<QueryFile>& files)
      : grammar_(grammar), files_(files) {}

  Result<PathAutomaton> compile() {
    assign_classes();
    for (const QueryFile& file : files_) {
      for (const Pattern& pattern : file.patterns) {
        ENGRAM_TRY_VOID(add_pattern(pattern));
      }
      for (const Directive& directive : file.directives) {
        ENGRAM_TRY_VOID(add_directive(directive));
      }
    }
    ENGRAM_TRY_VOID(assign_bits());
    return std::move(out_);
  }

 private:
  using Key = std::pair<std::string, bool>;  // name, named

  void collect(const PatternNode& node) {
    for (const PatternSymbol& s : node.symbols) used_symbols_.insert({s.name, s.named});
    if (!node.field.empty()) used_fields_.insert(node.field);
    for (const PatternNode& c : node.children) collect(c);
  }

  void assign_classes() {
    for (const QueryFile& file : files_) {
      for (const Pattern& p : file.patterns) collect(p.root);
      for (const Directive& d : file.directives) {
        if (d.name == "widen!") {
          for (const std::string& kind : d.arguments) used_symbols_.insert({kind, true});
        } else if (d.name == "look-through!" && !d.arguments.empty()) {
          used_symbols_.insert({d.arguments[0], true});
          for (std::size_t i = 1; i < d.arguments.size(); ++i) used_fields_.insert(d.arguments[i]);
        }
      }
    }
    const std::uint32_t symbols = ts_language_symbol_count(grammar_);
    out_.symbol_class_.resize(symbols);
    for (std::uint32_t s = 0; s < symbols; ++s) {
      const auto symbol = static_cast<TSSymbol>(s);
      const bool named = ts_language_symbol_type(grammar_, symbol) == TSSymbolTypeRegular;
      const char* name = ts_language_symbol_name(grammar_, symbol);
      const Key key{name != nullptr ? name : "", named};
      std::uint16_t& cls = out_.symbol_class_[s];
      cls = named ? PathAutomaton::kNamedClass : PathAutomaton::kAnonymousClass;
      if (!used_symbols_.contains(key)) continue;
      const auto [it, fresh] = classes_.emplace(key, next_class());
      if (fresh) ++out_.symbol_class_count_;
      cls = it->second;
    }
    const std::uint32_t fields = ts_language_field_count(grammar_);
    out_.field_class_.assign(fields + 1, 0);
    for (std::uint32_t f = 1; f <= fields; ++f) {
      const char* name = ts_language_field_name_for_id(grammar_, static_cast<TSFieldId>(f));
      if (name == nullptr || !used_fields_.contains(name)) continue;
      const auto cls = static_cast<std::uint16_t>(out_.field_class_count_++);
      out_.field_class_[f] = cls;
      fields_[name] = cls;
    }
  }

  std::uint16_t next_class() const { return static_cast<std::uint16_t>(out_.symbol_class_count_); }

  static Error bad(const std::string& origin, const std::string& what) {
    return Error{Errc::kInvalidArgument, origin + ": " + what};
  }

  Result<void> set_classes(PathNode& to, const PatternNode& from, const std::string& origin) {
    to.classes.assign(out_.symbol_class_count_, false);
    if (from.any) {
      for (std::uint32_t c = 0; c < out_.symbol_class_count_; ++c) to.classes[c] = true;
      if (from.any_named) {
        to.classes[PathAutomaton::kAnonymousClass] = false;
        for (const auto& [key, cls] : classes_) {
          if (!key.second) to.classes[cls] = false;
        }
      }
    }
    for (const PatternSymbol& s : from.symbols) {
      if (s.name == "ERROR") {
        to.classes[PathAutomaton::kErrorClass] = true;
        continue;
      }
      const auto it = classes_.find({s.name, s.named});
      if (it == classes_.end()) return bad(origin, "the grammar has no node \"" + s.name + "\"");
      to.classes[it->second] = true;
    }
    if (!from.field.empty()) {
      const auto it = fields_.find(from.field);
      if (it == fields_.end())
        return bad(origin, "the grammar has no field \"" + from.field + "\"");
      to.field = it->second;
    }
    to.first = from.first;
    to.negated = from.negated;
    return {};
  }

  // A capture is a role of this node, a mark, the pattern's own role, or a name for a predicate.
  Result<void> set_capture(PathNode& node, std::string_view capture, const Pattern& pattern) {
    if (const auto mark = kMarks.find(capture); mark != kMarks.end()) {
      node.marks = static_cast<std::uint16_t>(node.marks | mark->second);
      return {};
    }
    if (const auto role = kRoles.find(capture); role != kRoles.end()) {
      node.role = role->second;
      node.from_parent = capture == "name.from-parent";
      node.once = capture == "name.first";
      if (node.role == CaptureRole::kReceiver) out_.patterns_.back().has_receiver = true;
      return {};
    }
    if (capture.starts_with('_')) return {};
    if (take_prefix(capture, "reference.")) {
      if (capture.ends_with(".member")) {
        node.member = true;
        capture.remove_suffix(7);
      }
      const auto kind = kReferences.find(capture);
      if (kind == kReferences.end()) return bad(pattern.origin, "unknown reference kind");
      node.role = CaptureRole::kReference;
      node.reference = kind->second;
      return {};
    }
    const auto dot = capture.find('.');
    const auto role = kPatternRoles.find(capture.substr(0, dot));
    if (role == kPatternRoles.end()) {
      return bad(pattern.origin, "unknown capture @" + std::string(capture));
    }
    CompiledPattern& compiled = out_.patterns_.back();
    compiled.role = role->second;
    if (dot != std::string_view::npos) compiled.kind = symbol_kind_from(capture.substr(dot + 1));
    if (compiled.kind == SymbolKind::kUnknown &&
        role->second != CompiledPattern::Role::kContainer) {
      return bad(pattern.origin, "unknown symbol kind in @" + std::string(capture));
    }
    node.instance = true;
    return {};
  }

  Result<std::uint16_t> add_node(const PatternNode& from, const Pattern& pattern,
                                 std::uint16_t depth, bool optional) {
    if (out_.nodes_.size() >= 0xfff0) return bad(pattern.origin, "too many patterns");
    const auto id = static_cast<std::uint16_t>(out_.nodes_.size());
    out_.nodes_.emplace_back();
    PathNode node;
    node.pattern = static_cast<std::uint16_t>(out_.patterns_.size() - 1);
    ENGRAM_TRY_VOID(set_classes(node, from, pattern.origin));
    for (const std::string& capture : from.captures) {
      ENGRAM_TRY_VOID(set_capture(node, capture, pattern));
      for (const Predicate& p : pattern.predicates) {
        if (p.capture != capture) continue;
        node.values = static_cast<std::int32_t>(out_.values_.size());
        node.test = p.name == "any-of?"        ? PathNode::Test::kAnyOf
                    : p.name == "starts-with?" ? PathNode::Test::kStartsWith
                                               : PathNode::Test::kNotAnyOf;
        out_.values_.push_back(p.values);
      }
    }
    depth_ = std::max(depth_, depth);
    optional = optional || from.optional;
    for (const PatternNode& child : from.children) {
      ENGRAM_TRY(child_id,
                 add_node(child, pattern, static_cast<std::uint16_t>(depth + 1), optional));
      node.children.push_back(child_id);
    }
    // What must be seen (or not) below the instance: the leaves. A name is waited for anyway.
    const bool required = !optional && from.children.empty() && node.role != CaptureRole::kName;
    needs_bit_[id] = from.negated ? 2 : required ? 1 : 0;
    out_.nodes_[id] = std::move(node);
    return id;
  }

  // The instance when no definition names it: the deepest node above everything that matters.
  std::uint16_t lowest_common(std::uint16_t id) const {
    const PathNode& n = out_.nodes_[id];
    const bool alone = n.role != CaptureRole::kNone || n.marks != 0 || n.values >= 0;
    if (alone || n.children.size() != 1) return id;
    return lowest_common(n.children[0]);
  }

  bool mark_inside(std::uint16_t id, std::vector<std::uint16_t>& inside) const {
    bool found = out_.nodes_[id].instance;
    inside.push_back(id);
    for (const std::uint16_t c : out_.nodes_[id].children) found = mark_inside(c, inside) || found;
    return found;
  }

  std::int32_t find_instance(std::uint16_t id) const {
    if (out_.nodes_[id].instance) return id;
    for (const std::uint16_t c : out_.nodes_[id].children) {
      if (const auto found = find_instance(c); found >= 0) return found;
    }
    return -1;
  }

  Result<void> add_pattern(const Pattern& pattern) {
    out_.patterns_.emplace_back();
    depth_ = 0;
    ENGRAM_TRY(root, add_node(pattern.root, pattern, 0, false));
    out_.roots_.push_back(root);
    std::int32_t instance = find_instance(root);
    if (instance < 0) {
      instance = lowest_common(root);
    } else if (const auto outside = sibling_outside(root); !outside.empty()) {
      return bad(pattern.origin, outside);
    }
    const auto id = static_cast<std::uint16_t>(instance);
    std::vector<std::uint16_t> inside;
    mark_inside(id, inside);
    CompiledPattern& compiled = out_.patterns_.back();
    compiled.priority = static_cast<std::uint16_t>(
        std::min<std::size_t>(63, depth_ * 2u + (pattern.predicates.empty() ? 0u : 1u)) * 1024u +
        std::min<std::size_t>(1023, out_.patterns_.size() - 1));
    for (const std::uint16_t n : inside) {
      if (n == id || needs_bit_[n] == 0) continue;
      bits_of_.push_back({id, n});
      compiled.deferred = true;
    }
    if (compiled.role != CompiledPattern::Role::kNone) compiled.deferred = true;
    // One captured leaf below plain steps is decided at once.
    if (inside.size() == 1 && compiled.role == CompiledPattern::Role::kNone) {
      compiled.deferred = false;
    } else {
      out_.nodes_[id].instance = true;
    }
    return {};
  }

  // A definition's parts lie below it; a path above it has no side branches.
  std::string sibling_outside(std::uint16_t id) const {
    const PathNode& n = out_.nodes_[id];
    if (n.instance) return {};
    if (n.children.size() > 1) return "a part lies outside of the captured definition";
    return n.children.empty() ? std::string() : sibling_outside(n.children[0]);
  }

  // Patterns that can hang on the same node get different bits.
  Result<void> assign_bits() {
    std::vector<unsigned> next(out_.symbol_class_count_, 0);
    std::size_t i = 0;
    while (i < bits_of_.size()) {
      const std::uint16_t instance = bits_of_[i].first;
      const std::vector<bool>& classes = out_.nodes_[instance].classes;
      unsigned bit = 0;
      for (std::uint32_t c = 0; c < classes.size(); ++c) {
        if (classes[c]) bit = std::max(bit, next[c]);
      }
      for (; i < bits_of_.size() && bits_of_[i].first == instance; ++i, ++bit) {
        if (bit >= 64) return Error{Errc::kInvalidArgument, "too many patterns on one node kind"};
        PathNode& part = out_.nodes_[bits_of_[i].second];
        part.bit = static_cast<std::int8_t>(bit);
        CompiledPattern& pattern = out_.patterns_[part.pattern];
        (part.negated ? pattern.forbidden : pattern.required) |= std::uint64_t{1} << bit;
      }
      for (std::uint32_t c = 0; c < classes.size(); ++c) {
        if (classes[c]) next[c] = bit;
      }
    }
    return {};
  }

  Result<void> add_directive(const Directive& directive) {
    if (directive.name == "inherits!") return {};
    if (directive.arguments.empty()) {
      return bad("#" + directive.name, "the directive needs a node kind");
    }
    if (directive.name == "widen!") {
      for (const std::string& kind : directive.arguments) {
        const auto it = classes_.find({kind, true});
        if (it == classes_.end()) return bad("#widen!", "the grammar has no node " + kind);
        out_.patterns_.emplace_back();
        PathNode node;
        node.classes.assign(out_.symbol_class_count_, false);
        node.classes[it->second] = true;
        node.marks = kMarkWiden;
        node.pattern = static_cast<std::uint16_t>(out_.patterns_.size() - 1);
        out_.roots_.push_back(static_cast<std::uint16_t>(out_.nodes_.size()));
        out_.nodes_.push_back(std::move(node));
      }
      return {};
    }
    if (directive.name != "look-through!") return bad("#" + directive.name, "unknown directive");
    const auto it = classes_.find({directive.arguments[0], true});
    if (it == classes_.end()) {
      return bad("#look-through!", "the grammar has no node " + directive.arguments[0]);
    }
    PathAutomaton::LookThrough& to = out_.look_through_[it->second];
    to.fields.assign(out_.field_class_count_, false);
    if (directive.arguments.size() == 1) to.fields[0] = true;
    for (std::size_t i = 1; i < directive.arguments.size(); ++i) {
      const auto field = fields_.find(directive.arguments[i]);
      if (field == fields_.end()) {
        return bad("#look-through!", "the grammar has no field " + directive.arguments[i]);
      }
      to.fields[field->second] = true;
    }
    return {};
  }

  const TSLanguage* grammar_;
  const std::vector<QueryFile>& files_;
  PathAutomaton out_;
  std::set<Key> used_symbols_;
  std::set<std::string> used_fields_;
  std::map<Key, std::uint16_t> classes_;
  std::map<std::string, std::uint16_t> fields_;
  std::map<std::uint16_t, int> needs_bit_;  // by node: 1 required, 2 forbidden
  std::vector<std::pair<std::uint16_t, std::uint16_t>> bits_of_;  // (instance, part)
  std::uint16_t depth_ = 0;
};

Result<PathAutomaton> PathAutomaton::compile(const TSLanguage* grammar,
                                             const std::vector<QueryFile>& files) {
  return AutomatonCompiler(grammar, files).compile();
}

}  // namespace engram
