#include "engine/generation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

#include "core/log.h"
#include "engine/alternatives.h"
#include "engine/prompt_encoding.h"

namespace engram {
namespace {

constexpr std::size_t kGuesses = 6;  // of each drafter

double milliseconds(Clock::duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

Error invalid(std::string message) { return {Errc::kInvalidArgument, std::move(message)}; }

Error damaged_file() {
  return {Errc::kCorrupt,
          "the model's file changed or could no longer be read while in use; verify it or fetch it "
          "again"};
}

}  // namespace

std::size_t PassShare::rows() const {
  std::size_t n = tokens.size();
  for (const Branch& branch : branches) n += branch.tokens.size();
  return n;
}

std::size_t PassShare::all_logits() const { return n_logits + rows() - tokens.size(); }

Generation::Generation(RequestId id, GenerationRequest request, OnEvent on_event,
                       Clock::time_point submitted)
    : id_(id),
      request_(std::move(request)),
      on_event_(std::move(on_event)),
      submitted_(submitted),
      mark_(submitted),
      thoughts_(request_.think_end, request_.think_tokens),
      stream_(request_.stop_strings) {
  if (request_.deadline) deadline_ = submitted_ + *request_.deadline;
}

Result<void> Generation::prepare(const GenerationContext& context) {
  prepared_ = true;
  if (!(request_.temperature >= 0) || !std::isfinite(request_.temperature)) {
    return invalid("temperature must be 0 or more");
  }
  if (!(request_.top_p > 0 && request_.top_p <= 1)) {
    return invalid("top_p must be above 0 and at most 1");
  }
  if (!request_.think_end.empty() && request_.stop_at_line_end) {
    return invalid("a model that thinks cannot be asked for one line; take stop_strings");
  }
  ENGRAM_TRY_VOID(prepare_grammar(context));
  ENGRAM_TRY(prompt, encode_prompt(context.index->tokenizer(), request_, context.context_tokens));
  sequence_ = std::move(prompt.ids);
  forced_left_ = std::move(prompt.forced);
  result_.prompt_tokens = prompt.prompt_tokens;
  result_.cut_tokens = prompt.cut_tokens;
  if (sequence_.empty()) return invalid("the prompt is empty: there is nothing to continue");
  sampler_.emplace(context.index, SamplingOptions{.temperature = request_.temperature,
                                                  .top_p = request_.top_p,
                                                  .seed = request_.seed,
                                                  .fold_lines = request_.stop_at_line_end});
  if (!request_.scored_text.empty()) {
    scored_ = spell(*context.index, forced_left_, request_.scored_text);
    if (scored_.empty()) return invalid("no tokens of this model spell the text to score");
  }
  return {};
}

void Generation::make_drafters(const GenerationContext& context) {
  if (request_.max_draft == 0 || request_.max_tokens < 2) return;
  const Tokenizer& tokenizer = context.index->tokenizer();
  std::vector<EncodedTexts::Ids> texts;
  for (const std::string& text : request_.draft_texts) {
    texts.push_back(context.texts.encode(tokenizer, text));
  }
  if (!request_.old_text.empty()) {
    drafters_.push_back(make_aligned_drafter(tokenizer.encode(forced_left_ + request_.old_text)));
  }
  drafters_.push_back(make_ngram_drafter(context.texts.history(std::move(texts))));
  if (request_.drafter) drafters_.push_back(request_.drafter);
  for (const auto& drafter : drafters_) drafter->begin(sequence_, forced_left_);
  observed_ = sequence_.size();
}

// Fills guesses_, the likeliest first, and tree_ with what pays of them.
void Generation::propose(const GenerationContext& context, std::size_t most_rows) {
  if (propose_scored(most_rows)) return;
  const std::size_t left =
      thoughts_.open() ? thoughts_.left()
                       : request_.max_tokens - std::min(request_.max_tokens, result_.tokens.size());
  const std::size_t deepest =
      std::min(left == 0 ? 0 : left - 1,
               context.context_tokens - std::min(context.context_tokens, sequence_.size()));
  const std::size_t most = std::min({request_.max_draft, deepest, most_rows - 1});
  if (most == 0 || drafters_.empty()) return;
  const auto fresh = std::span<const TokenId>(sequence_).subspan(observed_);
  observed_ = sequence_.size();
  for (const auto& drafter : drafters_) {
    if (!fresh.empty()) drafter->observe(fresh);
    for (Draft& guess : drafter->draft(most, kGuesses)) add_draft(guesses_, std::move(guess));
  }
  if (!forced_left_.empty()) {
    const Tokenizer& tokenizer = context.index->tokenizer();
    std::erase_if(guesses_, [&](const Draft& guess) {
      return !tokenizer.bytes(guess.tokens.front()).starts_with(forced_left_);
    });
  }
  cut_guesses_to_grammar(context.index->tokenizer());
  context.drafts.rank(guesses_);
  const std::size_t rows = std::min(most_rows - 1, request_.max_draft);
  tree_ = controller_.choose(context.drafts, guesses_, rows, request_.max_branches);
}

// The trunk goes with the pending tokens, each branch into a cache of its own. Where there is no
// room for one, it and those after it are left out.
void Generation::add_draft_rows(GenerationContext& context, PassShare& share) {
  const std::size_t n_pending = share.tokens.size();
  share.tokens.insert(share.tokens.end(), tree_.trunk.begin(), tree_.trunk.end());
  share.n_logits = 1 + tree_.trunk.size();
  for (const DraftTree::Branch& branch : tree_.branches) {
    const std::size_t n_shared = n_pending + branch.depth;
    const auto cache = context.pool.fork(id_, n_shared + branch.tokens.size());
    if (!cache) break;
    share.branches.push_back({*cache, branch.tokens, n_shared});
  }
  tree_.branches.resize(share.branches.size());
}

// What is scored is known: as much of it as a pass holds.
bool Generation::propose_scored(std::size_t most_rows) {
  if (scored_.empty()) return false;
  const std::size_t left = scored_.size() - n_scored_;
  const std::size_t n = std::min(most_rows - 1, left == 0 ? 0 : left - 1);
  const auto next = scored_.begin() + static_cast<std::ptrdiff_t>(n_scored_);
  tree_.trunk.assign(next, next + static_cast<std::ptrdiff_t>(n));
  return true;
}

Result<SampledToken> Generation::choose(std::span<const float> logits) {
  const EvidenceQuestion question{request_.evidence.get(), sequence_};
  if (scored_.empty()) return sampler_->sample(logits, forced_left_, question, grammar_place());
  return sampler_->score(logits, forced_left_, scored_[n_scored_++], question);
}

std::optional<PassShare> Generation::plan(GenerationContext& context, std::size_t most_rows) {
  const auto fail = [&](const Error& error) {
    finish(StopReason::kError, error.message);
    return std::nullopt;
  };
  account_waiting(context.now());
  if (context.damaged && context.damaged()) return fail(damaged_file());
  if (deadline_ && mark_ >= *deadline_) return finish(StopReason::kDeadline), std::nullopt;
  if (!prepared_) {
    if (const auto ready = prepare(context); !ready) return fail(ready.error());
  }
  const std::size_t wanted = scored_.empty() ? request_.max_tokens : scored_.size();
  const std::size_t room = std::min(wanted, context.context_tokens);
  const std::size_t needed =
      std::min(context.context_tokens, result_.prompt_tokens + forced_left_.size() + room);
  const auto cache =
      context.pool.attach(id_, sequence_, std::max(needed, sequence_.size()), context.running);
  if (!cache) return fail(cache.error());
  PassShare share{.cache = *cache, .tokens = {}, .n_logits = 0, .branches = {}};
  if (!std::exchange(began_, true)) result_.reused_tokens = share.cache->size();

  const auto pending = std::span<const TokenId>(sequence_).subspan(share.cache->size());
  const auto batch = pending.first(std::min(pending.size(), context.prefill_batch));
  share.tokens.assign(batch.begin(), batch.end());
  guesses_.clear();
  tree_ = {};
  const bool chooses = batch.size() == pending.size() && request_.max_tokens > 0;
  if (chooses && drafters_.empty() && scored_.empty()) make_drafters(context);
  if (chooses && batch.size() < most_rows) propose(context, most_rows - batch.size() + 1);
  const auto reserved =
      context.pool.reserve(id_, share.tokens.size() + tree_.trunk.size(), context.running);
  if (!reserved) return fail(reserved.error());
  if (chooses) add_draft_rows(context, share);
  return share;
}

void Generation::complete(GenerationContext& context, const PassShare& share,
                          const Result<void>& done, std::span<const float> logits) {
  if (context.damaged && context.damaged()) {
    share.cache->truncate(0);
    account_time(context);
    return finish(StopReason::kError, damaged_file().message);
  }
  if (!done) {
    context.pool.settle(id_, std::nullopt);
    share.cache->truncate(sequence_.size());  // nothing of a draft
    context.pool.commit(id_, sequence_);
    account_time(context);
    if (done.error().code != Errc::kCancelled) finish(StopReason::kError, done.error().message);
    return;
  }
  const std::size_t held = share.cache->size() - tree_.trunk.size();
  share.cache->truncate(held);
  const bool last = held == sequence_.size();
  if (!last || request_.max_tokens == 0) {
    context.pool.commit(id_, sequence_);
    account_time(context);
    if (last) finish(StopReason::kMaxTokens);
    return;
  }
  account_time(context);
  if (decoding_) ++result_.decode_passes;
  DraftWalk walk(tree_);
  take_rows(context, logits, walk);
  context.pool.settle(id_, walk.branch());
  share.cache->set_size(held + walk.accepted());  // those are computed already
  context.pool.commit(id_, sequence_);
  account_time(context);
  if (!finished_ && sequence_.size() > context.context_tokens) finish(StopReason::kContextFull);
}

// Row by row, as far as the tree has what is chosen.
void Generation::take_rows(const GenerationContext& context, std::span<const float> logits,
                           DraftWalk& walk) {
  const std::size_t vocabulary = context.model.config().vocab_size;
  const std::size_t first = sequence_.size();
  for (bool goes_on = true; goes_on;) {
    const std::size_t before = sequence_.size();
    take_token(context, logits.subspan(walk.row() * vocabulary, vocabulary));
    const std::size_t added = sequence_.size() - before;  // more than one where thinking was ended
    goes_on = added == 1 && walk.step(sequence_.back()) && !finished_ &&
              sequence_.size() <= context.context_tokens;
  }
  result_.drafted_tokens += tree_.size();
  result_.accepted_tokens += walk.accepted();
  result_.branches += tree_.branches.size();
  result_.accepted_branches += walk.branch() ? 1 : 0;
  // An end says nothing about what was not wanted.
  if (!finished_ && sequence_.size() > first) learn(context, first, walk.accepted());
}

// From the tokens this pass chose, those of sequence_ from `first` on.
void Generation::learn(const GenerationContext& context, std::size_t first, std::size_t accepted) {
  controller_.account(context.drafts.cost(1 + tree_.size(), tree_.branches.size()), 1 + accepted);
  if (guesses_.empty()) return;
  const auto chosen = std::span<const TokenId>(sequence_).subspan(first);
  controller_.observe(guesses_.front().tokens.front() == chosen.front());
  context.drafts.observe(guesses_, chosen);
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

void Generation::take_token(const GenerationContext& context, std::span<const float> logits) {
  const auto sampled = choose(logits);
  account_time(context);
  if (!sampled) return finish(StopReason::kError, sampled.error().message);
  decoding_ = true;
  const Tokenizer& tokenizer = context.index->tokenizer();
  if (request_.alternatives > 0 && !thoughts_.open()) {
    add_alternatives(*sampler_, tokenizer, request_.alternatives, forced_left_, stream_.text(),
                     result_);
  }
  if (tokenizer.is_end(sampled->id)) {
    result_.log_probability += sampled->log_probability;
    return finish(StopReason::kEndOfText);
  }
  sequence_.push_back(sampled->id);
  const std::string_view bytes = tokenizer.bytes(sampled->id);
  if (bytes.size() < forced_left_.size()) {  // spells a part of what was typed
    forced_left_.erase(0, bytes.size());
    if (!scored_.empty()) add_text(*sampled, {});
    return;
  }
  const std::size_t typed = forced_left_.size();
  forced_left_.clear();
  const std::string_view added = bytes.substr(typed, sampled->n_bytes - typed);
  if (thoughts_.open()) return add_thought(context, *sampled, added);
  // A token that only spells what was typed is as likely as that, which is given.
  if (typed == 0 || !added.empty() || sampled->ends_line) {
    result_.log_probability += sampled->log_probability;
  }
  if (result_.log_probability < request_.least_log_probability) {
    return finish(StopReason::kUnlikely);
  }
  add_text(*sampled, added);
}

void Generation::add_thought(const GenerationContext& context, const SampledToken& token,
                             std::string_view bytes) {
  // The mark may be a control token, which spells nothing.
  const bool mark = context.index->tokenizer().special(request_.think_end) == token.id;
  auto rest = thoughts_.append(mark ? std::string_view(request_.think_end) : bytes);
  if (const std::string_view thought = thoughts_.take_piece(); !thought.empty()) {
    emit({{}, nullptr, thought});
  }
  if (finished_) return;  // the receiver failed
  if (!rest && thoughts_.used_up()) return end_thinking(context);
  if (!rest) return;
  skip_space_ = true;
  if (constraint_) rest->erase(0, std::min(rest->find_first_not_of(" \t\r\n"), rest->size()));
  add_text(token, *rest);
}

// Writes the mark where the model did not.
void Generation::end_thinking(const GenerationContext& context) {
  thoughts_.close();
  skip_space_ = true;
  const Tokenizer& tokenizer = context.index->tokenizer();
  if (const auto id = tokenizer.special(request_.think_end)) {
    sequence_.push_back(*id);
    return;
  }
  const auto ids = tokenizer.encode(request_.think_end);
  sequence_.insert(sequence_.end(), ids.begin(), ids.end());
}

void Generation::add_text(const SampledToken& token, std::string_view bytes) {
  if (!follow_grammar(bytes)) return;
  if (skip_space_) {
    bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
    if (bytes.empty()) return;
    skip_space_ = false;
  }
  if (!bytes.empty() || token.ends_line || !scored_.empty()) {
    const auto begin = static_cast<std::uint32_t>(stream_.text().size());
    result_.tokens.push_back({token.id, begin, begin + static_cast<std::uint32_t>(bytes.size()),
                              static_cast<float>(token.log_probability)});
  }
  if (stream_.append(bytes)) return finish(StopReason::kStopString);
  if (token.ends_line) return finish(StopReason::kLineEnd);
  if (constraint_ && constraint_->is_final(grammar_state_)) return finish(StopReason::kEndOfText);
  if (!scored_.empty()) {
    if (n_scored_ == scored_.size()) finish(StopReason::kEndOfText);
    return;
  }
  if (result_.tokens.size() >= request_.max_tokens) return finish(StopReason::kMaxTokens);
  if (const std::string_view piece = stream_.take_piece(); !piece.empty())
    emit({piece, nullptr, {}});
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
  if (thoughts_.open()) thoughts_.close();
  result_.thoughts = thoughts_.text();
  result_.thought_tokens = thoughts_.tokens();
  result_.stop_reason = reason;
  result_.error = std::move(error);
  clip_tokens();
  emit({stream_.take_piece(), &result_, thoughts_.take_piece()});
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
