// indexer/syntax/chunker.h: a file cut into spans small enough for a prompt, along its syntax.
//
// The cAST recipe: a node that fits is one piece, a node that does not is cut into its children's
// pieces; then neighbours with one parent are merged greedily while they fit. Size is counted in
// non-blank bytes, so that indentation is free. On top of the recipe: a comment stays with what
// follows it, a definition's head stays with the first piece of its body, and a leaf that is too
// large (a long string, a run of errors) is cut at line ends, a long line anywhere between two
// characters. Chunks are disjoint, in order, and together hold every non-blank byte.
//
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/text.h"
#include "memory/facts.h"

struct TSTree;

namespace engram {

// Non-blank bytes in any range of a text, in constant time.
class NonBlankCount {
 public:
  explicit NonBlankCount(std::string_view text);
  std::size_t in(std::size_t begin, std::size_t end) const { return before(end) - before(begin); }

 private:
  std::size_t before(std::size_t offset) const;
  static constexpr std::size_t kBlock = 256;
  std::string_view text_;
  std::vector<std::uint32_t> totals_;  // before each block
};

// `max_depth`: nodes nested deeper are cut by lines. Scopes are left empty (see name_scopes).
std::vector<Chunk> chunk_tree(const TSTree* tree, std::string_view text, std::size_t chunk_bytes,
                              std::size_t max_depth);

// For text that has no tree: whole lines.
std::vector<Chunk> chunk_lines(std::string_view text, std::size_t chunk_bytes);

// Sets each chunk's lines and the scopes its first byte is in, from the file's symbols (sorted by
// begin): "namespace a > class B > f()". A symbol that the chunk holds whole is no scope of it.
void name_scopes(std::string_view text, const LineIndex& lines, const std::vector<Symbol>& symbols,
                 std::vector<Chunk>& chunks);

}  // namespace engram
