// indexer/clang/symbol_table.h: Clang's declarations as the symbols of one translation unit.
//
// A declaration, its redeclarations, and the instantiations of its template are one symbol. Names
// are made when a symbol is met; signature and comment at the end, and only of symbols that
// something outside system headers mentions: printing all of them takes longer than finding them.
//
// Threads: confined to the parse.  Errors: kNone for what has no USR.
#pragma once

#include <clang/AST/ASTContext.h>
#include <llvm/ADT/DenseMap.h>

#include <map>
#include <string>
#include <vector>

#include "indexer/clang/file_places.h"
#include "indexer/semantic/unit_facts.h"

namespace engram {

class SymbolTable {
 public:
  SymbolTable(const clang::SourceManager& sources, FilePlaces& places, std::string root)
      : sources_(sources), places_(places), root_(std::move(root)) {}

  std::uint32_t of(const clang::Decl* declaration);
  // Macros live before and beside the AST. `defined_at` names the file that the key belongs to.
  std::uint32_t of_macro(llvm::StringRef name, clang::SourceLocation defined_at,
                         std::string signature);
  void mention(std::uint32_t symbol) { entries_[symbol].mentioned = true; }
  bool is_new_declaration(std::uint32_t symbol);  // true once a symbol

  // Fills in signatures and comments.
  void describe(const clang::ASTContext& context);
  std::vector<UnitSymbol> take();  // in order of number, not yet of key

 private:
  struct Entry {
    UnitSymbol symbol;
    const clang::NamedDecl* declaration = nullptr;
    bool mentioned = false, declared = false;
  };
  std::uint32_t add(const clang::NamedDecl& declaration);
  std::uint32_t number_of(const SymbolKey& key, const clang::NamedDecl* declaration);
  std::string file_prefix(clang::SourceLocation location) const;

  const clang::SourceManager& sources_;
  FilePlaces& places_;
  std::string root_;
  llvm::DenseMap<const clang::Decl*, std::uint32_t> numbers_;
  std::map<SymbolKey, std::uint32_t> by_key_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> macros_;  // (file, name)
  std::vector<Entry> entries_;
};

// The template's own declaration for something instantiated from it; else the declaration.
const clang::Decl* pattern_of(const clang::Decl* declaration);

}  // namespace engram
