// cli/commands/compile_commands_summary.h: what was found out about how a workspace is compiled, in
// words and as JSON. Threads: pure functions.  Errors: none.
#pragma once

#include <string>

#include "core/json.h"
#include "indexer/commands/compile_commands.h"

namespace engram::cli {

// "build/release/compile_commands.json (build folder): 300 files, 2 in several configurations;
// ...".
std::string summary(const CompileCommands& commands, const std::filesystem::path& workspace);

// {database, reason, files, entries, several_configurations, missing_files, outside_files,
//  other_languages, faulty_entries, flags:[{flag, why, count}], examples, unused, messages}
json::object to_json_object(const CompileCommands& commands);

// Whether something was left out that the user may want to hear of.
bool has_losses(const CompileCommandsReport& report);

}  // namespace engram::cli
