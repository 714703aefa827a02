#include "assist/navigation/stored_compiler_facts.h"

#include <algorithm>
#include <utility>

#include "assist/navigation/text_shift.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

namespace {

// Not written at the place: a conversion, a destructor, what a macro's body says.
constexpr std::uint16_t kUnwritten = kRoleImplicit | kRoleFromMacro;

std::string role_name(std::uint16_t roles) {
  if ((roles & kRoleDefinition) != 0) return "definition";
  if ((roles & kRoleDeclaration) != 0) return "declaration";
  if ((roles & kRoleExpansion) != 0) return "macro_use";
  if ((roles & kRoleCall) != 0) return "call";
  if ((roles & kRoleWrite) != 0) return "write";
  return "use";
}

Symbol symbol_of(const UnitSymbol& facts, const SemanticUse& use) {
  Symbol s;
  s.name = facts.name;
  if (facts.qualified_name.size() > facts.name.size() + 2 &&
      facts.qualified_name.ends_with("::" + facts.name)) {
    s.container =
        facts.qualified_name.substr(0, facts.qualified_name.size() - facts.name.size() - 2);
  }
  s.kind = facts.kind;
  s.is_definition = (use.roles & kRoleDefinition) != 0;
  s.is_local = facts.local;
  s.begin = s.name_begin = use.begin;
  s.end = s.name_end = use.end;
  s.signature = facts.signature;
  s.doc = facts.doc;
  return s;
}

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

SemanticReader* StoredCompilerFacts::reader() {
  if (!reader_ && !store_.empty()) {
    if (auto opened = SemanticReader::open(store_)) reader_ = *std::move(opened);
  }
  return reader_.get();
}

Result<std::vector<SymbolNumber>> StoredCompilerFacts::symbols_at(SourceTexts& texts,
                                                                  const SourceText& source,
                                                                  std::size_t offset, bool& moved) {
  std::vector<SymbolNumber> symbols;
  const auto at = static_cast<std::uint32_t>(offset);
  ENGRAM_TRY(uses, reader()->uses_at(source.path, source.content, at));
  moved = false;
  if (uses.empty()) {  // edited since the compiler read it?
    const auto stored = texts.stored(source.path);
    if (!stored) return symbols;
    const TextShift back(*source.text, *stored->text);
    const auto then = back.is_identity() ? std::nullopt : back.map(offset, offset);
    if (!then) return symbols;
    ENGRAM_TRY(older,
               reader()->uses_at(source.path, stored->content, static_cast<std::uint32_t>(*then)));
    uses = std::move(older);
    moved = true;
  }
  std::erase_if(uses, [](const SemanticUse& use) { return (use.roles & kUnwritten) != 0; });
  if (uses.empty()) return symbols;
  // Of the shortest name every meaning; what only names a constructor's class comes last.
  const std::uint32_t length = uses.front().end - uses.front().begin;
  for (const bool named_only : {false, true}) {
    for (const SemanticUse& use : uses) {
      const bool only = (use.roles & kRoleNameOnly) != 0;
      if (use.end - use.begin != length || only != named_only || use.symbol == kNone) continue;
      if (std::find(symbols.begin(), symbols.end(), use.symbol) == symbols.end()) {
        symbols.push_back(use.symbol);
      }
    }
  }
  return symbols;
}

Result<void> StoredCompilerFacts::add_places(SourceTexts& texts, SymbolNumber symbol,
                                             std::uint16_t roles, std::size_t limit, bool moved,
                                             std::vector<CompilerPlace>& out) {
  ENGRAM_TRY(facts, reader()->symbol(symbol));
  ENGRAM_TRY(sources, reader()->uses_of(symbol, roles, limit));
  for (const SourceUses& in : sources) {
    const SourceSnapshot now = texts.find_or_read(in.source.path, in.source.content);
    if (!now) continue;
    std::optional<TextShift> shift;
    if (now->content != in.source.content) {
      const auto stored = texts.stored(in.source.path);
      if (!stored || stored->content != in.source.content) continue;
      shift.emplace(*stored->text, *now->text);
    }
    for (const SemanticUse& use : in.uses) {
      if ((use.roles & kUnwritten) != 0) continue;
      const auto begin =
          shift ? shift->map(use.begin, use.end) : std::optional(std::size_t{use.begin});
      if (!begin || *begin + (use.end - use.begin) > now->text->size()) continue;
      SemanticUse place = use;
      place.begin = static_cast<std::uint32_t>(*begin);
      place.end = place.begin + (use.end - use.begin);
      const bool sure = !moved && !shift && (use.roles & kRoleInferred) == 0;
      CompilerPlace found{in.source.path,
                          place.begin,
                          place.end,
                          role_name(use.roles),
                          sure ? use.certainty : Certainty::kInferred,
                          std::nullopt};
      const bool names = (use.roles & (kRoleDefinition | kRoleDeclaration)) != 0;
      if (names) found.symbol = symbol_of(facts.facts, place);
      out.push_back(std::move(found));
    }
  }
  return {};
}

Result<std::vector<CompilerPlace>> StoredCompilerFacts::definitions(SourceTexts& texts,
                                                                    const SourceText& source,
                                                                    std::size_t offset,
                                                                    std::stop_token stop) {
  std::vector<CompilerPlace> out;
  if (reader() == nullptr) return out;
  bool moved = false;
  ENGRAM_TRY(symbols, symbols_at(texts, source, offset, moved));
  for (const SymbolNumber symbol : symbols) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    ENGRAM_TRY_VOID(
        add_places(texts, symbol, kRoleDefinition | kRoleDeclaration, 1000, moved, out));
    // The first meaning with a place is what was asked for; a class behind its constructor is not.
    if (!out.empty()) break;
  }
  return out;
}

Result<std::vector<CompilerPlace>> StoredCompilerFacts::references(SourceTexts& texts,
                                                                   const SourceText& source,
                                                                   std::size_t offset,
                                                                   std::size_t limit,
                                                                   std::stop_token stop) {
  std::vector<CompilerPlace> out;
  if (reader() == nullptr) return out;
  bool moved = false;
  ENGRAM_TRY(symbols, symbols_at(texts, source, offset, moved));
  for (const SymbolNumber symbol : symbols) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    ENGRAM_TRY_VOID(add_places(texts, symbol, kAllRoles, limit, moved, out));
  }
  if (out.size() > limit) out.resize(limit);
  return out;
}

}  // namespace

std::unique_ptr<CompilerFacts> stored_compiler_facts(std::filesystem::path store) {
  return std::make_unique<StoredCompilerFacts>(std::move(store));
}

}  // namespace engram
