// assist/recall/place_matches.h: what the engram memory has for the place where a request's text
// stands: for the next token of files, which may have begun before the cursor.
//
// Once a model has chosen a token, memory is asked with the text as files spell it. Up to then the
// text's last bytes are left open (assist/recall/context_spelling.h): of the ways to do so the one
// whose context matches most bytes is taken, and next tokens are those that begin with them.
//
// Threads: confined to one thread.  Errors: none; what nothing matches has no matches.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assist/recall/context_spelling.h"
#include "memory/engrams/lookup.h"

namespace engram {

class PlaceMatches {
 public:
  // Contexts longer than `longest` tokens are not looked for.
  PlaceMatches(std::shared_ptr<const EngramView> view, ContextSpelling spelling,
               std::size_t longest = kMaxEngramContext)
      : view_(std::move(view)), spelling_(std::move(spelling)), longest_(longest) {}

  struct Found {
    std::vector<TokenId> context{};  // as files spell the text
    std::string open{};              // bytes after it, with which all next tokens begin; so many
    std::size_t written = 0;         // of them stand in the text, the others are forced
    std::span<const ContextMatch> matches{};  // the longest context first
  };
  // `sequence`: the request's last tokens, ContextSpelling::kTail where there are so many;
  // `forced`: what has to follow; `chosen`: a model chose the last token and nothing is forced. The
  // answer stays until the next question.
  const Found& find(std::span<const TokenId> sequence, std::string_view forced, bool chosen);

  const EngramView& view() const { return *view_; }
  const ContextSpelling& spelling() const { return spelling_; }

 private:
  void find_going_on(std::string_view text, std::size_t written);
  std::vector<ContextMatch> matches_with(std::string_view open, std::size_t written) const;
  std::size_t matched_bytes(const SpelledContext& context,
                            std::span<const ContextMatch> matches) const;

  std::shared_ptr<const EngramView> view_;
  ContextSpelling spelling_;
  const std::size_t longest_;
  LookupAnswer answer_;
  std::vector<ContextMatch> going_on_;
  std::size_t going_on_bytes_ = 0;  // that match
  Found found_;
};

}  // namespace engram
