// indexer/clang/include_check.h: inclusions of the open file that nothing in it uses, and names in
// it whose header it does not include.
//
// Like clang-include-cleaner, but careful where that guesses: a header is left in peace when what
// it does shows in no name (specialisations, operators), when code that conditions left out may
// mean it, when it is included under a condition or has no guard; and one that is the only way to
// something used counts as used. A system header that is not the standard library's is told in C
// alone, and when no name that it brings is written in the file.
//
// Threads: confined to the parse.  Errors: none; nothing is said of a file with errors.
#pragma once

#include <clang/Frontend/CompilerInstance.h>

#include <vector>

#include "indexer/clang/include_record.h"
#include "memory/semantic/unit_facts.h"

namespace engram {

// Remarks with kUnusedInclude or kMissingInclude (live_message.h) as their option and one fix each.
// `declarations`: of the file, at its top.
std::vector<UnitDiagnostic> check_includes(const clang::CompilerInstance& compiler,
                                           const IncludeRecord& record,
                                           const std::vector<clang::Decl*>& declarations);

}  // namespace engram
