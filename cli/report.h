// cli/report.h: answers shared by several commands, as JSON and as text for a person.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "assist/completion/completion.h"
#include "assist/config/settings.h"
#include "assist/engrams/sync.h"
#include "core/json.h"
#include "indexer/pipeline.h"

namespace engram::cli {

IndexOptions index_options_from(const Settings& settings);
Result<CompleterOptions> completer_options_from(const Settings& settings);

json::value index_report_json(const IndexReport& report,
                              const std::optional<EngramCounts>& engrams);
std::string index_report_text(const IndexReport& report, const std::optional<EngramCounts>& engrams,
                              const std::filesystem::path& store);

json::array skipped_json(const std::vector<SkippedFile>& skipped);
// "3 files left out: 2 binary, 1 secret (engram status --json lists them)"; empty when none.
std::string skipped_text(const std::vector<SkippedFile>& skipped);

// Null: no engrams yet.
json::object counts_json(const StoreCounts& counts, const EngramCounts* engrams);
std::string engrams_text(const EngramCounts& engrams);

}  // namespace engram::cli
