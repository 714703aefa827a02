// assist/navigation/macro_words.h: names of C that no grammar reads as names: in the bodies of
// macros, and words that it takes for its own, such as size_t and NULL.
//
// A macro's body means nothing until it is expanded, so what a word in it names can only be looked
// for by its spelling; a parameter's name is the parameter. Private to assist/navigation.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "indexer/syntax/file_names.h"

namespace engram {

struct MacroWord {
  FileName name;                           // without a symbol, a group or a line
  std::optional<std::uint32_t> parameter;  // where the macro's parameter of this name stands
};

// The word at `offset`, or ending there, of the parameters or the body of a #define; nullopt: there
// is none, or it stands in a comment or a literal.
std::optional<MacroWord> macro_word_at(std::string_view text, std::size_t offset);

// The word at `offset`, or ending there, of any code; nullopt as above.
std::optional<std::string_view> code_word_at(std::string_view text, std::size_t offset);

}  // namespace engram
