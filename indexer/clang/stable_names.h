// indexer/clang/stable_names.h: what a declaration is called whatever else its unit has.
//
// Some of what Clang says of a declaration hangs on what a unit uses or read before. A header that
// is told by one unit for all must not.
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/AST/Decl.h>

#include <string>

namespace engram {

// A parameter of a class template that Clang has made one of an implicit deduction guide's, in a
// unit that needed the guide: the class. Else nullptr.
const clang::NamedDecl* class_of_parameter(const clang::Decl& declaration);

// Seen only inside its function.
bool is_local(const clang::Decl& declaration);

// The declaration's USR without what Clang takes from others.
std::string stable_name(std::string usr, const clang::NamedDecl& declaration);

}  // namespace engram
