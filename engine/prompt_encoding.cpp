#include "engine/prompt_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace engram {
namespace {

bool is_white_space(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Error invalid(std::string message) { return {Errc::kInvalidArgument, std::move(message)}; }

class PromptEncoder {
 public:
  PromptEncoder(const Tokenizer& tokenizer, const GenerationRequest& request)
      : tokenizer_(tokenizer), request_(request) {}

  Result<EncodedPrompt> encode(std::size_t context_tokens) {
    if (const auto bos = tokenizer_.bos()) ids().push_back(*bos);
    space_due_ = tokenizer_.space_prefix();
    is_text_.resize(ids().size(), false);
    const bool ends_in_text =
        !request_.prompt.empty() && request_.prompt.back().kind == PromptPart::Kind::kText;
    const std::size_t n_parts = request_.prompt.size() - (ends_in_text ? 1 : 0);
    for (std::size_t i = 0; i < n_parts; ++i) ENGRAM_TRY_VOID(append(request_.prompt[i]));
    const std::size_t n_before = ids().size();
    const std::string before = ends_in_text ? request_.prompt.back().value : std::string();
    const auto last = encode_text(before + request_.forced_text);
    ids().insert(ids().end(), last.begin(), last.end());
    // Only what is not to be continued may go: of the last part all but the typed text.
    const std::size_t typed = tokenizer_.encode(request_.forced_text).size() + 1;
    const bool only_part = n_parts == 0;
    const std::size_t last_text = last.size() - std::min(last.size(), typed);
    is_text_.resize(n_before + (only_part ? last_text : 0), true);
    ENGRAM_TRY_VOID(fit(context_tokens));
    out_.prompt_tokens = ids().size();
    const bool was_typed = !request_.forced_text.empty();
    if (was_typed || (!last.empty() && is_white_space(tokenizer_.bytes(last.back())))) {
      take_back(last.size());
    }
    return std::move(out_);
  }

 private:
  std::vector<TokenId>& ids() { return out_.ids; }

  std::vector<TokenId> encode_text(const std::string& text) {
    if (text.empty()) return {};
    return tokenizer_.encode(std::exchange(space_due_, false) ? " " + text : text);
  }

  Result<void> append(const PromptPart& part) {
    const bool text = part.kind == PromptPart::Kind::kText;
    if (text) {
      const auto more = encode_text(part.value);
      ids().insert(ids().end(), more.begin(), more.end());
    } else {
      const auto id = tokenizer_.special(part.value);
      if (!id) {
        return invalid(fmt::format(
            "the prompt names the control token '{}', which this model lacks", part.value));
      }
      ids().push_back(*id);
      space_due_ = tokenizer_.space_prefix() && id != suffix_mark_;
    }
    is_text_.resize(ids().size(), text);
    return {};
  }

  // Cuts text from the beginning, or says that the prompt is too long.
  Result<void> fit(std::size_t context_tokens) {
    if (ids().size() <= context_tokens) return {};
    const std::size_t room_to_answer = std::min(request_.max_tokens, context_tokens / 4);
    const std::size_t too_many = ids().size() + room_to_answer - context_tokens;
    const auto cuttable =
        static_cast<std::size_t>(std::count(is_text_.begin(), is_text_.end(), true));
    if (request_.context_policy == ContextPolicy::kRefuse || cuttable < too_many) {
      return invalid(
          fmt::format("the prompt has {} tokens, but the context holds {}; shorten the "
                      "prompt or enlarge the context",
                      ids().size(), context_tokens));
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < ids().size(); ++i) {
      if (i < is_text_.size() && is_text_[i] && out_.cut_tokens < too_many) {
        ++out_.cut_tokens;
      } else {
        ids()[kept++] = ids()[i];
      }
    }
    ids().resize(kept);
    return {};
  }

  // Of at most `n` tokens the last one, or all of the white space at the end. At least one token
  // must stay for the model to go on from.
  void take_back(std::size_t n) {
    constexpr std::size_t kMostWhiteSpace = 4;
    for (std::size_t i = 0; i < n && ids().size() > 1; ++i) {
      const std::string_view bytes = tokenizer_.bytes(ids().back());
      const bool more_space =
          i < kMostWhiteSpace && is_white_space(bytes) && is_white_space(out_.forced);
      if (i > 0 && !more_space) break;
      out_.forced.insert(0, bytes);
      ids().pop_back();
    }
  }

  const Tokenizer& tokenizer_;
  const GenerationRequest& request_;
  const std::optional<TokenId> suffix_mark_ = fim_tokens(tokenizer_).suffix;
  EncodedPrompt out_;
  bool space_due_ = false;     // before the next text
  std::vector<bool> is_text_;  // of the first tokens: may be cut
};

}  // namespace

Result<EncodedPrompt> encode_prompt(const Tokenizer& tokenizer, const GenerationRequest& request,
                                    std::size_t context_tokens) {
  return PromptEncoder(tokenizer, request).encode(context_tokens);
}

}  // namespace engram
