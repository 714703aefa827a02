// lsp/completion_items.h: Clang's names as an editor's completion list, in our order.
//
// What is visible comes first, names that bring their #include after it. Within each, how well a
// name goes with what is typed decides first, then Clang's priority (scope and type),
// then how often the repository uses the name, then how near above it was written last.
//
// Threads: pure functions.  Errors: none.
#pragma once

#include <vector>

#include "core/json.h"
#include "indexer/semantic/live_units.h"
#include "lsp/documents.h"

namespace engram::lsp {

// [begin, end) is what a name at the cursor replaces: the identifier, or the last part of an
// included path.
struct TypedName {
  std::size_t begin = 0, end = 0;
};
TypedName typed_name_at(const std::string& text, std::size_t cursor);

// How often each of the names occurs in the repository; empty: unknown.
using NameUses = std::vector<std::int64_t>;

// Indices into `reply.names`, best first.
std::vector<std::size_t> ranked_names(const LiveReply& reply, const NameUses& uses,
                                      const std::string& text, const TypedName& typed);

// CompletionList.
json::object completion_list_json(const LiveReply& reply, const NameUses& uses,
                                  const Document& document, const TypedName& typed, bool snippets);
// SignatureHelp, or null. `offsets`: the client takes offsets into labels.
json::value signature_help_json(const LiveReply& reply, bool offsets);

}  // namespace engram::lsp
