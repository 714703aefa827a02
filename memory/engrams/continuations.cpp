// What followed a context, as text: declared in lookup.h.
#include <algorithm>
#include <map>

#include "memory/engrams/lookup.h"

namespace engram {
namespace {

// Up to the end of the first line that has something on it beyond what was typed.
std::size_t line_end(std::string_view text, std::size_t typed) {
  std::size_t i = typed;
  while (i < text.size() &&
         (text[i] == '\n' || text[i] == '\r' || text[i] == ' ' || text[i] == '\t'))
    ++i;
  return std::min(text.size(), text.find('\n', i));
}

// One of them begins with the other.
bool agree(std::string_view a, std::string_view b) {
  return a.size() < b.size() ? b.starts_with(a) : a.starts_with(b);
}

}  // namespace

std::vector<Continuation> continuations(const EngramView& view,
                                        std::span<const EngramToken> context,
                                        std::string_view typed,
                                        const ContinuationOptions& options) {
  LookupAnswer answer;
  view.look_up(context, answer);
  for (const ContextMatch& match : answer.matches()) {
    std::map<std::string, Continuation> by_text;
    for (const EngramPosition position : view.positions(context, match.length, options.looked_at)) {
      const std::vector<EngramToken> first = view.tokens_at(position, 1);
      if (first.empty() || !agree(view.vocabulary().bytes(first.front()), typed)) continue;
      const std::vector<EngramToken> tokens = view.tokens_at(position, options.max_tokens);
      std::string text = view.vocabulary().text(tokens);
      if (!std::string_view(text).starts_with(typed) || text.size() == typed.size()) continue;
      if (options.stop_at_line_end) text.resize(line_end(text, typed.size()));
      Continuation& c = by_text[text];
      ++c.count;
      if (c.sources.size() < options.max_sources) c.sources.push_back(view.source(position));
    }
    if (by_text.empty()) continue;
    std::vector<Continuation> out;
    for (auto& [text, c] : by_text) {
      c.text = text;
      c.match_length = match.length;
      out.push_back(std::move(c));
    }
    std::sort(out.begin(), out.end(), [](const Continuation& a, const Continuation& b) {
      return a.count != b.count ? a.count > b.count : a.text < b.text;
    });
    if (out.size() > options.limit) out.resize(options.limit);
    return out;
  }
  return {};
}

}  // namespace engram
