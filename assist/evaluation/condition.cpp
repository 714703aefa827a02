#include "assist/evaluation/condition.h"

#include <fmt/format.h>

#include <charconv>

namespace engram {

namespace {

// The pieces of `text` between `separator`s.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const auto end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

bool add_ingredient(std::string_view name, Condition& condition) {
  Ingredients& ingredients = condition.ingredients;
  RecallOptions& recall = condition.recall;
  if (name == "model") return true;
  if (name == "all") return ingredients = {}, recall = {}, true;
  if (name == "gate") return recall.evidence = true, true;
  if (name == "memory-drafts") return ingredients.drafts = recall.drafts = true;
  bool* const one = name == "suffix"        ? &ingredients.suffix
                    : name == "definitions" ? &ingredients.definitions
                    : name == "chunks"      ? &ingredients.chunks
                    : name == "drafts"      ? &ingredients.drafts
                    : name == "search"      ? &ingredients.search
                    : name == "below"       ? &recall.below_cursor
                    : name == "memory"      ? &condition.alone
                                            : nullptr;
  if (one != nullptr) *one = true;
  return one != nullptr;
}

bool needs_model(const Condition& condition) {
  const Ingredients& i = condition.ingredients;
  return i.suffix || i.definitions || i.chunks || i.drafts || i.search || condition.recall.evidence;
}

}  // namespace

Result<Condition> parse_condition(std::string_view name) {
  Condition condition;
  condition.name = std::string(name);
  const auto wrong = [&](std::string_view word) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot evaluate '{}': '{}' is none of model, suffix, definitions, "
                             "chunks, drafts, memory-drafts, search, gate, below, memory, all, "
                             "with @TOKENS at the end",
                             name, word)};
  };
  const auto at = name.find('@');
  if (at != std::string_view::npos) {
    const std::string_view number = name.substr(at + 1);
    std::size_t tokens = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), tokens);
    if (error != std::errc() || end != number.data() + number.size()) return wrong(number);
    condition.file_tokens = tokens;
  }
  for (const auto word : split(name.substr(0, at), '+')) {
    if (!add_ingredient(word, condition)) return wrong(word);
  }
  if (condition.alone && needs_model(condition)) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot evaluate '{}': memory alone has no model, only 'below' goes "
                             "with it",
                             name)};
  }
  return condition;
}

Result<std::vector<Condition>> parse_conditions(std::string_view list) {
  std::vector<Condition> conditions;
  for (const auto name : split(list, ',')) {
    ENGRAM_TRY(condition, parse_condition(name));
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

}  // namespace engram
