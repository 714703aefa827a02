#include "assist/navigation/stored_compiler_facts.h"

#include <algorithm>
#include <utility>

#include "assist/navigation/stored_names.h"
#include "assist/navigation/stored_places.h"
#include "assist/navigation/stored_relations.h"
#include "memory/semantic/semantic_reader.h"

namespace engram {

namespace {

constexpr std::size_t kMostNamed = 30;

constexpr std::uint16_t kNames = kRoleDefinition | kRoleDeclaration;
constexpr std::size_t kMostRelated = 2000;

class StoredCompilerFacts final : public CompilerFacts {
 public:
  explicit StoredCompilerFacts(std::filesystem::path store) : store_(std::move(store)) {}

  Result<std::vector<CompilerPlace>> definitions(SourceTexts& texts, const SourceText& source,
                                                 std::size_t offset, std::stop_token stop) override;
  Result<std::vector<CompilerPlace>> named(SourceTexts& texts, std::string_view name,
                                           std::stop_token stop) override;
  Result<std::vector<CompilerPlace>> spelled(SourceTexts& texts, std::string_view name,
                                             bool with_uses, std::size_t limit,
                                             std::stop_token stop) override;
  Result<std::vector<CompilerPlace>> references(SourceTexts& texts, const SourceText& source,
                                                std::size_t offset, std::size_t limit,
                                                std::stop_token stop) override;
  Result<std::optional<std::vector<CompilerRelated>>> related(SourceTexts& texts,
                                                              const SourceText& source,
                                                              std::size_t offset,
                                                              SymbolRelation relation,
                                                              std::stop_token stop) override;
  Result<std::vector<CompilerRelated>> related_to(SourceTexts& texts, const SymbolKey& key,
                                                  std::string_view name, SymbolRelation relation,
                                                  std::stop_token stop) override;
  Result<std::optional<CompiledNames>> names(SourceTexts& texts,
                                             const SourceText& source) override {
    if (reader() == nullptr) return std::optional<CompiledNames>();
    return stored_names(*reader(), texts, source);
  }
  Result<bool> has_read(std::string_view path) override {
    if (reader() == nullptr) return false;
    ENGRAM_TRY(sources, reader()->sources_of(path));
    return !sources.empty();
  }
  void store_changed() override { reader_.reset(); }

 private:
  SemanticReader* reader();
  // The symbols that the name at `offset` stands for; `moved`: the text is not the compiler's.
  Result<std::vector<SymbolNumber>> symbols_at(SourceTexts& texts, const SourceText& source,
                                               std::size_t offset, bool& moved);
  Result<void> add_specialisations(std::vector<SymbolNumber>& symbols);
  Result<void> keep_written(std::string_view text, std::vector<SemanticUse>& uses);
  // `left_out`: places with any of these roles are.
  Result<void> add_places(StoredPlaces& places, SymbolNumber symbol, std::uint16_t roles,
                          std::uint16_t left_out, std::size_t limit,
                          std::vector<CompilerPlace>& out);
  Result<void> add_names(StoredPlaces& places, SymbolNumber symbol,
                         std::vector<CompilerPlace>& out);
  Result<std::optional<CompilerPlace>> best_place(StoredPlaces& places, SymbolNumber symbol);
  Result<std::vector<CompilerRelated>> related_of(StoredPlaces& places, SymbolNumber symbol,
                                                  SymbolRelation relation, std::stop_token stop);

