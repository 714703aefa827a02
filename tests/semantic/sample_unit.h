// tests/semantic/sample_unit.h: facts in which every field of every part says something.
#pragma once

#include "memory/semantic/unit_facts.h"

namespace engram {

inline UnitFacts sample_unit() {
  UnitFacts facts;
  facts.certainty = Certainty::kInferred;
  facts.bodies_skipped = true;
  facts.errors = 2;
  facts.files = {{"/w/a.cpp", sha256("a"), 100, false},
                 {"/usr/include/b.h", sha256("b"), 50, true}};
  facts.views = {{0, {{1, 2}}, ViewTold::kElsewhere}, {1, {{1, 3}}, ViewTold::kHereUnclaimed}};
  SymbolKey low, high;
  low.bytes[0] = 1;
  high.bytes[0] = 2;
  facts.symbols = {{low, SymbolKind::kFunction, false, "f", "n::f", "int f()", "Says f."},
                   {high, SymbolKind::kParameter, true, "x", "x", "int x", ""}};
  facts.occurrences = {{0, 4, 5, 0, kNoNumber, kRoleDeclaration | kRoleDefinition},
                       {0, 10, 11, 1, 0, kRoleReference | kRoleRead},
                       {1, 0, 1, 0, 0, kRoleReference | kRoleCall | kRoleInferred}};
  facts.links = {{0, RelationKind::kCalls, 1}, {1, RelationKind::kMemberOf, 0, 1}};
  facts.inclusions = {{0, 9, 14, 1, true}, {0, 20, 25, kNoNumber, false}};
  facts.extents = {{0, 0, 0, 90, 20, 90}};
  facts.inactive = {{1, 3, 50}};
  facts.diagnostics = {{DiagnosticLevel::kError, 0, 5, 6, "expected ';'", "", {{0, 6, 6, ";"}}},
                       {DiagnosticLevel::kWarning, kNoNumber, 0, 0, "odd", "unused", {}}};
  return facts;
}

}  // namespace engram
