#include "assist/navigation/navigator.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "assist/navigation/code_tokens.h"
#include "assist/navigation/definition_search.h"
#include "assist/navigation/found_places.h"
#include "assist/navigation/import_statements.h"
#include "assist/navigation/inlay_hints.h"
#include "assist/navigation/macro_words.h"
#include "assist/navigation/stored_places.h"
#include "assist/navigation/symbol_id.h"
#include "assist/navigation/syntax_relations.h"
#include "indexer/syntax/language.h"

namespace engram {

namespace {

constexpr std::size_t kMostSpelled = 100;

bool is_elsewhere_too(const Symbol& s) { return !s.is_local; }

// No unit with its own command says it: commands were guessed, or all had errors. Then the
// compiler may not have read all there is.
bool is_guess(const std::vector<FoundPlace>& places) {
  return !places.empty() && std::none_of(places.begin(), places.end(), [](const FoundPlace& p) {
    return p.certainty == Certainty::kSemantic;
  });
}

}  // namespace

// A position with the name that stands there, if any.
struct Navigator::Asked {
  SourceSnapshot source;
  NamesSnapshot names;
  const FileName* name = nullptr;
  std::size_t offset = 0;
  std::shared_ptr<const MacroWord> macro_word;  // then `name` is its name

  const Symbol* symbol() const {
    return name != nullptr && name->symbol >= 0
               ? &names->symbols[static_cast<std::size_t>(name->symbol)]
               : nullptr;
  }
};

Navigator::Navigator(std::filesystem::path root, std::filesystem::path store,
                     std::unique_ptr<CompilerFacts> compiler)
    : texts_(std::move(root), std::move(store)), compiler_(std::move(compiler)) {}

Navigator::~Navigator() = default;

void Navigator::set_open(std::vector<OpenText> open) { texts_.set_open(std::move(open)); }

void Navigator::store_changed() {
  texts_.store_changed();
  if (compiler_) compiler_->store_changed();
}

SourceTexts& Navigator::texts() { return texts_; }

// `const { run } = require("./lib")` defines run here, but only as a name for another's.
bool Navigator::is_import_of_another(const Asked& asked) {
  const Symbol* s = asked.symbol();
  if (s == nullptr || language_family(asked.source->language) != "javascript") return false;
  for (const ImportedName& import : read_imports(*asked.source->text, *asked.names)) {
    const bool here = asked.source->lines.line_of(import.begin) + 1 == s->line;
    if (here && import.local == s->name) return true;
  }
  return false;
}

Result<Navigator::Asked> Navigator::ask_without_names(const CodePlace& at) {
  Asked asked;
  asked.offset = at.offset;
  asked.source = texts_.find(at.path);
  if (!asked.source) {
    return Error{Errc::kNotFound, fmt::format("cannot look into '{}': it is neither open nor a "
                                              "readable file of this workspace",
                                              at.path)};
  }
  if (at.offset > asked.source->text->size()) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("the offset {} lies outside '{}', which has {} bytes", at.offset,
                             at.path, asked.source->text->size())};
  }
  return asked;
}

// Parses the file, unless that was done for an earlier question.
Result<void> Navigator::add_names(Asked& asked, std::stop_token stop) {
  asked.names = texts_.find_names(asked.source->path, stop);
  if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
  if (asked.names) asked.name = asked.names->at(asked.offset);
  if (asked.names && asked.name == nullptr && language_family(asked.source->language) == "c") {
    if (auto word = macro_word_at(*asked.source->text, asked.offset)) {
      asked.macro_word = std::make_shared<const MacroWord>(*std::move(word));
      asked.name = &asked.macro_word->name;
    }
  }
  return {};
}

Result<Navigator::Asked> Navigator::ask(const CodePlace& at, std::stop_token stop) {
  ENGRAM_TRY(asked, ask_without_names(at));
  ENGRAM_TRY_VOID(add_names(asked, stop));
  return asked;
}