  std::filesystem::path store_;
  std::unique_ptr<SemanticReader> reader_;
};

SemanticReader* StoredCompilerFacts::reader() {
  if (!reader_ && !store_.empty()) {
    if (auto opened = SemanticReader::open(store_)) reader_ = *std::move(opened);
  }
  return reader_.get();
}

// Conversions are told where what they convert is named: `f(text)` also calls the constructor of a
// view. Where anything has the name that is written, the rest was not asked for.
Result<void> StoredCompilerFacts::keep_written(std::string_view text,
                                               std::vector<SemanticUse>& uses) {
  if (uses.size() < 2) return {};
  std::vector<SymbolNumber> numbers;
  for (const SemanticUse& use : uses) numbers.push_back(use.symbol);
  ENGRAM_TRY(symbols, reader()->symbols(numbers));
  std::vector<SemanticUse> written;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const SemanticUse& use = uses[i];
    const std::string& name = symbols[i].facts.name;
    if (use.end <= text.size() && text.substr(use.begin, use.end - use.begin) == name) {
      written.push_back(use);
    }
  }
  if (!written.empty()) uses = std::move(written);
  return {};
}

Result<std::vector<SymbolNumber>> StoredCompilerFacts::symbols_at(SourceTexts& texts,
                                                                  const SourceText& source,
                                                                  std::size_t offset, bool& moved) {
  std::vector<SymbolNumber> symbols;
  const auto at = static_cast<std::uint32_t>(offset);
  ENGRAM_TRY(uses, reader()->uses_at(source.path, source.content, at));
  moved = false;
  auto text = source.text;
  if (uses.empty()) {  // edited since the compiler read it?
    const auto stored = texts.stored(source.path);
    if (!stored) return symbols;
    text = stored->text;
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
  ENGRAM_TRY_VOID(keep_written(*text, uses));
  // Of the shortest name every meaning; what only names a constructor's class comes last.
  const std::uint32_t length = uses.front().end - uses.front().begin;
  for (const bool named_only : {false, true}) {
    for (const SemanticUse& use : uses) {
      const bool only = (use.roles & kRoleNameOnly) != 0;
      if (use.end - use.begin != length || only != named_only) continue;
      if (std::find(symbols.begin(), symbols.end(), use.symbol) == symbols.end()) {
        symbols.push_back(use.symbol);
      }
    }
  }
  return symbols;
}

// A template and its specialisations have one name: whoever asks for the uses of one means all.
Result<void> StoredCompilerFacts::add_specialisations(std::vector<SymbolNumber>& symbols) {
  const auto add = [&](SymbolNumber symbol) {
    if (symbols.size() >= kMostRelated) return;
    if (std::find(symbols.begin(), symbols.end(), symbol) == symbols.end()) {
      symbols.push_back(symbol);
    }
  };
  std::vector<SymbolNumber> templates = symbols;
  for (const SymbolNumber symbol : symbols) {
    ENGRAM_TRY(links, reader()->links_from(symbol));
    for (const SemanticLink& link : links) {
      if (link.kind == RelationKind::kSpecialises) templates.push_back(link.to);
    }
  }
  for (const SymbolNumber pattern : templates) {
    ENGRAM_TRY(links, reader()->links_to(pattern));
    add(pattern);
    for (const SemanticLink& link : links) {
      if (link.kind == RelationKind::kSpecialises) add(link.from);
    }
  }
  return {};
}

Result<void> StoredCompilerFacts::add_places(StoredPlaces& places, SymbolNumber symbol,
                                             std::uint16_t roles, std::uint16_t left_out,
                                             std::size_t limit, std::vector<CompilerPlace>& out) {
  ENGRAM_TRY(facts, reader()->symbol(symbol));
  ENGRAM_TRY(sources, reader()->uses_of(symbol, roles, limit));
  std::size_t found_uses = 0;
  for (const SourceUses& in : sources) found_uses += in.uses.size();
  out.reserve(out.size() + found_uses);
  places.read_ahead(sources);
  for (const SourceUses& in : sources) {
    for (const SemanticUse& use : in.uses) {
      if ((use.roles & left_out) != 0) continue;
      auto found = (use.roles & kNames) != 0 ? places.place(in.source, use, facts.facts)
                                             : places.place(in.source, use);
      if (found) out.push_back(std::move(*found));
    }
  }
  return {};
}

// Where its name is written; of what only macros define, where they are used.
Result<void> StoredCompilerFacts::add_names(StoredPlaces& places, SymbolNumber symbol,
                                            std::vector<CompilerPlace>& out) {
  const std::size_t before = out.size();
  ENGRAM_TRY_VOID(add_places(places, symbol, kNames, kUnwritten, 1000, out));
  if (out.size() > before) return {};
  return add_places(places, symbol, kNames, kRoleImplicit, 1000, out);
}

// Where it is defined, else declared; what a macro wrote counts as well.
Result<std::optional<CompilerPlace>> StoredCompilerFacts::best_place(StoredPlaces& places,
                                                                     SymbolNumber symbol) {
  ENGRAM_TRY(facts, reader()->symbol(symbol));
  ENGRAM_TRY(sources, reader()->uses_of(symbol, kNames));
  for (const std::uint16_t role : {kRoleDefinition, kRoleDeclaration}) {
    for (const SourceUses& in : sources) {
      for (const SemanticUse& use : in.uses) {
        if ((use.roles & role) == 0 || (use.roles & kRoleImplicit) != 0) continue;
        if (auto found = places.place(in.source, use, facts.facts)) return found;
      }
    }
  }
  return std::optional<CompilerPlace>();
}

Result<std::vector<CompilerRelated>> StoredCompilerFacts::related_of(StoredPlaces& places,
                                                                     SymbolNumber symbol,
                                                                     SymbolRelation relation,
                                                                     std::stop_token stop) {
  std::vector<CompilerRelated> out;
  ENGRAM_TRY(found, related_symbols(*reader(), symbol, relation, kMostRelated, stop));
  for (const StoredRelated& one : found) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    ENGRAM_TRY(place, best_place(places, one.symbol));
    if (!place) continue;
    CompilerRelated related{std::move(*place)};
    for (const StoredUse& call : one.calls) {
      if (auto at = places.place(call.source, call.use)) related.calls.push_back(std::move(*at));
    }
    out.push_back(std::move(related));
  }
  return out;
}

Result<std::vector<CompilerPlace>> StoredCompilerFacts::definitions(SourceTexts& texts,
                                                                    const SourceText& source,
                                                                    std::size_t offset,
                                                                    std::stop_token stop) {
  std::vector<CompilerPlace> out;
  if (reader() == nullptr) return out;
  bool moved = false;
  ENGRAM_TRY(symbols, symbols_at(texts, source, offset, moved));
  StoredPlaces places(texts, moved);
  for (const SymbolNumber symbol : symbols) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    ENGRAM_TRY_VOID(add_names(places, symbol, out));
    // The first meaning with a place is what was asked for; a class behind its constructor is not.
    if (!out.empty()) break;
  }
  return out;
}

