// assist/completion/context.h: what the memory knows that bears on a place: definitions of the
// symbols named near it, members of the types in scope, and the most similar chunks.
//
// Looked up on a thread of its own, which owns the catalogue reader. gather() waits until its
// deadline and takes what is there by then; what comes later is kept for the next call at the same
// place, so a slow disk costs the first suggestion its facts, never its time.
//
// Threads: thread-safe.  Errors: none; a store that is missing or damaged yields no facts.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "assist/completion/prompt.h"
#include "indexer/syntax/syntax_tree.h"

namespace engram {

struct ContextQuery {
  std::string path;  // the file being edited
  std::string language;
  std::vector<std::string> identifiers;     // used near the cursor, nearest first
  std::vector<std::string> receiver_types;  // likely types of what stands before "." at the cursor
  std::vector<std::string> excluded_paths;  // files nothing is wanted of, besides `path`

  bool excludes(std::string_view other) const;
  friend bool operator==(const ContextQuery&, const ContextQuery&) = default;
};

// What to ask for at a cursor. `known` (from the syntax tree) leaves out words of comments and
// strings; empty: every word counts.
ContextQuery context_query(std::string_view path, std::string_view language, std::string_view text,
                           std::size_t offset, const std::vector<std::string>& known);

// What to pass as `known`: the identifiers of the tree around `offset`; empty without a tree.
std::vector<std::string> identifiers_near(const SyntaxTree* tree, std::size_t text_bytes,
                                          std::size_t offset);

struct ContextFacts {
  std::vector<PromptSnippet> snippets;  // chunks, then definitions; the best last in each
  bool complete = false;                // nothing was left out for lack of time
};

class ContextSource {
 public:
  // A look-up that nobody waits for any more is given up after `patience`: so long it may still
  // serve the next call.
  ContextSource(std::filesystem::path store, std::chrono::milliseconds patience);
  ~ContextSource();
  ContextSource(const ContextSource&) = delete;
  ContextSource& operator=(const ContextSource&) = delete;

  ContextFacts gather(const ContextQuery& query, std::chrono::milliseconds deadline,
                      std::stop_token stop);
  void set_store(const std::filesystem::path& store);

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace engram
