// The engram program: global options, then one subcommand (cli/commands/<name>.cpp).

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "core/log.h"

namespace engram::cli {

namespace {

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_flag("--json", options.json, "One JSON document on stdout, nothing else");
  app.add_flag("--quiet", options.quiet, "No progress, no notices");
  app.add_option("--store", options.store, "Directory of the memory");
  app.add_option("--model", options.model, "Name or path of the model");
  app.add_flag("--no-model", options.no_model, "Without a model");
  app.add_flag("--no-memory", options.no_memory, "Without the repository's memory");
  app.add_option("--threads", options.threads, "Compute threads (default: one a core)")
      ->check(CLI::Range(1U, 1024U));
  app.set_version_flag("--version", "engram " ENGRAM_VERSION);
}

void register_commands(CLI::App& app, Context& context, Run& run) {
  register_index(app, context, run);
  register_status(app, context, run);
  register_complete(app, context, run);
  register_search(app, context, run);
  register_recall(app, context, run);
  register_find(app, context, run);
  register_outline(app, context, run);
  register_navigate(app, context, run);
  register_relations(app, context, run);
  register_generate(app, context, run);
  register_model(app, context, run);
  register_lsp(app, context, run);
  register_config(app, context, run);
  register_trust(app, context, run);
  register_doctor(app, context, run);
  register_eval(app, context, run);
  register_bench(app, context, run);
  register_completions(app, context, run);
  register_help(app, context, run);
}

int run_program(int argc, char** argv) {
  CLI::App app("Engram: a coding assistant that remembers a whole repository.", "engram");
  Context context;
  Run run;
  add_global_options(app, context.options);
  app.fallthrough();
  register_commands(app, context, run);
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    std::fprintf(stderr, "engram: %s: 'engram help' lists the commands\n", wrong.what());
    return kUsage;
  }
  stop_on_interrupt(context.stop);
  return run();
}

}  // namespace

}  // namespace engram::cli

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
    std::puts("engram " ENGRAM_VERSION);
    return 0;
  }
  try {
    engram::init_log();
    return engram::cli::run_program(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "engram: internal error: %s; please report it\n", e.what());
    return engram::cli::kUnreadable;
  }
}
