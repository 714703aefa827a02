#include "bench/completion/asked_generation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/alternatives.h"
#include "engine/drafter.h"
#include "engine/sampler.h"
#include "engine/text_stream.h"

namespace engram {

namespace {

constexpr std::size_t kGuessed = 5;  // tokens at a time

class AskedGeneration {
 public:
  AskedGeneration(const std::shared_ptr<const TokenIndex>& index, const EncodedPrompt& prompt,
                  const GenerationRequest& request)
      : index_(index),
        request_(request),
        sampler_(index, {.fold_lines = request.stop_at_line_end}),
        sequence_(prompt.ids),
        forced_left_(prompt.forced),
        stream_(request.stop_strings) {
    if (!request.scored_text.empty()) scored_ = spell(*index, forced_left_, request.scored_text);
    guesses_->begin(sequence_, forced_left_);
    result_.prompt_tokens = prompt.prompt_tokens;
  }

  GenerationResult run(AskedModel& model, std::uint64_t number,
                       const std::function<void(std::string_view)>& on_piece,
                       const std::stop_token& stop);

 private:
  std::vector<TokenId> guess();
  void take_rows(std::span<const float> logits, std::size_t width,
                 std::span<const TokenId> expected);
  void take(std::span<const float> logits);
  void add_text(const SampledToken& token, std::string_view bytes);
  void finish(StopReason reason, std::string error = {});

  const std::shared_ptr<const TokenIndex>& index_;
  const GenerationRequest& request_;
  Sampler sampler_;
  std::vector<TokenId> sequence_, scored_;
  const std::unique_ptr<Drafter> guesses_ = make_ngram_drafter(nullptr);  // from prompt and output
  std::size_t n_scored_ = 0;
  std::string forced_left_;
  TextStream stream_;
  GenerationResult result_;
  bool finished_ = false;
};

GenerationResult AskedGeneration::run(AskedModel& model, std::uint64_t number,
                                      const std::function<void(std::string_view)>& on_piece,
                                      const std::stop_token& stop) {
  if (!request_.scored_text.empty() && scored_.empty()) {
    finish(StopReason::kError, "no tokens of this model spell the text to score");
  }
  std::vector<TokenId> expected = scored_;
  if (!expected.empty()) expected.pop_back();
  AskedModel::Ask ask{number, sequence_, 0, expected};
  while (!finished_) {
    const std::vector<float> logits = model.ask(std::move(ask));
    if (logits.empty()) finish(StopReason::kError, "nobody computes logits any more");
    take_rows(logits, model.vocabulary(), expected);
    if (finished_) break;
    if (const std::string_view piece = stream_.take_piece(); !piece.empty()) on_piece(piece);
    if (stop.stop_requested()) finish(StopReason::kCancelled);
    expected = guess();
    ask = {number, {}, sequence_.size() - 1, {sequence_.back()}};
    ask.tokens.insert(ask.tokens.end(), expected.begin(), expected.end());
    ++result_.decode_passes;
  }
  model.end(number);
  if (const std::string_view piece = stream_.take_piece(); !piece.empty()) on_piece(piece);
  return std::move(result_);
}

// Row by row, as long as what is chosen is what was expected.
void AskedGeneration::take_rows(std::span<const float> logits, std::size_t width,
                                std::span<const TokenId> expected) {
  const std::size_t before = sequence_.size();
  for (std::size_t row = 0; !finished_ && row <= expected.size(); ++row) {
    take(logits.subspan(row * width, width));
    if (!finished_ && row < expected.size() && sequence_.back() != expected[row]) break;
  }
  guesses_->observe(std::span(sequence_).subspan(before));
}

std::vector<TokenId> AskedGeneration::guess() {
  const std::size_t left = request_.max_tokens - result_.tokens.size();
  if (!forced_left_.empty() || left < 2) return {};
  const auto drafts = guesses_->draft(std::min(kGuessed, left - 1), 1);
  return drafts.empty() ? std::vector<TokenId>() : drafts.front().tokens;
}

// As Generation::take_token does.
void AskedGeneration::take(std::span<const float> logits) {
  const EvidenceQuestion question{request_.evidence.get(), sequence_};
  const auto sampled = scored_.empty()
                           ? sampler_.sample(logits, forced_left_, question)
                           : sampler_.score(logits, forced_left_, scored_[n_scored_++], question);
  if (!sampled) return finish(StopReason::kError, sampled.error().message);
  const Tokenizer& tokenizer = index_->tokenizer();
  if (request_.alternatives > 0) {
    add_alternatives(sampler_, tokenizer, request_.alternatives, forced_left_, stream_.text(),
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
  const std::size_t typed = std::exchange(forced_left_, {}).size();
  const std::string_view added = bytes.substr(typed, sampled->n_bytes - typed);
  if (typed == 0 || !added.empty() || sampled->ends_line) {
    result_.log_probability += sampled->log_probability;
  }
  if (result_.log_probability < request_.least_log_probability) {
    return finish(StopReason::kUnlikely);
  }
  add_text(*sampled, added);
}

void AskedGeneration::add_text(const SampledToken& token, std::string_view bytes) {
  if (!bytes.empty() || token.ends_line || !scored_.empty()) {
    const auto begin = static_cast<std::uint32_t>(stream_.text().size());
    result_.tokens.push_back({token.id, begin, begin + static_cast<std::uint32_t>(bytes.size()),
                              static_cast<float>(token.log_probability)});
  }
  if (stream_.append(bytes)) return finish(StopReason::kStopString);
  if (token.ends_line) return finish(StopReason::kLineEnd);
  if (!scored_.empty()) {
    if (n_scored_ == scored_.size()) finish(StopReason::kEndOfText);
    return;
  }
  if (result_.tokens.size() >= request_.max_tokens) finish(StopReason::kMaxTokens);
}

void AskedGeneration::finish(StopReason reason, std::string error) {
  if (std::exchange(finished_, true)) return;
  stream_.finish();
  result_.text = stream_.text();
  result_.stop_reason = reason;
  result_.error = std::move(error);
  const auto size = static_cast<std::uint32_t>(result_.text.size());
  std::erase_if(result_.tokens, [&](const GeneratedToken& token) {
    return token.end > token.begin && token.begin >= size;
  });
  for (GeneratedToken& token : result_.tokens) token.end = std::min(token.end, size);
}

}  // namespace

GenerationResult generate_by_asking(AskedModel& model, std::uint64_t sequence,
                                    const std::shared_ptr<const TokenIndex>& index,
                                    const EncodedPrompt& prompt, const GenerationRequest& request,
                                    const std::function<void(std::string_view)>& on_piece,
                                    const std::stop_token& stop) {
  return AskedGeneration(index, prompt, request).run(model, sequence, on_piece, stop);
}

}  // namespace engram
