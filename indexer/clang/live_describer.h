// indexer/clang/live_describer.h: what Clang knows of the name at a place of an open file: sizes,
// offsets, values, what a macro comes to.
//
// Nothing that depends on a template's parameters, is incomplete or faulty is measured: no number
// rather than a wrong one. Of a template's instantiation the instantiation is measured, not the
// pattern.
//
// Threads: confined to the parse.  Errors: none: empty details.
#pragma once

#include <clang/AST/DeclGroup.h>
#include <clang/Frontend/CompilerInstance.h>

#include <string>
#include <vector>

#include "indexer/semantic/live_message.h"

namespace engram {

class LiveDescriber {
 public:
  // Before the parse: of the identifier that holds the byte at `offset`.
  void begin(clang::CompilerInstance& compiler, std::uint32_t offset);
  // Instead, after a parse that is still there; false: no identifier stands there.
  bool find(const clang::CompilerInstance& compiler, std::uint32_t offset);
  std::uint32_t name_begin() const { return details_.begin; }
  void declared(clang::DeclGroupRef group);
  // While what was parsed is still there.
  void end(clang::CompilerInstance& compiler);
  LiveDetails take() { return std::move(details_); }

 private:
  class Macros;
  class Names;
  void note_token(const clang::Token& token, const clang::Preprocessor& preprocessor);

  LiveDetails details_;
  clang::SourceLocation name_;  // where it begins
  bool is_macro_ = false;
  std::vector<const clang::Decl*> declarations_;  // at the top of the file
};

}  // namespace engram
