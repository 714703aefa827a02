// assist/recall/context_spelling.h: a request's last tokens, as whole files of the repository spell
// the same bytes.
//
// A prompt stops at the cursor, and tokenizers look ahead. In a file SmolLM2 spells "}\n\nint x" as
// "}", "\n", "\n", "int" and "{\n    x" as "{", "\n   ", " x"; a prompt that stops before "int"
// ends in one token of two line ends, and one that stops at the indentation has the bare "\n" that
// only stands before text at a line's start. Asked with those tokens the memory knows few places,
// rare ones, and is sure of them: after a blank line comes another. So what stands before the
// cursor is spelt again, and its last bytes are left open: they are the beginning of the token that
// comes next.
//
// Threads: immutable.  Errors: none.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assist/recall/recall_place.h"
#include "engine/token_index.h"

namespace engram {

struct SpelledContext {
  std::vector<TokenId> tokens;
  std::string open{};  // bytes after them that the next token begins with
};

class ContextSpelling {
 public:
  static constexpr std::size_t kTail = 32;  // tokens that are spelt again, for a context's 16
  static constexpr std::size_t kMostWays = 6;

  // Without an index tokens stay as they are, and nothing is open.
  explicit ContextSpelling(RecallPlace place = {}, std::shared_ptr<const TokenIndex> index = {})
      : place_(std::move(place)), index_(std::move(index)) {}

  bool spells() const { return index_ != nullptr; }
  const TokenIndex& index() const { return *index_; }  // REQUIRES: spells()

  // The document's last bytes, some tokens more than a context has.
  std::string text(std::span<const TokenId> sequence) const;

  // For a text whose last token a model chose, so that it ends as it should.
  std::vector<TokenId> chosen(std::span<const TokenId> sequence) const;
  // For a text that goes on right behind its last word,
  SpelledContext closed(std::string_view text) const;
  // and for one that goes on with that word, or, after white space, with a new one: the ways to
  // leave its last bytes open, most of them first.
  std::vector<SpelledContext> open(std::string_view text) const;
  static bool ends_in_space(std::string_view text);

 private:
  RecallPlace place_;
  std::shared_ptr<const TokenIndex> index_;
};

}  // namespace engram
