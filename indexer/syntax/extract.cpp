#include "indexer/syntax/extract.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "indexer/syntax/chunker.h"
#include "indexer/syntax/fact_assembly.h"
#include "indexer/syntax/fact_collector.h"
#include "indexer/syntax/grammar.h"
#include "indexer/syntax/language.h"
#include "indexer/syntax/query_set.h"
#include "indexer/syntax/raw_extraction.h"
#include "indexer/syntax/scanner_guard.h"

namespace engram {

namespace {

bool has_longer_line(const LineIndex& lines, std::size_t size, std::size_t max_bytes) {
  if (size <= max_bytes) return false;
  for (std::size_t i = 0; i < lines.line_count(); ++i) {
    if (lines.line_start(i + 1) - lines.line_start(i) > max_bytes) return true;
  }
  return false;
}

// No tree: lines, so that the text can still be found.
Extraction degraded(std::string_view language, std::string_view text, const LineIndex& lines,
                    const ExtractLimits& limits, std::string reason) {
  Extraction out;
  out.facts.language = language;
  out.facts.certainty = Certainty::kTextual;
  out.facts.lines = static_cast<std::uint32_t>(lines.line_count());
  out.facts.chunks = chunk_lines(text, limits.chunk_bytes);
  name_scopes(text, lines, {}, out.facts.chunks);
  out.limited_by = std::move(reason);
  return out;
}

// The top quarter of 32-bit offsets is left free for arithmetic.
bool is_too_large(std::string_view text, const ExtractLimits& limits) {
  return text.size() > std::min<std::size_t>(limits.max_bytes, 3u << 30);
}

}  // namespace

Result<RawExtraction> extract_raw(std::string_view language, std::string_view text,
                                  const LineIndex& lines, const ExtractLimits& limits,
                                  bool keep_scopes, std::stop_token stop) {
  const LanguageTraits* traits = language_traits(language);
  const TSLanguage* grammar = grammar_of(language);
  if (traits == nullptr || grammar == nullptr) {
    return Error{Errc::kInvalidArgument, "cannot extract facts of language \"" +
                                             std::string(language) + "\": no grammar for it"};
  }
  ENGRAM_TRY(matcher, matcher_of_thread(language));
  RawExtraction out;
  out.language = traits;
  if (is_too_large(text, limits)) {
    out.limited_by = "too_large";
  } else if (has_longer_line(lines, text.size(), limits.max_line_bytes)) {
    out.limited_by = "long_lines";
  } else if (breaks_scanner(traits->name, text)) {
    out.limited_by = "too_deep";
  }
  if (!out.limited_by.empty()) return out;
  ParseBudget budget;
  budget.time = limits.parse_time;
  budget.stop = stop;
  Parse parse = parse_text(grammar, text, budget);
  if (parse.end == ParseEnd::kStopped) return Error{Errc::kCancelled, "extraction was cancelled"};
  if (parse.end == ParseEnd::kTimeout) {
    out.limited_by = "parse_timeout";
    return out;
  }
  CollectLimits collect;
  collect.max_depth = limits.max_depth;
  collect.keep_scopes = keep_scopes;
  out.raw = collect_facts(parse.tree.get(), text, *matcher, collect);
  if (out.raw.too_deep) out.limited_by = "too_deep";
  out.tree = std::move(parse.tree);
  return out;
}

Result<Extraction> extract_facts(std::string_view language, std::string_view text,
                                 const ExtractLimits& limits, std::stop_token stop) {
  const bool too_large = is_too_large(text, limits);
  const std::string_view seen =
      too_large ? text.substr(0, utf8_floor(text, limits.max_bytes)) : text;
  const LineIndex lines(seen);
  ENGRAM_TRY(raw, extract_raw(language, text, lines, limits, false, stop));
  if (!raw.tree) return degraded(raw.language->name, seen, lines, limits, raw.limited_by);
  Extraction out;
  out.limited_by = std::move(raw.limited_by);
  out.facts = assemble_facts(text, lines, *raw.language, std::move(raw.raw));
  out.facts.chunks = chunk_tree(raw.tree.get(), text, limits.chunk_bytes, limits.max_depth);
  name_scopes(text, lines, out.facts.symbols, out.facts.chunks);
  if (stop.stop_requested()) return Error{Errc::kCancelled, "extraction was cancelled"};
  return out;
}

}  // namespace engram
