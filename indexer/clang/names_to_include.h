// indexer/clang/names_to_include.h: names that are not visible at a place, and would be with one
// more inclusion: those the repository knows, and the standard library's.
//
// They come after every visible name. Nothing is offered of a header that is included already, that
// no search path finds, or whose name is visible in the same scope.
//
// Threads: confined to the parse.  Errors: none: no names.
#pragma once

#include <clang/Sema/CodeCompleteConsumer.h>
#include <clang/Sema/Sema.h>

#include "indexer/clang/include_record.h"
#include "indexer/semantic/live_message.h"

namespace engram {

class NamesToInclude {
 public:
  // `included`: what the preamble came to include; may be null.
  NamesToInclude(const LiveRequest& request, llvm::StringRef text, const IncludeRecord* included)
      : request_(request), text_(text), included_(included) {}

  // Behind what is in `reply`.
  void add(clang::Sema& sema, const clang::CodeCompletionContext& context, LiveReply& reply) const;

 private:
  const LiveRequest& request_;
  const llvm::StringRef text_;
  const IncludeRecord* const included_;
};

// What must be written before a name of `scope` at a place inside `here`: "" in "a::b" for "a",
// "b::" in "a" for "a::b".
std::string qualifier_from(std::string_view here, std::string_view scope);

}  // namespace engram
