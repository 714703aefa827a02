// cli/command.h: the subcommands; one file each in cli/commands/.
//
// register_<name>(app, context) declares options and sets `run`, which main calls once after
// parsing. The order of registration is the order of `engram help`.
#pragma once

#include <functional>

#include "cli/context.h"

namespace CLI {
class App;
}

namespace engram::cli {

using Run = std::function<ExitCode()>;

// Each sets `run` when its subcommand was chosen.
void register_index(CLI::App& app, Context& context, Run& run);
void register_status(CLI::App& app, Context& context, Run& run);
void register_complete(CLI::App& app, Context& context, Run& run);
void register_search(CLI::App& app, Context& context, Run& run);
void register_recall(CLI::App& app, Context& context, Run& run);
void register_find(CLI::App& app, Context& context, Run& run);
void register_outline(CLI::App& app, Context& context, Run& run);
void register_navigate(CLI::App& app, Context& context, Run& run);   // definition, references, ...
void register_relations(CLI::App& app, Context& context, Run& run);  // callers, callees, ...
void register_generate(CLI::App& app, Context& context, Run& run);
void register_lsp(CLI::App& app, Context& context, Run& run);
void register_model(CLI::App& app, Context& context, Run& run);
void register_config(CLI::App& app, Context& context, Run& run);
void register_trust(CLI::App& app, Context& context, Run& run);
void register_doctor(CLI::App& app, Context& context, Run& run);
void register_eval(CLI::App& app, Context& context, Run& run);
void register_bench(CLI::App& app, Context& context, Run& run);
void register_completions(CLI::App& app, Context& context, Run& run);
void register_help(CLI::App& app, Context& context, Run& run);

}  // namespace engram::cli
