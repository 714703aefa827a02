// assist/navigation/compiler_facts.h: what a compiler says about a position, if anything.
//
// The seam where semantic facts take the place of syntactic ones: a Navigator asks here first, and
// an answer that is not empty is the whole answer. Offsets count in `source`; places are in files
// as they are now (the source sees to overlays through `texts`).
//
// Threads: confined to the navigator's thread.  Errors: those of its store; absence is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "assist/navigation/source_texts.h"
#include "assist/navigation/symbol_relation.h"
#include "core/certainty.h"
#include "core/result.h"
#include "memory/facts.h"
#include "memory/semantic/unit_facts.h"

namespace engram {

struct CompilerPlace {
  std::string path;
  std::uint32_t begin = 0, end = 0;
  std::string role;  // "definition", "declaration", "call", "write", "use", ...
  Certainty certainty = Certainty::kSemantic;
  std::optional<Symbol> symbol = {};  // of a definition or declaration
  std::optional<SymbolKey> key = {};  // of that symbol
};

struct CompilerRelated {
  CompilerPlace place;                    // the symbol's definition, else its declaration
  std::vector<CompilerPlace> calls = {};  // of callers and callees
};

// The names written in one text.
struct CompiledName {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t symbol = 0;  // index into CompiledNames::symbols
  std::uint16_t roles = 0;   // OccurrenceRole bits
  Certainty certainty = Certainty::kSemantic;
};
struct CompiledNames {
  std::vector<UnitSymbol> symbols;
  std::vector<CompiledName> names;  // by begin and end; one name may mean several symbols
  bool fresh = true;                // of this very text, not of an older one
};

class CompilerFacts {
 public:
  virtual ~CompilerFacts() = default;

  // Definitions and declarations of what stands at `offset`, definitions first.
  virtual Result<std::vector<CompilerPlace>> definitions(SourceTexts& texts,
                                                         const SourceText& source,
                                                         std::size_t offset,
                                                         std::stop_token stop) = 0;
  // Whatever it knows by this name, of any file: for places that no unit compiled. kTextual.
  virtual Result<std::vector<CompilerPlace>> named(SourceTexts& texts, std::string_view name,
                                                   std::stop_token stop) = 0;
  // Macros and type aliases of this name, and their uses if asked for: what a word may mean that no
  // syntax tree has as a name. kTextual.
  virtual Result<std::vector<CompilerPlace>> spelled(SourceTexts& texts, std::string_view name,
                                                     bool with_uses, std::size_t limit,
                                                     std::stop_token stop) = 0;
  virtual Result<std::vector<CompilerPlace>> references(SourceTexts& texts,
                                                        const SourceText& source,
                                                        std::size_t offset, std::size_t limit,
                                                        std::stop_token stop) = 0;
  // nullopt: it knows nothing about what stands there; then others may be asked.
  virtual Result<std::optional<std::vector<CompilerRelated>>> related(SourceTexts& texts,
                                                                      const SourceText& source,
                                                                      std::size_t offset,
                                                                      SymbolRelation relation,
                                                                      std::stop_token stop) = 0;
  virtual Result<std::vector<CompilerRelated>> related_to(SourceTexts& texts, const SymbolKey& key,
                                                          std::string_view name,
                                                          SymbolRelation relation,
                                                          std::stop_token stop) = 0;
  // nullopt: it has not read the file.
  virtual Result<std::optional<CompiledNames>> names(SourceTexts& texts,
                                                     const SourceText& source) = 0;
  // Whether it has read the file, whatever the text was then.
  virtual Result<bool> has_read(std::string_view path) {
    static_cast<void>(path);
    return true;
  }
  virtual void store_changed() = 0;
};

}  // namespace engram
