// assist/evaluation/condition.h: what a completion may use, by name: "suffix+chunks", "all@512".
//
// Ingredients joined by '+':
//
//   model          nothing but it and the text above the cursor
//   suffix         the text below the cursor, in the prompt
//   definitions, chunks   of other files, in the prompt
//   drafts         guesses from prompt and file; memory-drafts: those, and the engram memory's
//   search         of a line, a likelier one than greedy decoding's, where there may be one
//   gate           the engram memory mixed into the model's choice
//   below          the engram memory has the text below the cursor
//   memory         the engram memory alone, without a model
//   all            what ships
//
// Then "@N": N tokens of the prompt are the file's before definitions and chunks have any.
//
// Threads: pure functions.  Errors: kInvalidArgument names the word that is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assist/completion/completion.h"
#include "core/result.h"

namespace engram {

struct Condition {
  std::string name;
  Ingredients ingredients{false, false, false, false, false};
  RecallOptions recall{.drafts = false, .evidence = false, .below_cursor = false, .gate = {}};
  bool alone = false;  // no model
  std::optional<std::size_t> file_tokens;
};

// Also kInvalidArgument: memory alone together with what only a model can use.
Result<Condition> parse_condition(std::string_view name);
Result<std::vector<Condition>> parse_conditions(std::string_view list);  // separated by commas

}  // namespace engram
