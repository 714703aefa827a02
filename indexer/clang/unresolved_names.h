// indexer/clang/unresolved_names.h: what of a header's templates depends on the declarations before
// the header, which its macros do not show; told to HeaderViews.
//
// That is the overloads an unresolved call may mean, and which declaration of a template is the
// first: clang/Index tells parameters and their defaults with that one alone.
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

// Whether overloads decide what stands in it: it is a template or has one in it.
bool is_generic(const clang::Decl& declaration);

}  // namespace engram
