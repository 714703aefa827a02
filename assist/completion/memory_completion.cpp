#include "assist/completion/memory_completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "assist/engrams/recall.h"

namespace engram {

namespace {

constexpr std::size_t kLineTokens = 32, kBlockTokens = 160;
constexpr std::size_t kMostSources = 4;
constexpr std::size_t kFewestLookedAt = 8;  // ways to go on, of which several may be shown alike

// How often a suggestion is right, but for its length, by the length of the match where all places
// agree. Fitted on 963 suggestions of six projects; left out one by one, they cost 0.78 bits each.
struct Accuracy {
  std::uint32_t length;
  double right;
};
constexpr std::array<Accuracy, 5> kAccuracy = {
    {{16, 0.98}, {9, 0.62}, {6, 0.51}, {3, 0.29}, {1, 0.05}}};
constexpr double kBytesRight = 60;  // each so many bytes are right once in e times

double accuracy_after(std::uint32_t match_length) {
  for (const Accuracy& known : kAccuracy) {
    if (match_length >= known.length) return known.right;
  }
  return 0;
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

}  // namespace

double memory_confidence(const MemorySuggestion& suggestion, std::string_view shown) {
  return accuracy_after(suggestion.match_length) * suggestion.share *
         std::exp(-static_cast<double>(shown.size()) / kBytesRight);
}

std::vector<MemorySuggestion> suggest_from_memory(const EngramView& view,
                                                  const Tokenizer& tokenizer,
                                                  std::string_view above, bool multi_line,
                                                  std::size_t most) {
  ContinuationOptions options;
  options.max_tokens = multi_line ? kBlockTokens : kLineTokens;
  options.stop_at_line_end = !multi_line;
  options.limit = std::max(most, kFewestLookedAt);
  options.max_sources = kMostSources;
  const Recalled recalled = recall(view, tokenizer, above, options);
  if (view.damaged()) return {};
  double places = 0;
  for (const Continuation& c : recalled.continuations) places += static_cast<double>(c.count);
  std::vector<MemorySuggestion> out;
  for (const Continuation& c : recalled.continuations) {
    if (out.size() == most) break;
    MemorySuggestion& suggestion = out.emplace_back();
    suggestion.text = c.text;
    suggestion.match_length = c.match_length;
    suggestion.share = static_cast<double>(c.count) / places;
    for (const EngramSource& s : c.sources) suggestion.sources.push_back({s.path, s.line});
  }
  return out;
}

CompletionItem memory_item(Candidate candidate, std::size_t offset, double confidence) {
  CompletionItem item;
  item.text = std::move(candidate.text);
  item.begin = item.end = offset;
  item.checked = candidate.checked;
  item.confidence = confidence;
  item.from_memory = true;
  return item;
}

namespace {

struct Written {
  Candidate candidate;
  MemorySuggestion memory;  // of all that come to this text
};

// What is shown of suggestions may be the same of several, whose places then speak for it together.
void add_written(std::vector<Written>& all, Candidate candidate, const MemorySuggestion& memory) {
  const auto same = std::find_if(all.begin(), all.end(), [&](const Written& written) {
    return written.candidate.text == candidate.text;
  });
  if (same == all.end()) {
    all.push_back({std::move(candidate), memory});
    return;
  }
  same->memory.share += memory.share;
  for (const FactSource& source : memory.sources) {
    if (same->memory.sources.size() < kMostSources) same->memory.sources.push_back(source);
  }
}

// Only what begins with the same line can be shown alike, and add to its share.
bool begins_like_one(const std::vector<Written>& all, const MemorySuggestion& suggestion) {
  return std::any_of(all.begin(), all.end(), [&](const Written& written) {
    return suggestion.text.starts_with(first_line(written.candidate.text));
  });
}

// Whether the `wanted` best are known whatever is in the `left` share of places.
bool enough(const std::vector<Written>& all, std::size_t wanted, double left) {
  const auto ahead = std::count_if(
      all.begin(), all.end(), [&](const Written& written) { return written.memory.share > left; });
  return static_cast<std::size_t>(ahead) >= wanted;
}

}  // namespace

void complete_from_memory(const EngramView& view, const Tokenizer& tokenizer,
                          CandidateContext context, const CompletionRequest& request,
                          CompletionResult& out) {
  const CursorView& cursor = context.filter.cursor;
  const std::size_t wanted = std::max<std::size_t>(1, request.items);
  const double least = std::exchange(context.min_confidence, 0);  // memory has its own measure
  out.reason = "empty";
  out.detail = "nothing in the memory goes on like this, and no model is loaded";
  const auto silent = [&](std::string reason, std::string detail) {
    if (out.items.empty()) out.reason = std::move(reason), out.detail = std::move(detail);
  };
  std::vector<Written> all;
  double left = 1;  // share of what was not looked at
  for (const MemorySuggestion& suggestion :
       suggest_from_memory(view, tokenizer, cursor.text.substr(0, cursor.offset),
                           context.shape.multi_line, std::max(2 * wanted, kFewestLookedAt))) {
    const bool is_known = enough(all, wanted, left);
    left -= suggestion.share;
    if (is_known && !begins_like_one(all, suggestion)) continue;
    GenerationResult written;
    written.text = suggestion.text;
    written.stop_reason = StopReason::kStopString;  // a last line may be torn
    Candidate candidate = judge_generation(context, written);
    if (candidate.reason.empty()) {
      add_written(all, std::move(candidate), suggestion);
    } else {
      silent(candidate.reason, candidate.detail);
    }
  }
  std::sort(all.begin(), all.end(), [](const Written& a, const Written& b) {
    const double of_a = a.memory.share, of_b = b.memory.share;
    return of_a != of_b ? of_a > of_b : a.candidate.text < b.candidate.text;
  });
  for (Written& written : all) {
    if (out.items.size() == wanted) break;
    const double confidence = memory_confidence(written.memory, written.candidate.text);
    if (confidence < least) {
      silent("low_confidence", fmt::format("{:.2f} is below {:.2f}", confidence, least));
      continue;
    }
    CompletionItem& item = out.items.emplace_back(
        memory_item(std::move(written.candidate), cursor.offset, confidence));
    item.sources = std::move(written.memory.sources);
    out.reason.clear();
    out.detail.clear();
  }
}

void note_agreement(const EngramView& view, const Tokenizer& tokenizer, const CursorView& cursor,
                    CompletionItem& item) {
  const auto suggestions =
      suggest_from_memory(view, tokenizer, cursor.text.substr(0, cursor.offset), false, 1);
  if (suggestions.empty()) return;
  const std::string_view line = first_line(item.text);
  if (line.empty() || trimmed_right(suggestions[0].text) != trimmed_right(line)) return;
  item.memory_agrees = true;
  for (const FactSource& source : suggestions[0].sources) {
    const auto same = [&](const FactSource& s) {
      return s.path == source.path && s.line == source.line;
    };
    if (std::none_of(item.sources.begin(), item.sources.end(), same))
      item.sources.push_back(source);
  }
}

}  // namespace engram
