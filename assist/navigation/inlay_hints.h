// assist/navigation/inlay_hints.h: what a text leaves unsaid: which parameter an argument is for,
// which type a variable was given. Private to assist/navigation.
//
// Parameters come from the head of the function that is called; types from what Clang says of a
// variable that is declared as `auto`. An argument that already says its parameter's name has no
// hint, nor have those of a setter.
//
// Threads: as Navigator.  Errors: those of Navigator and SyntaxTree.
#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include "assist/navigation/navigator.h"

namespace engram {

// `known`: nullopt where no compiler has read the file. In order of the text.
Result<std::vector<InlayHint>> inlay_hints(Navigator& navigator, const SourceText& source,
                                           const std::optional<CompiledNames>& known,
                                           std::size_t begin, std::size_t end,
                                           std::stop_token stop);

}  // namespace engram