Result<std::vector<FoundPlace>> Navigator::defined_here(const Asked& asked) {
  std::vector<FoundPlace> out;
  if (asked.macro_word && asked.macro_word->parameter) {
    const std::uint32_t at = *asked.macro_word->parameter;
    const auto length = static_cast<std::uint32_t>(asked.name->name.size());
    out.push_back({asked.source, at, at + length, "definition", Certainty::kSyntactic, {}});
  }
  if (asked.name->group < 0) return out;
  for (const std::int32_t i : asked.names->groups[static_cast<std::size_t>(asked.name->group)]) {
    out.push_back(place_of_symbol(asked.source, asked.names->symbols[static_cast<std::size_t>(i)],
                                  Certainty::kSyntactic));
  }
  // What C and C++ declare here is defined in another file, and the other way round.
  const Symbol& s = *asked.symbol();
  if (!is_elsewhere_too(s) || language_family(asked.source->language) != "c") return out;
  ENGRAM_TRY(hits, texts_.symbols(s.name, 200));
  for (const SymbolHit& hit : hits) {
    if (hit.path == asked.source->path || hit.symbol.container != s.container) continue;
    if (language_family(hit.language) != "c") continue;
    const SourceSnapshot source = texts_.find(hit.path);
    if (source) out.push_back(place_of_symbol(source, hit.symbol, Certainty::kTextual));
  }
  return out;
}

Result<std::vector<FoundPlace>> Navigator::defined_elsewhere(const Asked& asked,
                                                             std::stop_token stop) {
  ENGRAM_TRY(found, search_definitions(texts_, {*asked.source, *asked.names, *asked.name}, stop));
  if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
  std::vector<FoundPlace> out;
  if (found.empty() && compiler_ && language_family(asked.source->language) == "c") {
    // What no unit compiled may still use what others did: system headers are known to it alone.
    ENGRAM_TRY(known, compiler_->named(texts_, asked.name->name, stop));
    return from_compiler(texts_, known);
  }
  for (const FoundDefinition& d : found) {
    const SourceSnapshot source = texts_.find(d.path);
    if (!source) continue;
    out.push_back(d.symbol ? place_of_symbol(source, *d.symbol, d.certainty)
                           : FoundPlace{source, 0, 0, "definition", d.certainty, std::nullopt});
  }
  return out;
}

Result<std::vector<FoundPlace>> Navigator::spelled(const Asked& asked, bool with_uses,
                                                   std::size_t limit, std::stop_token stop) {
  std::vector<FoundPlace> out;
  if (!compiler_ || language_family(asked.source->language) != "c") return out;
  const auto word = code_word_at(*asked.source->text, asked.offset);
  if (!word) return out;
  ENGRAM_TRY(known, compiler_->spelled(texts_, *word, with_uses, limit, stop));
  return from_compiler(texts_, known);
}

Result<std::vector<FoundPlace>> Navigator::definition(const CodePlace& at, std::stop_token stop) {
  ENGRAM_TRY(asked, ask_without_names(at));
  if (compiler_) {
    ENGRAM_TRY(known, compiler_->definitions(texts_, *asked.source, at.offset, stop));
    std::vector<FoundPlace> places = from_compiler(texts_, known);
    keep_definitions(places);
    if (is_guess(places)) ENGRAM_TRY_VOID(find_unread_definition(asked, places, stop));
    if (!places.empty()) return places;
  }
  ENGRAM_TRY_VOID(add_names(asked, stop));
  if (asked.name == nullptr) return spelled(asked, false, kMostSpelled, stop);
  std::vector<FoundPlace> here;
  if (!is_import_of_another(asked)) {
    ENGRAM_TRY(known, defined_here(asked));
    here = std::move(known);
  }
  if (here.empty()) {
    ENGRAM_TRY(elsewhere, defined_elsewhere(asked, stop));
    here = std::move(elsewhere);
  }
  keep_definitions(here);
  return here;
}

