// indexer/clang/unresolved_names.h: what of a header depends on declarations before and behind it,
// which its macros do not show; told to HeaderViews.
//
// That is the overloads an unresolved call may mean; which declaration of a template or a typedef
// is the first: clang/Index tells parameters and their defaults with that one alone, and names a
// typedef by its file; and which specialisation a
// type such as std::function<int()> is, for that is known only where something needs its members.
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/AST/ASTContext.h>

#include "indexer/clang/header_views.h"
#include "indexer/clang/prefix_check.h"

namespace engram {

// `prefix`, if any, says which overloads a unit cannot know yet.
void find_unresolved_names(clang::Decl& declaration, const clang::SourceManager& sources,
                           HeaderViews& views, const PrefixCheck* prefix);
void find_later_declarations(const clang::Decl& declaration, const clang::SourceManager& sources,
                             HeaderViews& views);

}  // namespace engram
