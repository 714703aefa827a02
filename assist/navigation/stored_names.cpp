#include "assist/navigation/stored_names.h"

#include <map>

#include "assist/navigation/stored_places.h"

namespace engram {

namespace {

// Fills in the symbols; answers the index of each number.
Result<std::map<SymbolNumber, std::uint32_t>> add_symbols(SemanticReader& reader,
                                                          const std::vector<SemanticUse>& uses,
                                                          CompiledNames& out) {
  std::map<SymbolNumber, std::uint32_t> index;
  for (const SemanticUse& use : uses) index.emplace(use.symbol, 0);
  std::vector<SymbolNumber> numbers;
  for (auto& [number, at] : index) {
    at = static_cast<std::uint32_t>(numbers.size());
    numbers.push_back(number);
  }
  ENGRAM_TRY(symbols, reader.symbols(numbers));
  for (SemanticSymbol& symbol : symbols) out.symbols.push_back(std::move(symbol.facts));
  return index;
}

}  // namespace

Result<std::optional<CompiledNames>> stored_names(SemanticReader& reader, SourceTexts& texts,
                                                  const SourceText& source) {
  std::optional<CompiledNames> out;
  ENGRAM_TRY(facts, reader.facts(source.path, source.content));
  std::optional<TextShift> shift;
  if (!facts) {
    const auto stored = texts.stored(source.path);
    if (!stored || stored->content == source.content) return out;
    ENGRAM_TRY(older, reader.facts(source.path, stored->content));
    facts = std::move(older);
    shift.emplace(*stored->text, *source.text);
  }
  if (!facts) return out;
  std::erase_if(facts->uses, [](const SemanticUse& use) {
    return (use.roles & kUnwritten) != 0 || use.begin == use.end;
  });
  out.emplace();
  out->fresh = !shift;
  ENGRAM_TRY(index, add_symbols(reader, facts->uses, *out));
  for (const SemanticUse& use : facts->uses) {
    const auto begin =
        shift ? shift->map(use.begin, use.end) : std::optional(std::size_t{use.begin});
    if (!begin) continue;
    const auto at = static_cast<std::uint32_t>(*begin);
    const bool sure = !shift && (use.roles & kRoleInferred) == 0;
    out->names.push_back({at, at + (use.end - use.begin), index[use.symbol], use.roles,
                          sure ? use.certainty : Certainty::kInferred});
  }
  return out;
}

}  // namespace engram
