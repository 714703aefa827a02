// indexer/clang/include_uses.h: which declarations the open file uses, widely and narrowly.
//
// Widely: all that its code, the instantiations it asks for, and the types of its expressions come
// to: whatever brings one of these is used. Narrowly: what is named in the file itself, outside
// macros' bodies: whatever brings one of these might be included by the file.
//
// Threads: confined to the parse.  Errors: none.
#pragma once

#include <clang/AST/Decl.h>
#include <llvm/ADT/MapVector.h>

#include <cstdint>
#include <vector>

namespace engram {

struct DeclarationUse {
  bool is_named = false;
  bool is_needed = false;   // by the language, without a name: operator new
  std::uint32_t begin = 0;  // of the first name
};

// By canonical declaration, in order of first use. `declarations`: of the file, at its top.
llvm::MapVector<const clang::NamedDecl*, DeclarationUse> declarations_used(
    const clang::ASTContext& context, const std::vector<clang::Decl*>& declarations);

}  // namespace engram
