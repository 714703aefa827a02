#include "cli/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "cli/progress.h"
#include "indexer/scan/nothing_left.h"

namespace engram::cli {

Result<CompleterOptions> completer_options_from(const Settings& settings) {
  CompleterOptions options;
  const std::string sure = settings.text("completion.min_confidence");
  double value = 0;
  const auto read = std::from_chars(sure.data(), sure.data() + sure.size(), value);
  if (read.ec == std::errc()) {
    options.min_confidence = options.min_memory_confidence = std::clamp(value, 0.0, 1.0);
  }
  options.max_lines = static_cast<std::size_t>(settings.number("completion.max_lines"));
  if (const auto tokens = settings.number("completion.prompt_tokens"); tokens > 0) {
    const auto room = settings.number("context_tokens") - settings.number("completion.max_tokens");
    if (tokens > room) {
      return Error{
          Errc::kInvalidArgument,
          fmt::format("cannot use the setting completion.prompt_tokens = {}: context_tokens "
                      "less completion.max_tokens leave {}",
                      tokens, room)};
    }
    options.prompt_tokens = static_cast<std::size_t>(tokens);
  }
  options.ingredients.search = settings.flag("completion.search");
  options.recall.drafts = settings.flag("completion.memory_drafts");
  const std::string evidence = settings.text("completion.evidence");
  if (evidence != "auto" && evidence != "on" && evidence != "off") {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot use the setting completion.evidence = '{}': it is 'auto', "
                             "'on' or 'off'",
                             evidence)};
  }
  if (evidence != "auto") options.recall.evidence = evidence == "on";
  if (const std::string gate = settings.text("completion.gate"); !gate.empty()) {
    ENGRAM_TRY(parameters, load_gate(gate));
    options.recall.gate = parameters;
  }
  return options;
}

IndexOptions index_options_from(const Settings& settings) {
  IndexOptions options;
  options.scan.include = settings.list("index.include");
  options.scan.exclude = settings.list("index.exclude");
  options.scan.max_file_bytes = static_cast<std::uint64_t>(settings.number("index.max_file_bytes"));
  options.limits.max_bytes = static_cast<std::size_t>(settings.number("index.max_file_bytes"));
  return options;
}

json::array skipped_json(const std::vector<SkippedFile>& skipped) {
  json::array out;
  for (const SkippedFile& s : skipped) {
    out.push_back({{"file", json_string(s.path)},
                   {"reason", json_string(s.reason)},
                   {"detail", json_string(s.detail)}});
  }
  return out;
}

std::string skipped_text(const std::vector<SkippedFile>& skipped) {
  if (skipped.empty()) return {};
  std::map<std::string, std::size_t> reasons;
  for (const SkippedFile& s : skipped) ++reasons[s.reason];
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& [reason, n] : reasons) ranked.emplace_back(n, reason);
  std::sort(ranked.rbegin(), ranked.rend());
  std::string parts;
  for (const auto& [n, reason] : ranked) {
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", n, reason);
  }
  return fmt::format("{} files with a remark: {} ('engram status --json' lists them)\n",
                     skipped.size(), parts);
}

json::object counts_json(const StoreCounts& counts, const EngramCounts* engrams) {
  // Text postings belong to a later tier; add_semantic() knows translation units.
  return {{"files", counts.files},
          {"bytes", counts.bytes},
          {"chunks", counts.chunks},
          {"symbols", counts.symbols},
          {"occurrences", counts.references},
          {"engrams", engrams == nullptr ? 0 : engrams->tokens},
          {"translation_units", {{"total", 0}, {"indexed", 0}, {"failed", 0}, {"inferred", 0}}},
          {"store_bytes",
           {{"facts", counts.store_bytes_facts},
            {"engrams", engrams == nullptr ? 0 : engrams->bytes},
            {"text", 0}}}};
}

std::string engrams_text(const EngramCounts& engrams) {
  std::string out = fmt::format("{} engrams of {} contents in {} segments ({})", engrams.tokens,
                                engrams.contents, engrams.segments, format_bytes(engrams.bytes));
  if (engrams.cut_literals > 0) {
    out += fmt::format(", {} random literals left out", engrams.cut_literals);
  }
  if (!engrams.capped.empty()) {
    out += fmt::format(", {} files only at their beginning", engrams.capped.size());
  }
  return out + "\n";
}

json::value index_report_json(const IndexReport& report,
                              const std::optional<EngramCounts>& engrams) {
  json::object out = counts_json(report.counts, engrams ? &*engrams : nullptr);
  out["skipped"] = skipped_json(report.skipped);
  out["seconds"] = report.seconds;
  out["cpu_seconds"] = report.cpu_seconds;
  out["peak_rss_bytes"] = report.peak_rss_bytes;
  out["files_parsed"] = report.files_parsed;
  out["files_unchanged"] = report.files_unchanged;
  out["files_relinked"] = report.files_relinked;
  out["files_removed"] = report.files_removed;
  return out;
}

std::string index_report_text(const IndexReport& report, const std::optional<EngramCounts>& engrams,
                              const std::filesystem::path& store) {
  const StoreCounts& c = report.counts;
  std::string out = fmt::format(
      "{} files ({}), {} symbols, {} references, {} chunks\n"
      "{} parsed, {} unchanged, {} relinked, {} removed, in {} ({} CPU, peak {})\n",
      c.files, format_bytes(c.bytes), c.symbols, c.references, c.chunks, report.files_parsed,
      report.files_unchanged, report.files_relinked, report.files_removed,
      format_seconds(report.seconds), format_seconds(report.cpu_seconds),
      format_bytes(report.peak_rss_bytes));
  if (const auto why = why_nothing_is_left(c.files, report.skipped)) out += *why + "\n";
  if (engrams) out += engrams_text(*engrams);
  out += skipped_text(report.skipped);
  out += fmt::format("store: {} ({})\n", store.string(), format_bytes(c.store_bytes_facts));
  return out;
}

}  // namespace engram::cli
