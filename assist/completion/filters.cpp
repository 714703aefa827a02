#include "assist/completion/filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace engram {

namespace {

// One filter sees the text, may shorten it (noting what) or drop it.
class Filtering {
 public:
  Filtering(const FilterContext& context, std::string text) : context_(context) {
    out_.text = std::move(text);
  }
  Filtered run();

 private:
  bool dropped() const { return !out_.reason.empty(); }
  void drop(std::string_view code, std::string detail) {
    out_.reason = code;
    out_.detail = std::move(detail);
    out_.notes.push_back({std::string(code), "dropped"});
    out_.text.clear();
  }
  void cut(std::size_t end, std::string_view code, std::string_view what) {
    if (end >= out_.text.size()) return;
    out_.text.resize(end);
    out_.notes.push_back({std::string(code), std::string(what)});
  }

  void drop_chat_text();
  void drop_prompt_echo();
  void cut_repetition();
  void cut_suffix_lines();
  void cut_line_remainder();
  void cut_duplicate_brackets();
  void trim_blank_end();
  void drop_empty();

  bool is_prose() const { return context_.language == "markdown"; }

  const FilterContext& context_;
  Filtered out_;
};

Filtered Filtering::run() {
  for (const auto filter :
       {&Filtering::drop_chat_text, &Filtering::drop_prompt_echo, &Filtering::cut_repetition,
        &Filtering::cut_suffix_lines, &Filtering::cut_line_remainder,
        &Filtering::cut_duplicate_brackets, &Filtering::trim_blank_end, &Filtering::drop_empty}) {
    if (!dropped()) (this->*filter)();
  }
  return std::move(out_);
}

// Instruct models sometimes answer a person instead of continuing the file.
void Filtering::drop_chat_text() {
  if (is_prose()) return;
  const auto fence = out_.text.find("```");
  if (fence != std::string::npos) {
    if (is_blank(std::string_view(out_.text).substr(0, fence))) {
      return drop("chat_text", "the model answered with a code fence");
    }
    cut(line_begin(out_.text, fence), "chat_text", "cut at a code fence");
  }
  constexpr std::array<std::string_view, 10> kOpenings = {
      "Sure,",     "Sure!",       "Certainly",    "Here is ",       "Here's ",
      "I'm sorry", "I apologize", "The missing ", "The completed ", "To complete "};
  const std::string_view start = trimmed(out_.text);
  // Only at the start of a line: inside a string or comment such words are content.
  if (!is_blank(context_.cursor.line_before)) return;
  for (const auto opening : kOpenings) {
    if (start.starts_with(opening)) {
      return drop("chat_text", fmt::format("the model began to chat: \"{}\"", opening));
    }
  }
}

// Marks of the prompt format that leak as text, and lines just above written again.
void Filtering::drop_prompt_echo() {
  constexpr std::array<std::string_view, 6> kMarks = {
      "<|fim_", "<|file_sep|>", "<|repo_name|>", "<file_sep>", "<fim_", "<|endoftext|>"};
  for (const auto mark : kMarks) {
    if (const auto at = out_.text.find(mark); at != std::string::npos) {
      cut(at, "echoes_prompt", "cut at a prompt mark");
    }
  }
  if (!context_.path.empty() && trimmed(out_.text) == context_.path) {
    return drop("echoes_prompt", "the model repeated the file's path");
  }
  const auto lines = split_lines(out_.text);
  const auto above =
      split_lines(context_.cursor.above.ends_with('\n')
                      ? context_.cursor.above.substr(0, context_.cursor.above.size() - 1)
                      : context_.cursor.above);
  const std::string first = std::string(context_.cursor.line_before) + std::string(lines.front());
  constexpr std::size_t kTellingBytes = 12;
  if (trimmed(first).size() >= kTellingBytes && !above.empty() &&
      trimmed(first) == trimmed(previous_code_line(context_.cursor.above))) {
    return drop("echoes_prompt", "it repeats the line above");
  }
  // Two or more lines that stand, in the same order, directly above the cursor.
  if (lines.size() < 2 || above.size() < lines.size()) return;
  std::size_t same = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view line = i == 0 ? std::string_view(first) : lines[i];
    if (trimmed(line) == trimmed(above[above.size() - lines.size() + i])) ++same;
  }
  if (same == lines.size()) drop("echoes_prompt", "it repeats the lines above");
}

