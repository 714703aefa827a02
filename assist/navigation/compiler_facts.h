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
#include "core/certainty.h"
#include "core/result.h"
#include "memory/facts.h"

namespace engram {

struct CompilerPlace {
  std::string path;
  std::uint32_t begin = 0, end = 0;
  std::string role;  // "definition", "declaration", "call", "write", "use", ...
  Certainty certainty = Certainty::kSemantic;
  std::optional<Symbol> symbol = {};  // of a definition or declaration
};

class CompilerFacts {
 public:
  virtual ~CompilerFacts() = default;

  // Definitions and declarations of what stands at `offset`, definitions first.
  virtual Result<std::vector<CompilerPlace>> definitions(SourceTexts& texts,
                                                         const SourceText& source,
                                                         std::size_t offset,
                                                         std::stop_token stop) = 0;
  virtual Result<std::vector<CompilerPlace>> references(SourceTexts& texts,
                                                        const SourceText& source,
                                                        std::size_t offset, std::size_t limit,
                                                        std::stop_token stop) = 0;
  virtual void store_changed() = 0;
};

}  // namespace engram
