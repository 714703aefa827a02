#include "assist/engrams/recall.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "assist/engrams/memory_tokens.h"

namespace engram {
namespace {

constexpr std::size_t kMostTakenAsBytes = 4;  // tokens of the text's end
constexpr std::size_t kContextBytes = 4096;   // of the text's end are enough for any context

// At a line's beginning, where tokenizing does not depend on what was cut off.
std::string_view last_part(std::string_view text) {
  if (text.size() <= kContextBytes) return text;
  const std::size_t line = text.find('\n', text.size() - kContextBytes);
  return text.substr(line == std::string_view::npos ? text.size() - kContextBytes : line + 1);
}

}  // namespace

Recalled recall(const EngramView& view, const Tokenizer& tokenizer, std::string_view text,
                const ContinuationOptions& options) {
  const std::vector<TokenId> tokens = tokenizer.encode(last_part(text));
  const auto begin = std::chrono::steady_clock::now();
  Recalled out;
  std::size_t most = 0;
  std::uint64_t most_often = 0;
  for (std::size_t typed = 0; typed <= std::min(kMostTakenAsBytes, tokens.size()); ++typed) {
    const auto context = std::span(tokens).first(tokens.size() - typed);
    const std::string bytes = view.vocabulary().text(std::span(tokens).last(typed));
    std::vector<Continuation> found = continuations(view, context, bytes, options);
    if (found.empty()) continue;
    const std::size_t length = found.front().match_length;
    const std::size_t matched = bytes.size() + view.vocabulary().text(context.last(length)).size();
    std::uint64_t often = 0;
    for (const Continuation& c : found) often += c.count;
    if (std::pair(matched, often) <= std::pair(most, most_often)) continue;
    most = matched;
    most_often = often;
    out.continuations = std::move(found);
    for (Continuation& c : out.continuations) {
      c.text.erase(0, bytes.size());
      c.match_length += static_cast<std::uint32_t>(typed);
    }
  }
  out.lookup_us =
      std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
  return out;
}

EngramBuffer buffer_for_memory(const Tokenizer& tokenizer, std::string_view path,
                               std::string_view text, std::size_t offset, std::size_t replaced_end,
                               std::uint32_t first_line) {
  EngramBuffer out;
  out.path = path;
  offset = std::min(offset, text.size());
  replaced_end = std::clamp(replaced_end, offset, text.size());
  const auto lines = std::count(text.begin(), text.begin() + static_cast<long>(replaced_end), '\n');
  out.pieces.push_back({first_line, memory_tokens(tokenizer, text.substr(0, offset)).tokens});
  out.pieces.push_back({first_line + static_cast<std::uint32_t>(lines),
                        memory_tokens(tokenizer, text.substr(replaced_end)).tokens});
  return out;
}

}  // namespace engram
