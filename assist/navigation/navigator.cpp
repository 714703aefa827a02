#include "assist/navigation/navigator.h"

#include <fmt/format.h>

#include <utility>

#include "assist/navigation/asked_place.h"
#include "assist/navigation/code_tokens.h"
#include "assist/navigation/found_places.h"
#include "assist/navigation/import_statements.h"
#include "assist/navigation/inlay_hints.h"
#include "assist/navigation/symbol_id.h"
#include "assist/navigation/syntax_relations.h"
#include "indexer/syntax/language.h"

namespace engram {

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
