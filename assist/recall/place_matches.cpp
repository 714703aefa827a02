#include "assist/recall/place_matches.h"

#include <utility>

namespace engram {

const PlaceMatches::Found& PlaceMatches::find(std::span<const TokenId> sequence,
                                              std::string_view forced, bool chosen) {
  found_ = {};
  if (!spelling_.spells() || chosen) {
    found_.context = spelling_.chosen(sequence);
    view_->look_up(found_.context, answer_, longest_);
    found_.matches = answer_.matches();
    return found_;
  }
  std::string text = spelling_.text(sequence);
  const std::size_t written = text.size();
  text += forced;
  find_going_on(text, written);
  if (!forced.empty()) return found_;
  SpelledContext closed = spelling_.closed(text);
  view_->look_up(closed.tokens, answer_, longest_);
  const std::size_t whole = matched_bytes(closed, answer_.matches());
  const bool goes_on =
      ContextSpelling::ends_in_space(text) ? going_on_bytes_ >= whole : going_on_bytes_ > whole;
  if (!goes_on) found_ = {.context = std::move(closed.tokens), .matches = answer_.matches()};
  return found_;
}

// The way to leave the text's end open that matches most; `written` bytes of it are not forced.
void PlaceMatches::find_going_on(std::string_view text, std::size_t written) {
  going_on_bytes_ = 0;
  going_on_.clear();
  for (SpelledContext& way : spelling_.open(text)) {
    const std::size_t begin = text.size() - way.open.size();
    if (begin > written) continue;  // what is forced decides alone
    view_->look_up(way.tokens, answer_, longest_);
    auto matches = matches_with(way.open, written - begin);
    const std::size_t bytes = matched_bytes(way, matches);
    if (bytes <= going_on_bytes_) continue;
    going_on_bytes_ = bytes;
    going_on_ = std::move(matches);
    found_ = {std::move(way.tokens), std::move(way.open), written - begin, going_on_};
  }
}

std::vector<ContextMatch> PlaceMatches::matches_with(std::string_view open,
                                                     std::size_t written) const {
  const auto matches = answer_.matches();
  if (open.empty()) return {matches.begin(), matches.end()};
  std::vector<ContextMatch> out;
  for (const ContextMatch& match : matches) {
    ContextMatch with;
    with.length = match.length;
    with.exact = match.exact;
    for (const NextToken& next : match.next) {
      const std::string_view bytes = spelling_.index().tokenizer().bytes(next.token);
      if (bytes.size() <= written || !bytes.starts_with(open)) continue;
      with.occurrences += next.count;
      with.next.push_back(next);
    }
    with.distinct = with.next.size();
    if (!with.next.empty()) out.push_back(std::move(with));
  }
  return out;
}

std::size_t PlaceMatches::matched_bytes(const SpelledContext& context,
                                        std::span<const ContextMatch> matches) const {
  if (matches.empty()) return 0;
  std::size_t bytes = context.open.size();
  for (const TokenId token : std::span(context.tokens).last(matches.front().length)) {
    bytes += spelling_.index().tokenizer().bytes(token).size();
  }
  return bytes;
}

}  // namespace engram
