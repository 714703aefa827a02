#include "assist/completion/plan.h"

#include <algorithm>
#include <unordered_set>

#include "assist/completion/line_view.h"
#include "indexer/scan/random_literals.h"

namespace engram {

namespace {

constexpr std::size_t kMaxForcedBytes = 1500;
constexpr std::size_t kMaxForcedLines = 16;
constexpr std::size_t kLeastMemoryTokens = 96;  // less is not worth a snippet

// Where the forced text begins: the start of the cursor's line, or the newline before it.
std::size_t anchor_for(const ModelFormat& format, std::string_view text, std::size_t offset) {
  std::size_t anchor = line_begin(text, offset);
  if (!format.newline_joins_indentation || anchor == 0) return anchor;
  --anchor;
  if (anchor > 0 && text[anchor - 1] == '\r') --anchor;
  return anchor;
}

std::size_t count(const Tokenizer& tokenizer, std::string_view text) {
  return tokenizer.encode(text).size();
}

// What the prompt shows of the file.
struct FileWindow {
  std::size_t begin = 0;  // up to the anchor
  std::string_view suffix;
  std::size_t tokens = 0;
};

// A third of `tokens` below the cursor, the rest above; what one side lacks the other gets.
FileWindow file_window(const Tokenizer& tokenizer, const PlanInput& input, std::size_t anchor,
                       bool with_suffix, std::size_t tokens) {
  const std::string_view above = input.text.substr(0, anchor);
  const std::string_view below = with_suffix ? input.text.substr(input.offset) : "";
  FileWindow window;
  window.suffix = first_lines(tokenizer, below, tokens / 3);
  std::size_t n_below = count(tokenizer, window.suffix);
  const auto prefix = last_lines(tokenizer, above, tokens - std::min(tokens, n_below));
  const std::size_t n_above = count(tokenizer, prefix);
  if (prefix.size() == above.size() && n_above + n_below < tokens) {
    window.suffix = first_lines(tokenizer, below, tokens - n_above);
    n_below = count(tokenizer, window.suffix);
  }
  window.begin = anchor - prefix.size();
  window.tokens = n_above + n_below;
  if (!input.keep_window || *input.keep_window > anchor) return window;
  // An earlier window grows with the text, up to half more than its share; then it moves.
  const std::size_t share = tokens - std::min(tokens, n_below);
  const auto kept = above.substr(*input.keep_window);
  if (last_lines(tokenizer, kept, share + share / 2).size() == kept.size()) {
    window.begin = *input.keep_window;
  }
  return window;
}

// Lines that the prompt shows, and whether a text says anything else.
class ShownLines {
 public:
  void add(std::string_view text) {
    for (const auto line : split_lines(text)) lines_.insert(std::string(trimmed(line)));
  }
  bool covers(std::string_view text) const {
    constexpr std::size_t kTelling = 8;  // bytes; shorter lines say nothing
    std::size_t telling = 0, known = 0;
    for (const auto line : split_lines(text)) {
      const auto code = trimmed(line);
      if (code.size() < kTelling) continue;
      ++telling;
      known += lines_.contains(std::string(code)) ? 1 : 0;
    }
    return 10 * known >= 9 * telling;
  }