Result<std::vector<CompilerPlace>> StoredCompilerFacts::named(SourceTexts& texts,
                                                              std::string_view name,
                                                              std::stop_token stop) {
  std::vector<CompilerPlace> out;
  if (reader() == nullptr) return out;
  ENGRAM_TRY(symbols, reader()->named(name));
  StoredPlaces places(texts, false);
  for (const SymbolNumber symbol : symbols) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    ENGRAM_TRY_VOID(add_names(places, symbol, out));
    if (out.size() >= kMostNamed) break;
  }
  if (out.size() > kMostNamed) out.resize(kMostNamed);
  for (CompilerPlace& place : out) place.certainty = Certainty::kTextual;
  return out;
}

Result<std::vector<CompilerPlace>> StoredCompilerFacts::spelled(SourceTexts& texts,
                                                                std::string_view name,
                                                                bool with_uses, std::size_t limit,
                                                                std::stop_token stop) {
  std::vector<CompilerPlace> out;
  if (reader() == nullptr) return out;
  ENGRAM_TRY(symbols, reader()->named(name));
  StoredPlaces places(texts, false);
  for (const SymbolNumber symbol : symbols) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    ENGRAM_TRY(facts, reader()->symbol(symbol));
    const SymbolKind kind = facts.facts.kind;
    if (kind != SymbolKind::kMacro && kind != SymbolKind::kTypeAlias) continue;
    ENGRAM_TRY_VOID(with_uses ? add_places(places, symbol, kAllRoles, kRoleImplicit, limit, out)
                              : add_names(places, symbol, out));
  }
  if (out.size() > limit) out.resize(limit);
  for (CompilerPlace& place : out) place.certainty = Certainty::kTextual;
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
  ENGRAM_TRY_VOID(add_specialisations(symbols));
  StoredPlaces places(texts, moved);
  for (const SymbolNumber symbol : symbols) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    // What a macro's body uses counts where the macro is used.
    ENGRAM_TRY_VOID(add_places(places, symbol, kAllRoles, kRoleImplicit, limit, out));
  }
  if (out.size() > limit) out.resize(limit);
  return out;
}

Result<std::optional<std::vector<CompilerRelated>>> StoredCompilerFacts::related(
    SourceTexts& texts, const SourceText& source, std::size_t offset, SymbolRelation relation,
    std::stop_token stop) {
  std::optional<std::vector<CompilerRelated>> out;
  if (reader() == nullptr) return out;
  bool moved = false;
  ENGRAM_TRY(symbols, symbols_at(texts, source, offset, moved));
  StoredPlaces places(texts, moved);
  for (const SymbolNumber symbol : symbols) {
    ENGRAM_TRY(found, related_of(places, symbol, relation, stop));
    out = std::move(found);
    if (!out->empty()) break;  // of a class behind its constructor nobody asked
  }
  return out;
}

Result<std::vector<CompilerRelated>> StoredCompilerFacts::related_to(SourceTexts& texts,
                                                                     const SymbolKey& key,
                                                                     std::string_view name,
                                                                     SymbolRelation relation,
                                                                     std::stop_token stop) {
  std::vector<CompilerRelated> none;
  if (reader() == nullptr) return none;
  ENGRAM_TRY(symbol, reader()->number_of(key, name));
  if (!symbol) return none;
  StoredPlaces places(texts, false);
  return related_of(places, *symbol, relation, stop);
}

}  // namespace

std::unique_ptr<CompilerFacts> stored_compiler_facts(std::filesystem::path store) {
  return std::make_unique<StoredCompilerFacts>(std::move(store));
}

}  // namespace engram
