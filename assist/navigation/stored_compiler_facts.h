// assist/navigation/stored_compiler_facts.h: compiler facts out of the workspace's semantic store.
//
// Facts are about texts known by their SHA-256. Where a file is now another text than the compiler
// read (edited, not indexed again), what stands before the first and behind the last difference is
// still where it was: those places are moved along, and say `inferred`; the rest is left out.
//
// Threads, errors: as CompilerFacts; no store, or a damaged one, has no answers.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "assist/navigation/compiler_facts.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

class StoredCompilerFacts final : public CompilerFacts {
 public:
  explicit StoredCompilerFacts(std::filesystem::path store) : store_(std::move(store)) {}

  Result<std::vector<CompilerPlace>> definitions(SourceTexts& texts, const SourceText& source,
                                                 std::size_t offset, std::stop_token stop) override;
  Result<std::vector<CompilerPlace>> references(SourceTexts& texts, const SourceText& source,
                                                std::size_t offset, std::size_t limit,
                                                std::stop_token stop) override;
  void store_changed() override { reader_.reset(); }

 private:
  SemanticReader* reader();
  // The symbols that the name at `offset` stands for; `moved`: the text is not the compiler's.
  Result<std::vector<SymbolNumber>> symbols_at(SourceTexts& texts, const SourceText& source,
                                               std::size_t offset, bool& moved);
  Result<void> add_places(SourceTexts& texts, SymbolNumber symbol, std::uint16_t roles,
                          std::size_t limit, bool moved, std::vector<CompilerPlace>& out);

  std::filesystem::path store_;
  std::unique_ptr<SemanticReader> reader_;
};

}  // namespace engram
