// indexer/clang/unit_parser.h: one translation unit, parsed by Clang into facts.
//
// Never optimises, writes a file, loads a plugin or uses modules, whatever the arguments say; reads
// only below `roots`. Broken code gives facts, with its errors among the diagnostics and certainty
// kInferred; a missing header is an error like any other, and the rest is parsed.
//
// Threads: one parse at a time per process (Clang's own statics).  Errors: UnitReply::failure, when
// there is nothing to tell: no main file, arguments Clang cannot make sense of, too many facts.
#pragma once

#include <string>
#include <vector>

#include "indexer/clang/header_views.h"
#include "indexer/semantic/unit_message.h"

namespace engram {

// `held` outlives the request: the views other units have told, joined by the request's.
UnitReply parse_unit(const UnitRequest& request, const std::vector<std::string>& roots,
                     HeldViews& held);

}  // namespace engram
