// indexer/syntax/parse.h: text to syntax tree, within a budget.
//
// Parsers are kept per thread and language (making one costs more than a small file's parse).
// The budget is this thread's CPU time, so that a busy machine does not change what is indexed;
// interactive callers choose wall time.
//
// Threads: thread-safe; a Tree is confined to one thread, copy() it for another.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string_view>

struct TSLanguage;
struct TSTree;

namespace engram {

struct DeleteTree {
  void operator()(TSTree* tree) const;
};
using Tree = std::unique_ptr<TSTree, DeleteTree>;

struct ParseBudget {
  std::chrono::milliseconds time{2000};
  enum class Clock { kThreadCpu, kWall } clock = Clock::kThreadCpu;
  std::stop_token stop;
};

enum class ParseEnd { kDone, kTimeout, kStopped };

struct Parse {
  Tree tree;  // null unless kDone
  ParseEnd end = ParseEnd::kDone;
};

// `old_tree`: the previous tree, edited (ts_tree_edit), for an incremental parse; may be null.
Parse parse_text(const TSLanguage* grammar, std::string_view text, const ParseBudget& budget,
                 const TSTree* old_tree = nullptr);

}  // namespace engram
