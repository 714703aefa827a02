// indexer/clang/unit_parser.h: one translation unit, parsed by Clang into facts.
//
// Never optimises, writes a file or loads a plugin or a compiled module, whatever the arguments
// say; reads only below `roots`. Broken code gives facts, with its errors among the diagnostics and
// certainty kInferred; a missing header is an error like any other, and the rest is parsed.
//
// Threads: one parse at a time per process (Clang's own statics).  Errors: UnitReply::failure, when
// there is nothing to tell: no main file, arguments Clang cannot make sense of, too many facts.
#pragma once

#include <string>
#include <vector>

#include "indexer/clang/facts_action.h"
#include "indexer/clang/imported_modules.h"
#include "indexer/semantic/unit_message.h"

namespace engram {

// `held`: the views that other units have told. `modules`: what was compiled for units before.
UnitReply parse_unit(const UnitRequest& request, const std::vector<std::string>& roots,
                     const HeldViews& held, ImportedModules& modules);

// Reads prefixes and units as `host` says; returns in a unit's process alone, with its reply.
// `example`: any of the units.
UnitReply parse_after_prefixes(const UnitRequest& example, const std::vector<std::string>& roots,
                               const HeldViews& held, PrefixHost& host);

}  // namespace engram
