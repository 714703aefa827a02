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

// What a worker keeps from unit to unit.
struct ToldBefore {
  HeldViews held;  // the views other units have told, joined by each request's
  // Until a header turned out to be another view than those held, after its bodies had been left
  // out: parsing that unit twice cost more than all the bodies left out before had saved.
  bool may_leave_out_bodies = true;
};

UnitReply parse_unit(const UnitRequest& request, const std::vector<std::string>& roots,
                     ToldBefore& before);

}  // namespace engram
