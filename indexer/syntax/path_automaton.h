// indexer/syntax/path_automaton.h: all patterns of a language, matched in one walk.
//
// A pattern is a small tree. Each way from its root to one of its nodes is a path of
// (kind, field) steps, and a syntax tree is walked along such paths anyway. So all paths of all
// patterns form one nondeterministic automaton over steps, and the walk carries its set of states,
// made deterministic on demand: a node costs one table look-up, however many patterns there are.
// (TSQuery tries patterns node by node and costs 25-35 % of the parse for tags alone.)
//
// What one path cannot say (this class has a body; this call's name is "require") is a bit that
// the path's end sets in the node the whole pattern hangs on, its *instance*; when that node is
// left, a pattern holds if its required bits are set and its forbidden ones are not.
//
// A PathAutomaton is immutable and shared; the deterministic states are in a Matcher, one a thread.
//
// Threads: PathAutomaton constant after compile; Matcher thread-compatible.
// Errors: kInvalidArgument names file and line of a pattern that cannot be compiled.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "indexer/syntax/query_file.h"
#include "memory/facts.h"

struct TSLanguage;

namespace engram {

enum class CaptureRole : std::uint8_t {
  kNone,
  kName,       // the symbol's name
  kBody,       // where the signature ends
  kQualified,  // node around the name whose text before it is a scope: A::B::f
  kReceiver,   // node elsewhere that names the container: Go's (r *T)
  kDoc,        // documentation inside the definition (docstring)
  kReference,
  kIgnore,  // says that nothing is referred to here
};

// What a node is for the walk itself, beside definitions and references.
enum NodeMark : std::uint16_t {
  kMarkScope = 1,          // names defined inside are not seen outside
  kMarkFunctionScope = 2,  // and are local to a function
  kMarkClassScope = 4,
  kMarkComment = 8,
  kMarkString = 16,
  kMarkBlock = 32,
  kMarkAttribute = 64,  // may stand between a doc comment and what it documents
  kMarkWiden = 128,     // belongs to the definition it wraps
};

struct CompiledPattern {
  enum class Role : std::uint8_t { kNone, kDefinition, kDeclaration, kAssignment, kContainer };
  Role role = Role::kNone;
  SymbolKind kind = SymbolKind::kUnknown;
  std::uint64_t required = 0;
  std::uint64_t forbidden = 0;
  std::uint16_t priority = 0;  // of two patterns with one name node, the higher counts
  bool deferred = false;       // holds only when the instance is left
  bool has_receiver = false;   // one of its parts names the container
};

struct PathNode {
  std::vector<bool> classes;  // which symbol classes match
  std::uint16_t field = 0;    // field class; 0: any
  bool first = false;
  bool negated = false;
  bool instance = false;  // the node the pattern hangs on
  std::int8_t bit = -1;
  CaptureRole role = CaptureRole::kNone;
  ReferenceKind reference = ReferenceKind::kUse;
  bool member = false;       // a reference through an object: never a local name
  bool from_parent = false;  // a name that begins where the node around it does
  bool once = false;         // only the first such name of an instance
  std::uint16_t marks = 0;
  std::uint16_t pattern = 0;
  std::int32_t values = -1;  // index into predicate value lists
  enum class Test : std::uint8_t { kAnyOf, kNotAnyOf, kStartsWith };
  Test test = Test::kAnyOf;
  std::vector<std::uint16_t> children;
};

class PathAutomaton {
 public:
  static Result<PathAutomaton> compile(const TSLanguage* grammar,
                                       const std::vector<QueryFile>& files);

  std::uint16_t symbol_class(std::uint16_t symbol) const {
    return symbol < symbol_class_.size() ? symbol_class_[symbol] : kErrorClass;
  }
  std::uint16_t field_class(std::uint16_t field) const { return field_class_[field]; }
  std::uint32_t symbol_classes() const { return symbol_class_count_; }
  std::uint32_t field_classes() const { return field_class_count_; }

  const PathNode& node(std::uint16_t id) const { return nodes_[id]; }
  const CompiledPattern& pattern(std::uint16_t id) const { return patterns_[id]; }
  bool holds(const PathNode& node, std::string_view text) const;  // its predicate, if any

  static constexpr std::uint16_t kAnonymousClass = 0;  // classes no pattern names
  static constexpr std::uint16_t kNamedClass = 1;
  static constexpr std::uint16_t kErrorClass = 2;

 private:
  friend class Matcher;
  friend class AutomatonCompiler;
  struct LookThrough {
    std::vector<bool> fields;  // by field class; [0]: children without a field (or an unused one)
  };
  std::vector<std::uint16_t> symbol_class_;
  std::vector<std::uint16_t> field_class_;
  std::uint32_t symbol_class_count_ = 3;
  std::uint32_t field_class_count_ = 1;
  std::vector<PathNode> nodes_;
  std::vector<std::uint16_t> roots_;
  std::vector<CompiledPattern> patterns_;
  std::vector<std::vector<std::string>> values_;
  std::map<std::uint16_t, LookThrough> look_through_;  // by symbol class
};

// The path nodes that end at a syntax node, sorted for use.
struct Accept {
  std::vector<std::uint16_t> instances;   // patterns that hang on this node
  std::vector<std::uint16_t> parts;       // path nodes with a bit or a role, references left out
  std::vector<std::uint16_t> references;  // path nodes, the most specific first
  std::uint16_t marks = 0;
};

class Matcher {
 public:
  explicit Matcher(const PathAutomaton& automaton);

  struct Step {
    std::uint16_t state = 0;
    std::uint16_t accept = 0;  // 0: nothing ends here
  };
  static constexpr std::uint16_t kStart = 0;

  Step step(std::uint16_t state, std::uint16_t symbol_class, std::uint16_t field_class,
            bool first) {
    const std::size_t key = (symbol_class * field_classes_ + field_class) * 2u + (first ? 1u : 0u);
    const Step known = table_[state][key];
    return known.state != kUnknown ? known : compute(state, symbol_class, field_class, first);
  }
  const Accept& accept(std::uint16_t id) const { return accepts_[id]; }
  const PathAutomaton& automaton() const { return automaton_; }

 private:
  static constexpr std::uint16_t kUnknown = 0xffff;
  struct Item {
    std::uint16_t node;
    std::uint16_t through;  // 0: matched here; else 1 + the look-through class it waits under
    friend auto operator<=>(const Item&, const Item&) = default;
  };
  Step compute(std::uint16_t state, std::uint16_t symbol_class, std::uint16_t field_class,
               bool first);
  std::uint16_t intern_state(std::vector<Item> items);
  std::uint16_t intern_accept(const std::vector<Item>& items);

  const PathAutomaton& automaton_;
  std::size_t field_classes_;
  std::vector<std::vector<Item>> states_;
  std::vector<std::vector<Step>> table_;
  std::map<std::vector<Item>, std::uint16_t> state_ids_;
  std::vector<Accept> accepts_;
  std::map<std::vector<std::uint16_t>, std::uint16_t> accept_ids_;
};

}  // namespace engram
