// indexer/syntax/syntax_tree.h: an editable syntax tree of one open document.
//
// For the checks on a suggestion: would the text with it inserted have more syntax errors than
// before, and where does the enclosing block end. Reparses incrementally.
//
// Threads: thread-compatible (copy() gives another thread its own).  Errors: kInvalidArgument
// unknown language; kCancelled / kBusy when the parse passed its time cap.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace engram {

struct SyntaxErrorCount {
  std::size_t errors = 0;       // ERROR nodes
  std::size_t missing = 0;      // MISSING nodes
  std::size_t error_bytes = 0;  // bytes under ERROR nodes
};

struct SyntaxRange {
  std::size_t begin = 0, end = 0;
  std::string_view kind;  // node kind, valid for the life of the program
};

struct SyntaxCall {
  std::size_t callee_end = 0;  // where what is called ends, before its arguments
  std::vector<SyntaxRange> arguments;
};

class SyntaxTree {
 public:
  static Result<SyntaxTree> parse(std::string_view language, std::string text,
                                  std::chrono::milliseconds limit = std::chrono::milliseconds(500));
  SyntaxTree(SyntaxTree&&) noexcept;
  SyntaxTree& operator=(SyntaxTree&&) noexcept;
  ~SyntaxTree();

  SyntaxTree copy() const;  // cheap
  // Replaces [begin, old_end) by `replacement` and reparses incrementally.
  Result<void> edit(std::size_t begin, std::size_t old_end, std::string_view replacement);

  std::string_view text() const;
  SyntaxErrorCount errors(std::size_t begin, std::size_t end) const;  // overlapping the range
  // Nodes that contain `offset`, innermost first, up to the root.
  std::vector<SyntaxRange> ancestors(std::size_t offset) const;
  // The smallest block (function body, class body, compound statement, indented suite) around.
  std::optional<SyntaxRange> enclosing_block(std::size_t offset) const;
  // All blocks, and all comments with line comments on consecutive lines as one; in order.
  std::vector<SyntaxRange> blocks() const;
  std::vector<SyntaxRange> comments() const;
  // Calls whose argument lists begin in [begin, end), in order of these.
  std::vector<SyntaxCall> calls(std::size_t begin, std::size_t end) const;
  // True inside a comment or string literal.
  bool in_comment(std::size_t offset) const;
  bool in_string(std::size_t offset) const;
  // Identifiers in [begin, end), in order, each once: the names a completion there will likely use.
  std::vector<std::string> identifiers(std::size_t begin, std::size_t end, std::size_t limit) const;

 private:
  struct State;
  explicit SyntaxTree(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace engram
