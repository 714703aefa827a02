// assist/recall/recall_place.h: which tokens of a request are the document's last ones.
//
// A prompt that fills in the middle has the text before the cursor first and then other text: what
// is generated does not follow what stands just before it. The memory is asked with the document's
// tokens.
//
// Threads: plain values.  Errors: none.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "memory/engrams/tokens.h"

namespace engram {

struct RecallPlace {
  // The control token after which the text goes on; none where a prompt simply ends before it.
  std::optional<TokenId> middle;
  std::vector<TokenId> before;  // the document's last tokens before that place

  // The document's last tokens, at most so many, of a request's so far.
  std::vector<TokenId> context(std::span<const TokenId> sequence,
                               std::size_t most = kMaxEngramContext) const;
};

}  // namespace engram
