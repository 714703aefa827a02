#include "assist/completion/syntax_check.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "assist/completion/line_view.h"

namespace engram {

namespace {

std::size_t faults(const SyntaxTree& tree, std::size_t begin, std::size_t end) {
  const SyntaxErrorCount count = tree.errors(begin, end);
  return count.errors + count.missing;
}

// The end of the line is the middle of an expression: the next line will go on with it.
bool goes_on(std::string_view text) {
  const std::string_view code = trimmed_right(text);
  if (code.empty()) return false;
  constexpr std::string_view kContinues = ",+-*/%=&|<?:.(\\[";
  return kContinues.find(code.back()) != std::string_view::npos;
}

std::string closers_for(std::string_view insertion) {
  std::string closers;
  const auto open = unmatched_brackets(insertion).openers;
  for (auto it = open.rbegin(); it != open.rend(); ++it) {
    if (*it == '{') closers += '\n';
    closers += closer_of(*it);
  }
  return closers;
}

struct Faults {
  std::size_t whole = 0;   // of the file
  std::size_t inside = 0;  // of nodes that reach into the suggestion
};

// Faults of the text with `insertion` and, for the check only, `more` in it: what closes its
// brackets comes after `more`, `end` last. nullopt when it could not be found out.
std::optional<Faults> faults_with(const SyntaxTree& tree, std::size_t offset,
                                  std::string_view insertion, std::string_view more = {},
                                  std::string_view end = {}) {
  SyntaxTree edited = tree.copy();
  std::string text(insertion);
  text += more;
  text += closers_for(insertion);
  text += end;
  if (!edited.edit(offset, offset, text)) return std::nullopt;
  return Faults{faults(edited, 0, edited.text().size()),
                faults(edited, offset, offset + insertion.size())};
}

// What the file had before. A hole in an expression is a fault by itself ("int x = ;"), which any
// name would mend; a suggestion is measured against the mended text.
struct Baseline {
  std::size_t whole = 0;
  bool broken = false;  // the code around the cursor does not parse, whatever stands there
};
Baseline baseline_at(const SyntaxTree& tree, std::size_t offset) {
  const std::size_t before = faults(tree, 0, tree.text().size());
  if (before == 0) return {};
  const auto mended = faults_with(tree, offset, "name");
  if (!mended) return {before, true};
  return {std::min(before, mended->whole), faults(tree, offset, offset) > 0 && mended->inside > 0};
}

// The start of something that parses, once a name, or the end of the statement, follows.
bool begins_well(const SyntaxTree& tree, std::size_t offset, std::string_view insertion,
                 std::size_t allowed) {
  for (const auto& [more, end] : {std::pair<const char*, const char*>{" name", ""},
                                  {" name", ";"},
                                  {"", ";"},
                                  {" name;", ""}}) {
    const auto found = faults_with(tree, offset, insertion, more, end);
    if (found && found->whole <= allowed) return true;
  }
  return false;
}

// Shorter suggestions, longest first: without the last lines, then before an unmatched closer.
std::vector<std::size_t> shorter(std::string_view insertion) {
  std::vector<std::size_t> ends;
  for (std::size_t end = insertion.rfind('\n'); end != std::string_view::npos && end > 0;
       end = insertion.rfind('\n', end - 1)) {
    ends.push_back(trimmed_right(insertion.substr(0, end)).size());
  }
  const std::string_view first = insertion.substr(0, line_end(insertion, 0));
  const auto closers = unmatched_brackets(first).closer_offsets;
  for (auto it = closers.rbegin(); it != closers.rend(); ++it) {
    ends.push_back(trimmed_right(first.substr(0, *it)).size());
  }
  return ends;
}

}  // namespace

SyntaxVerdict check_syntax(const SyntaxTree& tree, std::size_t offset, std::string_view insertion,
                           bool torn) {
  const Baseline before = baseline_at(tree, offset);
  const auto whole = faults_with(tree, offset, insertion);
  if (!whole) return {Checked::kNone, insertion.size(), "not checked: the parse took too long"};
  if (whole->whole <= before.whole && whole->inside == 0) {
    return {Checked::kSyntax, insertion.size(), {}};
  }
  if (whole->whole <= before.whole || before.broken) {
    return {Checked::kNone, insertion.size(), "not checked: the code around it does not parse"};
  }
  if ((torn || goes_on(insertion)) && begins_well(tree, offset, insertion, before.whole)) {
    return {Checked::kSyntax, insertion.size(), "checked as the beginning of more"};
  }
  constexpr std::size_t kMaxTries = 8;
  std::size_t tries = 0;
  for (const std::size_t end : shorter(insertion)) {
    if (end == 0 || ++tries > kMaxTries) continue;
    const auto cut = faults_with(tree, offset, insertion.substr(0, end));
    if (cut && cut->whole <= before.whole && cut->inside == 0) {
      return {Checked::kSyntax, end, "cut to what parses"};
    }
  }
  // A statement whose end is still missing is no lie, only unfinished.
  if (const auto ended = faults_with(tree, offset, insertion, {}, ";");
      ended && ended->whole <= before.whole) {
    return {Checked::kNone, insertion.size(), "not checked: the statement goes on"};
  }
  return {Checked::kSyntax, 0, "it would add a syntax error"};
}

}  // namespace engram