Result<std::vector<FoundPlace>> Navigator::declaration(const CodePlace& at, std::stop_token stop) {
  ENGRAM_TRY(asked, ask_without_names(at));
  std::vector<FoundPlace> places;
  if (compiler_) {
    ENGRAM_TRY(known, compiler_->definitions(texts_, *asked.source, at.offset, stop));
    places = from_compiler(texts_, known);
  }
  if (places.empty()) ENGRAM_TRY_VOID(add_names(asked, stop));
  if (places.empty() && asked.name != nullptr) {
    ENGRAM_TRY(here, defined_here(asked));
    places = std::move(here);
    if (places.empty()) {
      ENGRAM_TRY(elsewhere, defined_elsewhere(asked, stop));
      places = std::move(elsewhere);
    }
  }
  const auto declares = [](const FoundPlace& p) { return p.role == "declaration"; };
  if (std::any_of(places.begin(), places.end(), declares)) {
    std::erase_if(places, [&](const FoundPlace& p) { return !declares(p); });
  }
  return places;
}

// An edited text has names that the compiler has not seen; then the scopes know better.
Result<std::vector<FoundPlace>> Navigator::compiled_highlights(const Asked& asked) {
  std::vector<FoundPlace> out;
  ENGRAM_TRY(known, compiler_->names(texts_, *asked.source));
  if (!known || !known->fresh) return out;
  const std::string_view text = *asked.source->text;
  const CompiledName* best = nullptr;  // the shortest that holds the place, as it is written
  const auto is_written = [&](const CompiledName& name) {
    return text.substr(name.begin, name.end - name.begin) == known->symbols[name.symbol].name;
  };
  for (const CompiledName& name : known->names) {
    if (name.begin > asked.offset || asked.offset > name.end || name.end > text.size()) continue;
    const auto worth = [&](const CompiledName& one) {
      return std::tuple(!is_written(one), (one.roles & kRoleNameOnly) != 0, one.end - one.begin);
    };
    if (best == nullptr || worth(name) < worth(*best)) best = &name;
  }
  if (best == nullptr) return out;
  const std::uint32_t symbol = best->symbol;
  for (const CompiledName& name : known->names) {
    if (name.symbol != symbol || name.end > text.size()) continue;
    if (!out.empty() && out.back().begin == name.begin) continue;
    out.push_back({asked.source, name.begin, name.end, role_name(name.roles), name.certainty, {}});
  }
  return out;
}

Result<std::vector<FoundPlace>> Navigator::highlights(const CodePlace& at, std::stop_token stop) {
  ENGRAM_TRY(asked, ask_without_names(at));
  if (compiler_) {
    ENGRAM_TRY(known, compiled_highlights(asked));
    if (!known.empty()) return known;
  }
  ENGRAM_TRY_VOID(add_names(asked, stop));
  std::vector<FoundPlace> out;
  if (asked.name == nullptr) return out;
  const Certainty certainty = asked.name->group >= 0 ? Certainty::kSyntactic : Certainty::kTextual;
  for (const FileName& name : asked.names->names) {
    if (name.group != asked.name->group || name.name != asked.name->name) continue;
    out.push_back(place_of_name(asked.source, *asked.names, name, certainty));
  }
  return out;
}

void Navigator::add_references(const Asked& asked, const ReferenceOptions& options,
                               std::vector<ReferenceHit> hits, std::vector<FoundPlace>& out) {
  const std::string_view family = language_family(asked.source->language);
  for (const ReferenceHit& hit : hits) {
    if (out.size() >= options.limit) return;
    if (hit.path == asked.source->path || language_family(language_of(hit.path)) != family)
      continue;
    const SourceSnapshot source = texts_.find(hit.path);
    if (!source || hit.reference.end > source->text->size()) continue;
    out.push_back({source, hit.reference.begin, hit.reference.end,
                   std::string(to_string(hit.reference.kind)), hit.certainty, std::nullopt});
  }
}

