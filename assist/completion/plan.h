// assist/completion/plan.h: the prompt chosen for one place, kept while the user types there.
//
// The anchor is an earlier line start. Everything before it is in the prompt; what the user types
// after it is forced text, so a keystroke costs only its own tokens, and the text below the cursor
// stays as it was. The plan fits as long as nothing else changed.
//
//   [repository, snippets][window_begin ... anchor) | forced: [anchor ... cursor) | suffix
//
// Threads: plain values.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assist/completion/prompt.h"

namespace engram {

inline constexpr std::size_t kFullPromptTokens = 1500;
inline constexpr std::size_t kLeastPromptTokens = 96;

struct PromptPlan {
  std::size_t window_begin = 0, anchor = 0;
  std::string prefix, suffix;           // of the file; the prompt has them without random literals
  bool suffix_to_end = false;           // nothing lies below the suffix
  std::vector<PromptSnippet> snippets;  // those that went in
  std::size_t budget = 0;               // tokens it was made for
  std::vector<PromptPart> prompt;
  std::vector<TokenId> ids;

  bool fits(std::string_view text, std::size_t offset) const;
  // The file around what the prompt shows of it, a few screens each way: what is generated may
  // repeat it. Stays the same while the user types at the cursor.
  std::vector<std::string> surroundings(std::string_view text, std::size_t offset) const;
  std::string_view typed(std::string_view text, std::size_t offset) const {
    return text.substr(anchor, offset - anchor);
  }
  // As the model is shown it: without random literals.
  std::string forced(std::string_view text, std::size_t offset) const;
};

struct PlanInput {
  std::string_view text;
  std::size_t offset = 0;
  std::string path, repository, line_comment;
  std::vector<PromptSnippet> snippets;     // best last
  std::optional<std::size_t> keep_window;  // begin of an earlier plan's window
  bool suffix = true;                      // the text below the cursor is shown
  // The file's before snippets get any; none: all, so that snippets stand beside whole files alone.
  std::optional<std::size_t> file_tokens;
};

// The file first: snippets share what a file that is shown whole leaves of `tokens`; more of a file
// is worth more than snippets (docs/benchmarks/completion.md). With input.file_tokens they share
// what that leaves, and what they leave goes to the file again.
PromptPlan make_plan(const Tokenizer& tokenizer, const ModelFormat& format, const PlanInput& input,
                     std::size_t tokens);

// Prompts the engine has worked on lately: how many tokens of a new one it need not compute.
class PromptLedger {
 public:
  explicit PromptLedger(std::size_t kept) : kept_(kept) {}
  std::size_t shared_prefix(const std::vector<TokenId>& ids) const;
  void add(std::vector<TokenId> ids);

 private:
  std::size_t kept_;
  std::vector<std::vector<TokenId>> prompts_;  // newest last
};

}  // namespace engram
