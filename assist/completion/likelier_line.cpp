#include "assist/completion/likelier_line.h"

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "assist/completion/line_view.h"

namespace engram {
namespace {

bool is_whole_line(const GenerationResult& result) {
  return result.stop_reason == StopReason::kLineEnd || result.stop_reason == StopReason::kEndOfText;
}

// How many of its bytes are right, on average, if all of them are or none: what a line is worth.
double worth_of(std::string_view text, double log_probability) {
  return std::exp(log_probability) * static_cast<double>(1 + trimmed_right(text).size());
}

std::string beginning_of(const GenerationResult& written, const Alternative& choice) {
  return written.text.substr(0, choice.begin) + choice.bytes;
}

void add_work(const GenerationResult& of, GenerationResult& to) {
  to.drafted_tokens += of.drafted_tokens;
  to.accepted_tokens += of.accepted_tokens;
  to.branches += of.branches;
  to.accepted_branches += of.accepted_branches;
  to.decode_passes += of.decode_passes + 1;  // the first came after a prompt that was known
  to.queue_ms += of.queue_ms;
  to.decode_ms += of.prefill_ms + of.decode_ms;
}

// The tokens that were chosen alike, the choice, and what follows: its first token is known to
// begin with the choice's bytes, and is as likely as both.
std::vector<GeneratedToken> tokens_of(const GenerationResult& written, const Alternative& choice,
                                      const GenerationResult* rest) {
  std::vector<GeneratedToken> tokens;
  double before = 0;
  for (const GeneratedToken& token : written.tokens) {
    if (token.begin >= choice.begin) break;
    tokens.push_back(token);
    before += token.log_probability;
  }
  const auto end = choice.begin + static_cast<std::uint32_t>(choice.bytes.size());
  const auto own = static_cast<float>(choice.log_probability - before);
  if (rest == nullptr || rest->tokens.empty()) {
    tokens.push_back({choice.id, choice.begin, end, own});
    return tokens;
  }
  for (GeneratedToken token : rest->tokens) {
    token.begin += end;
    token.end += end;
    tokens.push_back(token);
  }
  GeneratedToken& first = tokens[tokens.size() - rest->tokens.size()];
  first.begin = choice.begin;
  first.log_probability += own;
  return tokens;
}

}  // namespace

std::optional<Alternative> likelier_choice(const GenerationResult& written) {
  const Alternative* best = nullptr;
  for (const Alternative& choice : written.alternatives) {
    if (best != nullptr && choice.log_probability <= best->log_probability) continue;
    const std::string begun = beginning_of(written, choice);
    // Without text, or spelt again as what was written: half of one of its tokens, say.
    if (choice.ends ? is_blank(begun) : written.text.starts_with(begun)) continue;
    best = &choice;
  }
  if (best == nullptr || best->log_probability <= written.log_probability) return std::nullopt;
  return *best;
}

GenerationRequest rest_after(GenerationRequest request, const GenerationResult& written,
                             const Alternative& choice) {
  request.forced_text += beginning_of(written, choice);
  request.old_text = written.text.substr(choice.begin);
  request.alternatives = 0;
  request.least_log_probability = written.log_probability - choice.log_probability;
  return request;
}

GenerationResult better_of(GenerationResult written, const Alternative& choice,
                           const GenerationResult* rest) {
  if (rest != nullptr) add_work(*rest, written);
  const double chance = choice.log_probability + (rest != nullptr ? rest->log_probability : 0);
  const std::string text = beginning_of(written, choice) + (rest != nullptr ? rest->text : "");
  const bool is_whole = rest == nullptr || is_whole_line(*rest);
  if (!is_whole || chance <= written.log_probability || is_blank(text)) return written;
  if (worth_of(text, chance) <= worth_of(written.text, written.log_probability)) return written;
  written.tokens = tokens_of(written, choice, rest);
  written.text = text;
  written.log_probability = chance;
  written.alternatives.clear();
  written.stop_reason = rest != nullptr ? rest->stop_reason : StopReason::kLineEnd;
  return written;
}

}  // namespace engram
