// assist/evaluation/condition.h: what a completion may use, by name: "suffix+chunks", "all@512".
//
// Ingredients joined by '+': model (nothing but it and the text above the cursor), suffix,
// definitions, chunks, drafts, all; then "@N": N tokens of the prompt are the file's before memory
// has any.
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
  Ingredients ingredients{false, false, false, false};
  std::optional<std::size_t> file_tokens;
};

Result<Condition> parse_condition(std::string_view name);
Result<std::vector<Condition>> parse_conditions(std::string_view list);  // separated by commas

}  // namespace engram