// By name, in other files; `unread`: only in those that no unit of the compiler's has read.
Result<void> Navigator::add_elsewhere(const Asked& asked, const ReferenceOptions& options,
                                      bool unread, std::vector<FoundPlace>& out) {
  std::map<std::string, bool, std::less<>> wanted;
  const auto keep = [&](const std::string& path) -> Result<bool> {
    const auto [it, added] = wanted.try_emplace(path, true);
    if (!added || !unread) return it->second;
    ENGRAM_TRY(read, compiler_->has_read(path));
    return it->second = !read;
  };
  ENGRAM_TRY(all, texts_.references(asked.name->name, options.limit));
  std::vector<ReferenceHit> hits;
  for (ReferenceHit& hit : all) {
    ENGRAM_TRY(kept, keep(hit.path));
    if (kept) hits.push_back(std::move(hit));
  }
  add_references(asked, options, std::move(hits), out);
  if (!options.include_declaration) return {};
  const Symbol* symbol = asked.symbol();
  ENGRAM_TRY(symbols, texts_.symbols(asked.name->name, options.limit));
  for (const SymbolHit& hit : symbols) {
    const bool other = symbol != nullptr && hit.symbol.container != symbol->container;
    if (hit.path == asked.source->path || other) continue;
    if (language_family(hit.language) != language_family(asked.source->language)) continue;
    ENGRAM_TRY(kept, keep(hit.path));
    if (!kept) continue;
    if (const SourceSnapshot source = texts_.find(hit.path)) {
      out.push_back(place_of_symbol(source, hit.symbol, Certainty::kTextual));
    }
  }
  return {};
}

namespace {

std::vector<FoundPlace> wanted(std::vector<FoundPlace> places,
                               const Navigator::ReferenceOptions& options) {
  if (!options.include_declaration) {
    std::erase_if(places, [](const FoundPlace& p) {
      return p.role == "definition" || p.role == "declaration";
    });
  }
  return places;
}

}  // namespace

Result<void> Navigator::add_unread_references(Asked& asked, const ReferenceOptions& options,
                                              std::vector<FoundPlace>& places,
                                              std::stop_token stop) {
  ENGRAM_TRY_VOID(add_names(asked, stop));
  if (asked.name == nullptr) return {};
  const Symbol* symbol = asked.symbol();
  if (symbol != nullptr && !is_elsewhere_too(*symbol)) return {};
  ENGRAM_TRY_VOID(add_elsewhere(asked, options, true, places));
  sort_places(places, asked.source->path);
  if (places.size() > options.limit) places.resize(options.limit);
  return {};
}

// Where the compiler knows declarations alone, a file that it has not read may define it.
Result<void> Navigator::find_unread_definition(Asked& asked, std::vector<FoundPlace>& places,
                                               std::stop_token stop) {
  const auto defines = [](const FoundPlace& p) { return p.role == "definition"; };
  if (std::any_of(places.begin(), places.end(), defines)) return {};
  ENGRAM_TRY_VOID(add_names(asked, stop));
  if (asked.name == nullptr) return {};
  ENGRAM_TRY(elsewhere, defined_elsewhere(asked, stop));
  std::vector<FoundPlace> found;
  for (FoundPlace& place : elsewhere) {
    ENGRAM_TRY(read, compiler_->has_read(place.source->path));
    if (!read && defines(place)) found.push_back(std::move(place));
  }
  if (!found.empty()) places = std::move(found);
  return {};
}

Result<std::vector<FoundPlace>> Navigator::references(const CodePlace& at,
                                                      const ReferenceOptions& options,
                                                      std::stop_token stop) {
  ENGRAM_TRY(asked, ask_without_names(at));
  if (compiler_) {
    ENGRAM_TRY(known, compiler_->references(texts_, *asked.source, at.offset, options.limit, stop));
    std::vector<FoundPlace> places = wanted(from_compiler(texts_, known), options);
    if (is_guess(places)) ENGRAM_TRY_VOID(add_unread_references(asked, options, places, stop));
    if (!places.empty()) return places;
  }
  ENGRAM_TRY_VOID(add_names(asked, stop));
  if (asked.name == nullptr) {
    ENGRAM_TRY(places, spelled(asked, true, options.limit, stop));
    return wanted(std::move(places), options);
  }
  std::vector<FoundPlace> out;
  // In its own file: its group, and the same name where nobody can tell.
  const Symbol* symbol = asked.symbol();
  const bool shared = symbol == nullptr || is_elsewhere_too(*symbol);
  for (const FileName& name : asked.names->names) {
    if (name.name != asked.name->name || (name.defines && !options.include_declaration)) continue;
    const bool same = name.group == asked.name->group;
    if (!same && !(shared && name.group < 0)) continue;
    const bool certain = same && name.group >= 0;
    out.push_back(place_of_name(asked.source, *asked.names, name,
                                certain ? Certainty::kSyntactic : Certainty::kTextual));
  }
  if (shared && asked.name->kind != ReferenceKind::kImport) {
    ENGRAM_TRY_VOID(add_elsewhere(asked, options, false, out));
  }
  if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
  sort_places(out, asked.source->path);
  if (out.size() > options.limit) out.resize(options.limit);
  return out;
}

