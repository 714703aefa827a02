// assist/completion/unknown_members.h: members that a suggestion uses and nothing has.
//
// Of 891 suggestions of two models 52 used a member that neither the repository nor the buffer had,
// and not one of those was right (docs/benchmarks/completion.md). Such a suggestion counts a tenth.
//
// Threads: pure functions; compiler_has_name reads the store.  Errors: none; what cannot be read
// has nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "assist/recall/known_names.h"

namespace engram {

inline constexpr double kUnknownMemberShare = 0.1;

// Who knows names; asked only where a member is used, `names` first and once.
struct NameSources {
  std::function<std::shared_ptr<const KnownNames>()> names;  // may return null: nothing is said
  std::function<bool(std::string_view)> compiler_has = {};   // of system headers, too
};

// The first member that `written`, behind `before` on its line, uses and that neither the sources
// nor the text up to there have; empty: none. Only in languages whose members stand behind ".",
// "->" or "::".
std::string unknown_member(std::string_view language, std::string_view before,
                           std::string_view written, const NameSources& sources);

// Whether the store's compiler facts have a symbol of that name.
bool compiler_has_name(const std::filesystem::path& store, std::string_view name);

}  // namespace engram
