// assist/navigation/syntax_relations.h: callers, subtypes and their like as far as syntax tells.
// Private to assist/navigation.
//
// Made of a Navigator's own answers: who calls is the function around a reference that is a call,
// what derives is the type whose head names it. Nothing is surer than what it was made of.
//
// Threads: as Navigator.  Errors: those of Navigator.
#pragma once

#include <stop_token>
#include <vector>

#include "assist/navigation/navigator.h"

namespace engram {

Result<std::vector<RelatedSymbol>> related_by_syntax(Navigator& navigator, const CodePlace& at,
                                                     SymbolRelation relation, std::stop_token stop);

}  // namespace engram
