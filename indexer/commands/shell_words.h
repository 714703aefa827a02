// indexer/commands/shell_words.h: a command line as its words, by the shell's rules of quoting.
//
// Quotes and backslashes only, as POSIX sh has them (2.2): nothing is expanded, no variable, no
// pattern, no command, and operators are ordinary characters. For the `command` of compile
// databases and for response files, which GCC and Clang read by nearly the same rules.
//
// Threads: pure functions.  Errors: none; an open quote ends with the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engram {

enum class QuoteRules : unsigned char {
  kShell,         // "\x" within double quotes stays "\x" unless x is one of $ ` " \ or a line end
  kResponseFile,  // as libiberty's buildargv: "\x" is x everywhere but in single quotes too
};

std::vector<std::string> split_words(std::string_view text, QuoteRules rules = QuoteRules::kShell);

}  // namespace engram