void Filtering::cut_repetition() {
  const auto lines = split_lines(out_.text);
  constexpr std::size_t kAllowed = 2;  // `0,` twice is data, three times in a row is a loop
  for (std::size_t i = kAllowed; i < lines.size(); ++i) {
    if (is_blank(lines[i]) || lines[i] != lines[i - 1] || lines[i] != lines[i - 2]) continue;
    const auto end = static_cast<std::size_t>(lines[i - 1].data() - out_.text.data());
    return cut(end == 0 ? 0 : end - 1, "repetition", "cut where a line repeats");
  }
  // A short piece repeated to the end of the line: "a, a, a, a, a, a".
  const std::string_view text = out_.text;
  for (std::size_t period = 2; period <= 24 && period * 5 <= text.size(); ++period) {
    std::size_t same = 0;
    while (same + period < text.size() &&
           text[text.size() - 1 - same] == text[text.size() - 1 - same - period]) {
      ++same;
    }
    const std::string_view piece = text.substr(text.size() - period);
    const bool ruler = piece.find_first_not_of(piece[0]) == std::string_view::npos;
    if (!ruler && same >= 4 * period && 2 * same >= text.size() && !is_blank(piece)) {
      return drop("repetition", "the model repeats itself");
    }
  }
}

// Lines that already stand below the cursor.
void Filtering::cut_suffix_lines() {
  const std::string_view next = trimmed(next_code_line(context_.cursor.below));
  if (next.empty()) return;
  const auto lines = split_lines(out_.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string line(lines[i]);
    if (i == 0) line = std::string(context_.cursor.line_before) + line;
    const std::string_view code = trimmed(line);
    if (code.empty() || code != next) continue;
    const bool bracket = code.find_first_not_of("})];,") == std::string_view::npos;
    // A bracket that something in the suggestion opened is not the one below.
    if (bracket &&
        unmatched_brackets(
            std::string_view(out_.text).substr(
                0, static_cast<std::size_t>(lines[i].data() - out_.text.data()) + lines[i].size()))
            .closers.empty()) {
      continue;
    }
    const char* const reason = bracket ? "duplicate_bracket" : "repeats_suffix";
    if (i == 0) return drop(reason, "the same line follows below");
    const auto begin = static_cast<std::size_t>(lines[i].data() - out_.text.data());
    return cut(begin - 1, reason, "cut where the text below begins");
  }
}

// What follows the cursor on its own line, written again at the end of the suggestion.
void Filtering::cut_line_remainder() {
  const std::string_view rest = trimmed_right(context_.cursor.line_after);
  if (rest.empty()) return;
  const std::string_view text = trimmed_right(out_.text);
  const std::string_view core = trimmed(rest);
  for (std::size_t n = std::min(core.size(), text.size()); n > 0; --n) {
    if (!text.ends_with(core.substr(0, n))) continue;
    const bool brackets =
        core.substr(0, n).find_first_not_of(")]}>;,\"'` ") == std::string_view::npos;
    if (!brackets && n < std::min<std::size_t>(core.size(), 4)) continue;
    const std::size_t kept = text.size() - n;
    if (brackets && !unmatched_brackets(text.substr(kept)).closers.empty()) {
      // Only brackets that close something outside the suggestion are doubled.
      const auto unmatched = unmatched_brackets(text);
      if (unmatched.closer_offsets.empty() || unmatched.closer_offsets.back() < kept) continue;
    }
    if (kept == 0) {
      return drop(brackets ? "duplicate_bracket" : "repeats_suffix",
                  "the same text follows on the line");
    }
    return cut(kept, brackets ? "duplicate_bracket" : "repeats_suffix",
               "cut what follows on the line");
  }
}

// With closers right of the cursor, the suggestion may close nothing that was opened before it.
void Filtering::cut_duplicate_brackets() {
  const auto follows = unmatched_brackets(context_.cursor.line_after);
  if (follows.closers.empty()) return;
  const auto before = unmatched_brackets(context_.cursor.line_before);
  const auto ours = unmatched_brackets(out_.text);
  // Each unmatched closer of ours, then each that follows, needs an opener left of the cursor. An
  // opener on an earlier line cannot be seen here, so only a line that is balanced with what
  // follows is judged.
  if (before.openers.size() != follows.closers.size() || ours.closers.empty()) return;
  const std::size_t at = ours.closer_offsets.front();
  if (at == 0) return drop("duplicate_bracket", "the bracket is already there");
  cut(at, "duplicate_bracket", "cut at a bracket that is already there");
}

void Filtering::trim_blank_end() {
  if (context_.cursor.line_after.empty() || is_blank(context_.cursor.line_after)) {
    out_.text.resize(trimmed_right(out_.text).size());
  }
}

void Filtering::drop_empty() {
  if (is_blank(out_.text)) {
    const std::string because = out_.notes.empty() ? "" : out_.notes.back().filter;
    drop(because.empty() ? "empty" : because,
         because.empty() ? "the model ended the text here" : "nothing was left after trimming");
  }
}

}  // namespace

Filtered apply_filters(const FilterContext& context, std::string text) {
  return Filtering(context, std::move(text)).run();
}

}  // namespace engram
