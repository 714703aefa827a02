#include "engine/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "core/log.h"

namespace engram {
namespace {

double milliseconds(Clock::duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

bool is_white_space(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Error invalid(std::string message) { return {Errc::kInvalidArgument, std::move(message)}; }

}  // namespace

Generation::Generation(RequestId id, GenerationRequest request, OnEvent on_event,
                       Clock::time_point submitted)
    : id_(id),
      request_(std::move(request)),
      on_event_(std::move(on_event)),
      submitted_(submitted),
      mark_(submitted),
      stream_(request_.stop_strings) {
  if (request_.deadline) deadline_ = submitted_ + *request_.deadline;
}

Result<void> Generation::encode_prompt(const Tokenizer& tokenizer) {
  if (const auto bos = tokenizer.bos()) sequence_.push_back(*bos);
  const bool ends_in_text =
      !request_.prompt.empty() && request_.prompt.back().kind == PromptPart::Kind::kText;
  const std::size_t n_parts = request_.prompt.size() - (ends_in_text ? 1 : 0);
  for (std::size_t i = 0; i < n_parts; ++i) {
    const PromptPart& part = request_.prompt[i];
    if (part.kind == PromptPart::Kind::kText) {
      const auto ids = tokenizer.encode(part.value);
      sequence_.insert(sequence_.end(), ids.begin(), ids.end());
      continue;
    }
    const auto id = tokenizer.special(part.value);
    if (!id) {
      return invalid(fmt::format("the prompt names the control token '{}', which this model lacks",
                                 part.value));
    }
    sequence_.push_back(*id);
  }
  const std::string before = ends_in_text ? request_.prompt.back().value : std::string();
  const auto ids = tokenizer.encode(before + request_.forced_text);
  sequence_.insert(sequence_.end(), ids.begin(), ids.end());
  result_.prompt_tokens = sequence_.size();
  const bool typed = !request_.forced_text.empty();
  if (typed || (!ids.empty() && is_white_space(tokenizer.bytes(ids.back())))) {
    take_back(tokenizer, ids.size());
  }
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

Result<void> Generation::prepare(const GenerationContext& context) {
  prepared_ = true;
  if (!(request_.temperature >= 0) || !std::isfinite(request_.temperature)) {
    return invalid("temperature must be 0 or more");
  }
  if (!(request_.top_p > 0 && request_.top_p <= 1)) {
    return invalid("top_p must be above 0 and at most 1");
  }
  ENGRAM_TRY_VOID(encode_prompt(context.index->tokenizer()));
  if (sequence_.empty()) return invalid("the prompt is empty: there is nothing to continue");
  if (result_.prompt_tokens > context.context_tokens) {
    return invalid(
        fmt::format("the prompt has {} tokens, but the context holds {}; shorten the "
                    "prompt or enlarge the context",
                    result_.prompt_tokens, context.context_tokens));
  }
  sampler_.emplace(context.index, SamplingOptions{.temperature = request_.temperature,
                                                  .top_p = request_.top_p,
                                                  .seed = request_.seed,
                                                  .fold_lines = request_.stop_at_line_end});
  logits_.resize(context.model.config().vocab_size);
  return {};
}

void Generation::step(GenerationContext& context, std::stop_token stop) {
  account_waiting(context.now());
  if (deadline_ && mark_ >= *deadline_) return finish(StopReason::kDeadline);
  if (!prepared_) {
    if (const auto ready = prepare(context); !ready) {
      return finish(StopReason::kError, ready.error().message);
    }
  }
  compute(context, stop);
  account_time(context);
  if (decoding_ && sequence_.size() > context.context_tokens) {
    finish(StopReason::kContextFull);
  }
}

void Generation::account_waiting(Clock::time_point now) {
  result_.queue_ms += milliseconds(now - mark_);
  mark_ = now;
}

void Generation::account_time(const GenerationContext& context) {
  const Clock::time_point now = context.now();
  (decoding_ ? result_.decode_ms : result_.prefill_ms) += milliseconds(now - mark_);
  mark_ = now;
}

void Generation::compute(GenerationContext& context, std::stop_token stop) {
  const std::size_t room = std::min(request_.max_tokens, context.context_tokens);
  const std::size_t needed =
      std::min(context.context_tokens, result_.prompt_tokens + forced_left_.size() + room);
  const auto slot = context.pool.acquire(id_, sequence_, std::max(needed, sequence_.size()));
  if (!slot) return finish(StopReason::kError, slot.error().message);
  KvSlot& kv = **slot;
  if (!std::exchange(began_, true)) result_.reused_tokens = kv.tokens.size();

  const auto pending = std::span<const TokenId>(sequence_).subspan(kv.tokens.size());
  const auto batch = pending.first(std::min(pending.size(), context.prefill_batch));
  const bool last = batch.size() == pending.size();
  const std::size_t n_logits = last && request_.max_tokens > 0 ? 1 : 0;
  const auto done = context.model.forward(
      *kv.cache, batch, n_logits, std::span(logits_).first(n_logits * logits_.size()), stop);
  kv.tokens.assign(sequence_.begin(),
                   sequence_.begin() + static_cast<std::ptrdiff_t>(kv.cache->size()));
  account_time(context);
  if (context.damaged && context.damaged()) {
    kv.cache->truncate(0);
    kv.tokens.clear();
    return finish(StopReason::kError,
                  "the model's file changed or could no longer be read while in use; verify it or "
                  "fetch it again, then restart");
  }
  if (!done) {
    if (done.error().code != Errc::kCancelled) finish(StopReason::kError, done.error().message);
    return;
  }
  if (!last) return;
  if (request_.max_tokens == 0) return finish(StopReason::kMaxTokens);
  take_token(context);
}

void Generation::take_token(const GenerationContext& context) {
  const auto sampled = sampler_->sample(logits_, forced_left_);
  account_time(context);
  if (!sampled) return finish(StopReason::kError, sampled.error().message);
  decoding_ = true;
  const Tokenizer& tokenizer = context.index->tokenizer();
  if (tokenizer.is_end(sampled->id)) return finish(StopReason::kEndOfText);
  sequence_.push_back(sampled->id);
  const std::string_view bytes = tokenizer.bytes(sampled->id);
  if (bytes.size() < forced_left_.size()) {  // spells a part of what was typed
    forced_left_.erase(0, bytes.size());
    return;
  }
  const std::size_t typed = forced_left_.size();
  forced_left_.clear();
  add_text(*sampled, bytes.substr(typed, sampled->n_bytes - typed));
}

void Generation::add_text(const SampledToken& token, std::string_view bytes) {
  if (!bytes.empty() || token.ends_line) {
    const auto begin = static_cast<std::uint32_t>(stream_.text().size());
    result_.tokens.push_back({token.id, begin, begin + static_cast<std::uint32_t>(bytes.size()),
                              static_cast<float>(token.log_probability)});
  }
  if (stream_.append(bytes)) return finish(StopReason::kStopString);
  if (token.ends_line) return finish(StopReason::kLineEnd);
  if (result_.tokens.size() >= request_.max_tokens) return finish(StopReason::kMaxTokens);
  if (const std::string_view piece = stream_.take_piece(); !piece.empty()) emit({piece, nullptr});
}

// Drops tokens, and ends of tokens, that are not in the text any more.
void Generation::clip_tokens() {
  const auto size = static_cast<std::uint32_t>(stream_.text().size());
  std::erase_if(result_.tokens, [&](const GeneratedToken& token) {
    return token.end > token.begin && token.begin >= size;
  });
  for (GeneratedToken& token : result_.tokens) {
    token.begin = std::min(token.begin, size);
    token.end = std::min(token.end, size);
  }
}

void Generation::finish(StopReason reason, std::string error) {
  if (finished_) return;
  finished_ = true;
  stream_.finish();
  result_.text = stream_.text();
  result_.stop_reason = reason;
  result_.error = std::move(error);
  clip_tokens();
  emit({stream_.take_piece(), &result_});
}

// The callback is foreign code: what it throws ends its own request and nothing else.
void Generation::emit(const GenerationEvent& event) {
  if (!on_event_) return;
  try {
    on_event_(event);
  } catch (const std::exception& e) {
    log_warn("a completion's receiver failed: {}", e.what());
    finish(StopReason::kError, fmt::format("the receiver of the text failed: {}", e.what()));
  } catch (...) {
    finish(StopReason::kError, "the receiver of the text failed");
  }
}

}  // namespace engram
