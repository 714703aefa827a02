// assist/engrams/recall.h: what followed a text elsewhere in the repository, without a model.
//
// The end of the text may lie within a token of the code that goes on from it: "foo(" within
// "foo()", "re" within "return". So its last few tokens are also taken as bytes that the
// continuation must begin with, and the split that matches most bytes wins.
//
// Threads: pure functions over an immutable view.  Errors: none; nothing found is an empty answer.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "memory/engrams/lookup.h"

namespace engram {

struct Recalled {
  std::vector<Continuation> continuations;  // of what comes after the text; match_length in tokens
  double lookup_us = 0;                     // without tokenizing
};
Recalled recall(const EngramView& view, const Tokenizer& tokenizer, std::string_view text,
                const ContinuationOptions& options = {});

// A buffer with the cursor at `offset`, as a view takes it; [offset, replaced_end) is left out. Of
// a part of a file, `first_line` is the part's.
EngramBuffer buffer_for_memory(const Tokenizer& tokenizer, std::string_view path,
                               std::string_view text, std::size_t offset, std::size_t replaced_end,
                               std::uint32_t first_line = 1);

}  // namespace engram
