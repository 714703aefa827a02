// assist/completion/unknown_members.h: members that a suggestion uses and nothing has.
//
// Of 891 suggestions of two models 52 used a member that neither the repository nor the buffer had,
// and not one of those was right (docs/benchmarks/completion.md). Such a suggestion counts a tenth.
//
// Threads: pure function.  Errors: none.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "assist/recall/known_names.h"

namespace engram {

inline constexpr double kUnknownMemberShare = 0.1;

// The first member that `written`, behind `before` on its line, uses and that neither `names` nor
// the text up to there has; empty: none. `names` is asked for once, and only where a member is
// used; it may return null. Only in languages whose members stand behind ".", "->" or "::".
std::string unknown_member(std::string_view language, std::string_view before,
                           std::string_view written,
                           const std::function<std::shared_ptr<const KnownNames>()>& names);

}  // namespace engram
