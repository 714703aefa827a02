// engine/token_index.h: a vocabulary's text tokens in byte order, and what each folds to.
//
// Byte order makes "every token that begins with these bytes" a range (token healing). Folding
// (stop at line end): a token "X\n..." is the token "X" followed by the end of the line, so that
// stopping, scoring and choosing do not depend on how the tokenizer glued the newline.
//
// Threads: immutable after construction.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace engram {

// Bytes of `text` before its first line end at or after `from` ("\n", and a "\r" just before it);
// npos when it has none.
std::size_t line_end_in(std::string_view text, std::size_t from = 0);

class TokenIndex {
 public:
  explicit TokenIndex(std::shared_ptr<const Tokenizer> tokenizer);

  const Tokenizer& tokenizer() const { return *tokenizer_; }

  // Tokens whose bytes begin with `prefix`, which must not be empty; ends of text never do.
  std::span<const TokenId> starting_with(std::string_view prefix) const;
  TokenId find(std::string_view bytes) const;  // -1: no token spells exactly this

  // A token with a line end in it, and the token its part before the line end folds to. Where no
  // token spells that part, or it is empty, `into` is the first such token itself.
  struct Fold {
    TokenId token;
    TokenId into;
  };
  std::span<const Fold> folds() const { return folds_; }
  TokenId fold_of(TokenId token) const;  // what it folds to; itself where it has no line end
  std::span<const Fold> folding_into(TokenId into) const;
  TokenId line_end() const { return line_end_; }  // what "\n..." folds to; -1: none

  std::span<const TokenId> ends() const { return ends_; }
  std::span<const TokenId> in_byte_order() const { return order_; }  // all that spell text

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::vector<TokenId> order_;
  std::vector<Fold> folds_, by_token_, by_target_;
  std::vector<TokenId> ends_;
  TokenId line_end_ = -1;
};

// The tokens that spell `forced` and then `text`: first the longest that spell the forced bytes
// (and go on with the text), then those of the tokenizer. Empty: there are none.
std::vector<TokenId> spell(const TokenIndex& index, std::string_view forced, std::string_view text);

}  // namespace engram
