// Navigator: where what stands at a position is defined and declared.
#include <algorithm>
#include <utility>

#include "assist/navigation/asked_place.h"
#include "assist/navigation/definition_search.h"
#include "assist/navigation/found_places.h"
#include "assist/navigation/import_statements.h"
#include "indexer/syntax/language.h"

namespace engram {
namespace {

constexpr std::size_t kMostSpelled = 100;

}  // namespace

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

}  // namespace engram
