// From a request's prompt to the tokens a generation starts with.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/generation.h"

namespace engram {
namespace {

bool is_white_space(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Error invalid(std::string message) { return {Errc::kInvalidArgument, std::move(message)}; }

}  // namespace

Result<void> Generation::append_part(const Tokenizer& tokenizer, const PromptPart& part) {
  const bool text = part.kind == PromptPart::Kind::kText;
  if (text) {
    const auto ids = tokenizer.encode(part.value);
    sequence_.insert(sequence_.end(), ids.begin(), ids.end());
  } else {
    const auto id = tokenizer.special(part.value);
    if (!id) {
      return invalid(fmt::format("the prompt names the control token '{}', which this model lacks",
                                 part.value));
    }
    sequence_.push_back(*id);
  }
  is_text_.resize(sequence_.size(), text);
  return {};
}

Result<void> Generation::encode_prompt(const GenerationContext& context) {
  const Tokenizer& tokenizer = context.index->tokenizer();
  if (const auto bos = tokenizer.bos()) sequence_.push_back(*bos);
  is_text_.resize(sequence_.size(), false);
  const bool ends_in_text =
      !request_.prompt.empty() && request_.prompt.back().kind == PromptPart::Kind::kText;
  const std::size_t n_parts = request_.prompt.size() - (ends_in_text ? 1 : 0);
  for (std::size_t i = 0; i < n_parts; ++i) {
    ENGRAM_TRY_VOID(append_part(tokenizer, request_.prompt[i]));
  }
  const std::size_t n_before = sequence_.size();
  const std::string before = ends_in_text ? request_.prompt.back().value : std::string();
  const auto ids = tokenizer.encode(before + request_.forced_text);
  sequence_.insert(sequence_.end(), ids.begin(), ids.end());
  // Only what is not to be continued may go: of the last part all but the typed text.
  const std::size_t typed = tokenizer.encode(request_.forced_text).size() + 1;
  const bool only_part = n_parts == 0;
  const std::size_t last_text = ids.size() - std::min(ids.size(), typed);
  is_text_.resize(n_before + (only_part ? last_text : 0), true);
  ENGRAM_TRY_VOID(fit_context(context.context_tokens, is_text_.size()));
  result_.prompt_tokens = sequence_.size();
  const bool was_typed = !request_.forced_text.empty();
  if (was_typed || (!ids.empty() && is_white_space(tokenizer.bytes(ids.back())))) {
    take_back(tokenizer, std::min(ids.size(), sequence_.size()));
  }
  return {};
}

// Cuts text from the beginning, or says that the prompt is too long.
Result<void> Generation::fit_context(std::size_t context_tokens, std::size_t n_cuttable) {
  if (sequence_.size() <= context_tokens) return {};
  const std::size_t room_to_answer = std::min(request_.max_tokens, context_tokens / 4);
  const std::size_t too_many = sequence_.size() + room_to_answer - context_tokens;
  const auto cuttable = static_cast<std::size_t>(std::count(
      is_text_.begin(), is_text_.begin() + static_cast<std::ptrdiff_t>(n_cuttable), true));
  if (request_.context_policy == ContextPolicy::kRefuse || cuttable < too_many) {
    return invalid(
        fmt::format("the prompt has {} tokens, but the context holds {}; shorten the "
                    "prompt or enlarge the context",
                    sequence_.size(), context_tokens));
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < sequence_.size(); ++i) {
    if (i < n_cuttable && is_text_[i] && result_.cut_tokens < too_many) {
      ++result_.cut_tokens;
    } else {
      sequence_[kept++] = sequence_[i];
    }
  }
  sequence_.resize(kept);
  return {};
}

// Moves the last token of the text, or all of the white space that ends it, to forced_left_. At
// least one token must stay for the model to go on from.
void Generation::take_back(const Tokenizer& tokenizer, std::size_t n_text_tokens) {
  constexpr std::size_t kMostWhiteSpace = 4;
  for (std::size_t n = 0; n < n_text_tokens && sequence_.size() > 1; ++n) {
    const std::string_view bytes = tokenizer.bytes(sequence_.back());
    const bool more_space =
        n < kMostWhiteSpace && is_white_space(bytes) && is_white_space(forced_left_);
    if (n > 0 && !more_space) break;
    forced_left_.insert(0, bytes);
    sequence_.pop_back();
  }
}

}  // namespace engram
