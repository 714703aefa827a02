#include "assist/completion/plan.h"

#include <algorithm>

#include "assist/completion/line_view.h"

namespace engram {

namespace {

constexpr std::size_t kMaxForcedBytes = 1500;
constexpr std::size_t kMaxForcedLines = 16;
constexpr std::size_t kFileOnlyTokens = 260;  // prompts below this hold nothing else

std::size_t share(std::size_t tokens, double part) {
  return static_cast<std::size_t>(static_cast<double>(tokens) * part);
}

// Where the forced text begins: the start of the cursor's line, or the newline before it.
std::size_t anchor_for(const ModelFormat& format, std::string_view text, std::size_t offset) {
  std::size_t anchor = line_begin(text, offset);
  if (!format.newline_joins_indentation || anchor == 0) return anchor;
  --anchor;
  if (anchor > 0 && text[anchor - 1] == '\r') --anchor;
  return anchor;
}

// Definitions first, then chunks, the best last in each; what does not fit is left out, and a chunk
// that fits in part is cut.
std::vector<PromptSnippet> choose_snippets(const Tokenizer& tokenizer,
                                           const std::vector<PromptSnippet>& snippets,
                                           const TokenBudget& budget) {
  std::vector<PromptSnippet> chosen;
  std::size_t definitions = budget.definitions, chunks = budget.chunks;
  constexpr std::size_t kLeastUseful = 48;
  for (auto it = snippets.rbegin(); it != snippets.rend(); ++it) {
    const bool is_chunk = it->kind == PromptSnippet::Kind::kChunk;
    std::size_t& left = is_chunk ? chunks : definitions;
    const std::size_t head = tokenizer.encode(it->path).size() + 2;
    if (left < head + (is_chunk ? kLeastUseful : 8)) continue;
    PromptSnippet cut = *it;
    cut.text = std::string(first_lines(tokenizer, it->text, left - head));
    if (is_blank(cut.text)) continue;
    left -= std::min(left, head + tokenizer.encode(cut.text).size());
    chosen.push_back(std::move(cut));
  }
  std::reverse(chosen.begin(), chosen.end());
  return chosen;
}

std::size_t window_begin(const Tokenizer& tokenizer, const PlanInput& input, std::size_t anchor,
                         std::size_t tokens) {
  if (input.keep_window && *input.keep_window <= anchor) {
    const auto kept = input.text.substr(*input.keep_window, anchor - *input.keep_window);
    // The old window grows with the text, up to half more than its share; then it moves.
    if (last_lines(tokenizer, kept, tokens + tokens / 2).size() == kept.size()) {
      return *input.keep_window;
    }
  }
  return anchor - last_lines(tokenizer, input.text.substr(0, anchor), tokens).size();
}

}  // namespace

TokenBudget split_budget(std::size_t tokens, PromptLayout layout) {
  if (tokens <= kFileOnlyTokens) return {share(tokens, 0.68), share(tokens, 0.28), 0, 0};
  if (layout == PromptLayout::kPlain)
    return {share(tokens, 0.5), 0, share(tokens, 0.15), share(tokens, 0.35)};
  return {share(tokens, 0.38), share(tokens, 0.17), share(tokens, 0.11), share(tokens, 0.34)};
}

bool PromptPlan::fits(std::string_view text, std::size_t offset) const {
  if (prompt.empty() || offset < anchor || offset > text.size()) return false;
  if (text.substr(window_begin, anchor - window_begin) != prefix) return false;
  if (!text.substr(offset).starts_with(suffix)) return false;
  if (suffix_to_end && text.size() != offset + suffix.size()) return false;
  const std::string_view typed = forced(text, offset);
  return typed.size() <= kMaxForcedBytes &&
         static_cast<std::size_t>(std::count(typed.begin(), typed.end(), '\n')) <= kMaxForcedLines;
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
  const TokenBudget budget = split_budget(tokens, format.layout);
  PromptPlan plan;
  plan.budget = tokens;
  plan.anchor = anchor_for(format, input.text, input.offset);
  plan.window_begin = window_begin(tokenizer, input, plan.anchor, budget.prefix);
  plan.prefix = std::string(input.text.substr(plan.window_begin, plan.anchor - plan.window_begin));
  const std::string_view after = input.text.substr(input.offset);
  plan.suffix = std::string(first_lines(tokenizer, after, budget.suffix));
  plan.suffix_to_end = plan.suffix.size() == after.size();
  plan.snippets = choose_snippets(tokenizer, input.snippets, budget);
  PromptText text{input.repository, input.path,  input.line_comment,
                  plan.snippets,    plan.prefix, plan.suffix};
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
