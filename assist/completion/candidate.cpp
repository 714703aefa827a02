#include "assist/completion/candidate.h"

#include <fmt/format.h>

#include <cmath>

#include "assist/completion/syntax_check.h"
#include "indexer/syntax/language.h"

namespace engram {

namespace {

// A later line of a block that the model itself finds this unlikely is not shown.
constexpr double kSureLine = 0.45;

// The model was stopped, so the last line may lack its end.
bool is_torn(const GenerationResult& result) {
  return result.stop_reason == StopReason::kMaxTokens ||
         result.stop_reason == StopReason::kDeadline ||
         result.stop_reason == StopReason::kContextFull ||
         result.stop_reason == StopReason::kStopString;
}

std::size_t without_torn_line(const GenerationResult& result, std::size_t end) {
  if (!is_torn(result) || end < result.text.size()) return end;
  const auto newline = result.text.rfind('\n');
  if (newline == std::string::npos || is_blank(std::string_view(result.text).substr(0, newline))) {
    return end;
  }
  return newline;
}

// Of a token that begins within these bytes, on average.
double mean_chance(const GenerationResult& result, std::size_t begin, std::size_t end) {
  double sum = 0;
  std::size_t n = 0;
  for (const auto& token : result.tokens) {
    if (token.begin < begin || token.begin >= end) continue;
    sum += token.log_probability;
    ++n;
  }
  return n == 0 ? 1.0 : std::exp(sum / static_cast<double>(n));
}

std::size_t without_unsure_lines(const GenerationResult& result, std::size_t end) {
  for (std::size_t newline = result.text.find('\n'); newline < end;
       newline = result.text.find('\n', newline + 1)) {
    if (is_blank(std::string_view(result.text).substr(0, newline))) continue;
    const std::size_t next = std::min(line_end(result.text, newline + 1), end);
    if (mean_chance(result, newline + 1, next) < kSureLine) return newline;
  }
  return end;
}

std::string reason_without_text(const GenerationResult& result) {
  switch (result.stop_reason) {
    case StopReason::kError:
      return "model_error";
    case StopReason::kCancelled:
      return "cancelled";
    case StopReason::kDeadline:
      return "deadline";
    case StopReason::kContextFull:
      return "context_full";
    default:
      return {};
  }
}

}  // namespace

ShapeHints shape_hints(const CompletionRequest& request, const std::optional<SyntaxTree>& tree,
                       std::string_view language, std::size_t max_lines) {
  ShapeHints hints;
  hints.max_lines = std::max<std::size_t>(1, max_lines);
  hints.single_line = request.single_line;
  if (const auto* traits = language_traits(language)) {
    hints.indentation_blocks = traits->indentation_blocks;
  }
  hints.in_comment_or_string =
      tree && (tree->in_comment(request.offset) || tree->in_string(request.offset));
  return hints;
}

double chance_of(const GenerationResult& result, std::size_t bytes) {
  if (result.tokens.empty()) return 0;
  const bool whole = bytes >= result.text.size();  // with what ended it
  double sum = 0;
  for (const auto& token : result.tokens) {
    if (whole || token.begin < std::max<std::size_t>(bytes, 1)) sum += token.log_probability;
  }
  return std::exp(sum);
}

Candidate judge_generation(const CandidateContext& context, const GenerationResult& result) {
  Candidate candidate;
  if (result.stop_reason == StopReason::kError || result.stop_reason == StopReason::kCancelled ||
      result.text.empty()) {
    candidate.reason = reason_without_text(result);
    candidate.detail = result.error;
    if (!candidate.reason.empty()) return candidate;
  }
  std::size_t end =
      insertion_end(context.shape, context.filter.cursor.line_before, result.text, true)
          .value_or(result.text.size());
  if (context.shape.multi_line) {
    const std::size_t whole = without_torn_line(result, end);
    const std::size_t sure = without_unsure_lines(result, whole);
    if (sure < end) candidate.notes.push_back({"block", "cut to whole, likely lines"});
    end = sure;
  } else if (result.stop_reason == StopReason::kDeadline && end == result.text.size()) {
    // Half a line cut by the clock is not what the model meant to say.
    candidate.reason = "deadline";
    candidate.detail = "the model was not done in time";
    return candidate;
  }
  Filtered filtered = apply_filters(context.filter, result.text.substr(0, end));
  candidate.notes.insert(candidate.notes.end(), filtered.notes.begin(), filtered.notes.end());
  candidate.reason = filtered.reason;
  candidate.detail = filtered.detail;
  if (!candidate.reason.empty()) return candidate;

  if (context.tree != nullptr) {
    const SyntaxVerdict verdict =
        check_syntax(*context.tree, context.filter.cursor.offset, filtered.text,
                     is_torn(result) && end == result.text.size());
    candidate.checked = verdict.checked;
    if (!verdict.note.empty()) candidate.notes.push_back({"syntax", verdict.note});
    filtered.text.resize(verdict.keep);
    if (is_blank(filtered.text)) {
      candidate.reason = "syntax_error";
      candidate.detail = verdict.note;
      candidate.checked = Checked::kNone;
      return candidate;
    }
  }
  candidate.confidence = chance_of(result, filtered.text.size());
  const double first_line =
      chance_of(result, std::min(filtered.text.find('\n'), filtered.text.size()));
  if (first_line < context.min_confidence) {
    candidate.reason = "low_confidence";
    candidate.detail = fmt::format("{:.3f} is below {:.3f}", first_line, context.min_confidence);
    return candidate;
  }
  candidate.text = std::move(filtered.text);
  return candidate;
}

}  // namespace engram
