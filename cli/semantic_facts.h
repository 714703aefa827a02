// cli/semantic_facts.h: the semantic tier for commands: running it, and what a store has of it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/context.h"
#include "indexer/commands/compile_commands.h"
#include "indexer/semantic/semantic_index.h"

namespace engram::cli {

CompileCommandsOptions compile_commands_options(const std::filesystem::path& workspace,
                                                const Settings& settings);
// As the settings say; `database`, when given, instead of theirs.
Result<std::unique_ptr<CompileCommands>> open_compile_commands(
    const std::filesystem::path& workspace, const Settings& settings,
    const std::string& database = {});

// Brings the store's semantic facts up to date, with progress; without a compile database those of
// guessed commands, for as long as the settings say.
// `jobs` 0: as many as cores and memory allow.
Result<SemanticIndexReport> index_semantic_facts(const Context& context, const Settings& settings,
                                                 const std::filesystem::path& root,
                                                 const std::filesystem::path& store,
                                                 const std::string& database, unsigned jobs);

// All zero when there are none.
struct SemanticSummary {
  SemanticCounts counts;
  std::vector<SemanticUnit> without_facts;
  std::uint64_t without_errors = 0;  // units
  std::uint64_t guessed_of = 0;      // no compile database: the sources that could be units
};
Result<SemanticSummary> semantic_summary(const std::filesystem::path& root,
                                         const std::filesystem::path& store,
                                         const Settings& settings);

// "74 % of translation units semantic (...), 120000 occurrences (1.1 MB)\n", or "no compile
// database: commands of 105 of 240 units were guessed, 101 have no errors, ..."; empty without
// units.
std::string semantic_text(const SemanticSummary& summary);
// Adds translation_units, failed_units and, in place of the syntax tier's, occurrences.
void add_semantic(json::object& out, const SemanticSummary& summary);

}  // namespace engram::cli