Result<std::vector<RelatedSymbol>> Navigator::related(const CodePlace& at, SymbolRelation relation,
                                                      std::stop_token stop) {
  ENGRAM_TRY(asked, ask_without_names(at));
  if (compiler_) {
    ENGRAM_TRY(known, compiler_->related(texts_, *asked.source, at.offset, relation, stop));
    if (known) return from_compiler(texts_, *known);
  }
  return related_by_syntax(*this, at, relation, stop);
}

Result<std::vector<RelatedSymbol>> Navigator::related_to(const SymbolKey& symbol,
                                                         std::string_view name,
                                                         SymbolRelation relation,
                                                         std::stop_token stop) {
  if (!compiler_) return std::vector<RelatedSymbol>();
  texts_.begin_query();
  ENGRAM_TRY(known, compiler_->related_to(texts_, symbol, name, relation, stop));
  return from_compiler(texts_, known);
}

Result<std::vector<CodeToken>> Navigator::tokens(const std::string& path, std::stop_token stop) {
  ENGRAM_TRY(asked, ask({path, 0}, stop));
  std::vector<CodeToken> out;
  if (asked.names) out = syntax_tokens(*asked.names);
  if (!compiler_) return out;
  ENGRAM_TRY(known, compiler_->names(texts_, *asked.source));
  if (known) out = filled_up(compiler_tokens(*known), out);
  return out;
}

Result<std::vector<InlayHint>> Navigator::hints(const std::string& path, std::size_t begin,
                                                std::size_t end, std::stop_token stop) {
  ENGRAM_TRY(asked, ask({path, 0}, stop));
  std::optional<CompiledNames> known;
  if (compiler_) {
    ENGRAM_TRY(told, compiler_->names(texts_, *asked.source));
    known = std::move(told);
  }
  return inlay_hints(*this, *asked.source, known, begin, end, stop);
}

Result<std::optional<HoverText>> Navigator::hover(const CodePlace& at, std::stop_token stop) {
  ENGRAM_TRY(places, definition(at, stop));
  std::optional<HoverText> out;
  if (places.empty()) return out;
  out.emplace();
  out->place = std::move(places.front());
  out->others = places.size() - 1;
  ENGRAM_TRY(asked, ask(at, stop));
  if (asked.name != nullptr) {
    out->begin = asked.name->begin;
    out->end = asked.name->end;
  }
  if (out->place.symbol)
    out->qualified_name = qualified_name(out->place.source->language, *out->place.symbol);
  return out;
}

Result<std::vector<FoundSymbol>> Navigator::workspace_symbols(const std::string& query,
                                                              std::size_t limit,
                                                              std::stop_token stop) {
  std::vector<FoundSymbol> out;
  texts_.begin_query();
  const std::size_t split = query.find_last_of(":.");
  const std::string name = split == std::string::npos ? query : query.substr(split + 1);
  std::string owner = split == std::string::npos ? std::string() : query.substr(0, split);
  while (!owner.empty() && (owner.back() == ':' || owner.back() == '.')) owner.pop_back();
  if (name.empty()) return out;
  ENGRAM_TRY(hits, texts_.matching_symbols(name, owner.empty() ? limit : limit * 20));
  for (SymbolHit& hit : hits) {
    if (stop.stop_requested()) return Error{Errc::kCancelled, "the question was taken back"};
    const std::string& container = hit.symbol.container;
    if (!owner.empty() && container != owner && !container.ends_with("::" + owner) &&
        !container.ends_with("." + owner)) {
      continue;
    }
    if (out.size() >= limit) break;
    if (SourceSnapshot source = texts_.find(hit.path)) {
      out.push_back({std::move(hit), std::move(source)});
    }
  }
  return out;
}

}  // namespace engram