 private:
  std::unordered_set<std::string> lines_;
};

// Definitions have up to a third of `tokens`, chunks what is left; the best last in each. What does
// not fit, or says only what is shown already, is left out; a chunk that fits in part is cut.
std::vector<PromptSnippet> choose_snippets(const Tokenizer& tokenizer,
                                           const std::vector<PromptSnippet>& snippets,
                                           std::size_t tokens, ShownLines shown) {
  constexpr std::size_t kLeastUseful = 48;
  std::vector<PromptSnippet> chosen;
  std::size_t left = tokens, used_by_definitions = 0;
  for (auto it = snippets.rbegin(); it != snippets.rend(); ++it) {
    const bool is_chunk = it->kind == PromptSnippet::Kind::kChunk;
    const std::size_t room = is_chunk ? left : std::min(left, tokens / 3 - used_by_definitions);
    const std::size_t head = count(tokenizer, it->path) + 2;
    if (room < head + (is_chunk ? kLeastUseful : 8)) continue;
    PromptSnippet cut = *it;
    cut.text = std::string(first_lines(tokenizer, it->text, room - head));
    if (is_blank(cut.text) || (is_chunk && shown.covers(cut.text))) continue;
    const std::size_t used = std::min(room, head + count(tokenizer, cut.text));
    left -= used;
    if (!is_chunk) used_by_definitions += used;
    shown.add(cut.text);
    chosen.push_back(std::move(cut));
  }
  std::reverse(chosen.begin(), chosen.end());
  return chosen;
}

std::size_t tokens_of(const Tokenizer& tokenizer, const std::vector<PromptSnippet>& snippets) {
  std::size_t tokens = 0;
  for (const auto& s : snippets) tokens += count(tokenizer, s.path) + 2 + count(tokenizer, s.text);
  return tokens;
}

bool shows_all(const FileWindow& window, const PlanInput& input, bool with_suffix) {
  const bool below = !with_suffix || window.suffix.size() == input.text.size() - input.offset;
  return window.begin == 0 && below;
}

// Snippets get what the file's own share leaves.
std::vector<PromptSnippet> snippets_beside(const Tokenizer& tokenizer, const PlanInput& input,
                                           std::size_t anchor, bool with_suffix,
                                           std::size_t tokens) {
  if (input.snippets.empty()) return {};
  PlanInput fresh = input;
  fresh.keep_window.reset();
  const FileWindow least = file_window(tokenizer, fresh, anchor, with_suffix,
                                       std::min(tokens, input.file_tokens.value_or(tokens)));
  if (!input.file_tokens && !shows_all(least, input, with_suffix)) return {};
  if (least.tokens + kLeastMemoryTokens > tokens) return {};
  ShownLines shown;
  shown.add(input.text.substr(least.begin, anchor - least.begin));
  shown.add(least.suffix);
  return choose_snippets(tokenizer, input.snippets, tokens - least.tokens, std::move(shown));
}

}  // namespace

bool PromptPlan::fits(std::string_view text, std::size_t offset) const {
  if (prompt.empty() || offset < anchor || offset > text.size()) return false;
  if (text.substr(window_begin, anchor - window_begin) != prefix) return false;
  if (!text.substr(offset).starts_with(suffix)) return false;
  if (suffix_to_end && text.size() != offset + suffix.size()) return false;
  const std::string_view fresh = typed(text, offset);
  return fresh.size() <= kMaxForcedBytes &&
         static_cast<std::size_t>(std::count(fresh.begin(), fresh.end(), '\n')) <= kMaxForcedLines;
}

std::string PromptPlan::forced(std::string_view text, std::size_t offset) const {
  return without_random_literals(typed(text, offset));
}

std::vector<std::string> PromptPlan::surroundings(std::string_view text, std::size_t offset) const {
  constexpr std::size_t kReach = 16'000;  // bytes
  std::vector<std::string> out;
  const std::size_t begin = window_begin - std::min(window_begin, kReach);
  if (window_begin > 0) out.emplace_back(text.substr(begin, window_begin - begin));
  const std::size_t end = std::min(text.size(), offset + suffix.size());
  if (end < text.size()) out.emplace_back(text.substr(end, kReach));
  return out;
}

PromptPlan make_plan(const Tokenizer& tokenizer, const ModelFormat& format, const PlanInput& input,
                     std::size_t tokens) {
  PromptPlan plan;
  plan.budget = tokens;
  plan.anchor = anchor_for(format, input.text, input.offset);
  const bool with_suffix = input.suffix && format.layout != PromptLayout::kPlain;
  plan.snippets = snippets_beside(tokenizer, input, plan.anchor, with_suffix, tokens);
  const std::size_t taken = std::min(tokens, tokens_of(tokenizer, plan.snippets));
  const FileWindow window = file_window(tokenizer, input, plan.anchor, with_suffix, tokens - taken);
  plan.window_begin = window.begin;
  plan.prefix = std::string(input.text.substr(plan.window_begin, plan.anchor - plan.window_begin));
  const std::string_view after = input.text.substr(input.offset);
  plan.suffix = std::string(window.suffix);
  plan.suffix_to_end = with_suffix && plan.suffix.size() == after.size();
  PromptText text{input.repository,
                  input.path,
                  input.line_comment,
                  plan.snippets,
                  without_random_literals(plan.prefix),
                  without_random_literals(plan.suffix)};
  // As a file of its own, the text below begins with a whole line.
  if (format.layout == PromptLayout::kRepository) {
    text.suffix.erase(0, std::min(text.suffix.find('\n'), text.suffix.size() - 1) + 1);
  }
  if (is_blank(text.suffix))
    text.suffix = format.layout == PromptLayout::kFillInTheMiddle ? text.suffix : std::string();
  plan.prompt = build_prompt(format, text);
  plan.ids = encode_prompt(tokenizer, plan.prompt);
  return plan;
}

std::size_t PromptLedger::shared_prefix(const std::vector<TokenId>& ids) const {
  std::size_t best = 0;
  for (const auto& known : prompts_) {
    const auto end = std::mismatch(ids.begin(), ids.end(), known.begin(), known.end()).first;
    best = std::max(best, static_cast<std::size_t>(end - ids.begin()));
  }
  return best;
}

void PromptLedger::add(std::vector<TokenId> ids) {
  std::erase_if(prompts_, [&](const auto& known) {
    return known.size() <= ids.size() && std::equal(known.begin(), known.end(), ids.begin());
  });
  prompts_.push_back(std::move(ids));
  if (prompts_.size() > kept_) prompts_.erase(prompts_.begin());
}

}  // namespace engram
