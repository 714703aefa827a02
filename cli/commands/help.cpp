// engram help: all commands, or one.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace engram::cli {

namespace {

ExitCode run_help(CLI::App& app, const Context& context, const std::vector<std::string>& path) {
  CLI::App* at = &app;
  for (const std::string& word : path) {
    const auto named =
        at->get_subcommands([&](CLI::App* command) { return command->get_name() == word; });
    CLI::App* next = named.empty() ? nullptr : named.front();
    if (next == nullptr) {
      return context.fail({Errc::kInvalidArgument, fmt::format("there is no command '{}': 'engram "
                                                               "help' lists them",
                                                               fmt::join(path, " "))});
    }
    at = next;
  }
  // Not at->help(): that hands over to the subcommand that was chosen, which is this one.
  const std::string text =
      at->get_formatter()->make_help(at, at->get_name(), CLI::AppFormatMode::Normal);
  return context.answer(json::object{{"help", json_string(text)}}, text);
}

}  // namespace

void register_help(CLI::App& app, Context& context, Run& run) {
  auto path = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("help", "All commands, or one of them");
  command->add_option("COMMAND", *path, "Which");
  command->callback([&app, &context, &run, path] {
    run = [&app, &context, path] { return run_help(app, context, *path); };
  });
}

}  // namespace engram::cli
