// indexer/clang/symbol_table.h: Clang's declarations as the symbols of one translation unit.
//
// A declaration, its redeclarations, and the instantiations of its template are one symbol. Names
// are made when a symbol is met; signature and comment at the end, and only of symbols that
// something outside system headers mentions: printing all of them takes longer than finding them.
//
// Threads: confined to the parse.  Errors: kNoNumber for what has no USR.
#pragma once

#include <clang/AST/ASTContext.h>
#include <clang/Lex/MacroInfo.h>
#include <llvm/ADT/DenseMap.h>

#include <cstring>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "indexer/clang/file_places.h"
#include "memory/semantic/unit_facts.h"

namespace engram {

SymbolKind symbol_kind(const clang::Decl& declaration);

class SymbolTable {
 public:
  SymbolTable(const clang::SourceManager& sources, FilePlaces& places, std::string root)
      : sources_(sources), places_(places), root_(std::move(root)) {}

  std::uint32_t of(const clang::Decl* declaration);
  std::uint32_t of_macro(llvm::StringRef name, const clang::MacroInfo& macro);
  // A C++20 module, or a partition of one, by its whole name.
  std::uint32_t of_module(llvm::StringRef name);
  void mention(std::uint32_t symbol) { entries_[symbol].mentioned = true; }

  // Fills in signatures and comments.
  void describe(const clang::ASTContext& context);
  std::vector<UnitSymbol> take();  // in order of number, not yet of key

 private:
  struct Entry {
    UnitSymbol symbol;
    const clang::NamedDecl* declaration = nullptr;
    bool mentioned = false;
  };
  struct KeyHash {  // a key is a hash already
    std::size_t operator()(const SymbolKey& key) const {
      std::size_t hash = 0;
      std::memcpy(&hash, key.bytes.data(), sizeof hash);
      return hash;
    }
  };
  std::uint32_t add(const clang::NamedDecl& declaration);
  std::uint32_t number_of(const SymbolKey& key, const clang::NamedDecl* declaration);
  const std::string& file_prefix(clang::SourceLocation location);

  const clang::SourceManager& sources_;
  FilePlaces& places_;
  std::string root_;
  llvm::DenseMap<const clang::Decl*, std::uint32_t> numbers_;
  llvm::DenseMap<const clang::MacroInfo*, std::uint32_t> macros_;
  llvm::DenseMap<clang::FileID, std::string> prefixes_;
  const std::string nowhere_ = std::string(1, '\0');
  std::unordered_map<SymbolKey, std::uint32_t, KeyHash> by_key_;
  std::deque<Entry> entries_;  // references stay, and nothing is moved as it grows
};

// "int area(const Shape &shape)", without a body; and the comment before it.
std::string signature_of(const clang::NamedDecl& declaration, clang::PrintingPolicy policy);
std::string doc_of(const clang::NamedDecl& declaration, const clang::ASTContext& context);

// The template's own declaration for something instantiated from it; else the declaration.
const clang::Decl* pattern_of(const clang::Decl* declaration);

}  // namespace engram
