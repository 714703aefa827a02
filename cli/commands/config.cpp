// engram config: every setting, its value, and where it came from.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "indexer/scan/scanner.h"

namespace engram::cli {

namespace {

ExitCode run_config(const Context& context, const std::string& key) {
  const auto workspace = find_workspace(std::filesystem::current_path());
  const auto settings = context.settings(workspace);
  if (!settings) return context.fail(settings.error());
  if (!key.empty() && !settings->values().contains(key)) {
    return context.fail({Errc::kInvalidArgument, fmt::format("there is no setting '{}': 'engram "
                                                             "config' lists them",
                                                             key)});
  }
  json::array out;
  std::string text;
  for (const SettingSpec& spec : setting_specs()) {
    if (!key.empty() && spec.key != key) continue;
    const Settings::Value& v = settings->values().find(spec.key)->second;
    out.push_back({{"key", spec.key},
                   {"value", json_string(v.value)},
                   {"source", json_string(v.source)},
                   {"description", spec.description}});
    text += fmt::format("{} = \"{}\"  # {}; {}\n", spec.key, v.value, v.source, spec.description);
  }
  json::array messages;
  for (const std::string& line : settings->messages()) messages.push_back(json_string(line));
  return context.answer(
      json::object{{"settings", std::move(out)}, {"messages", std::move(messages)}}, text);
}

}  // namespace

void register_config(CLI::App& app, Context& context, Run& run) {
  auto key = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("config", "Each setting's value and where it came from");
  command->add_option("KEY", *key, "Only this setting");
  command->callback(
      [&context, &run, key] { run = [&context, key] { return run_config(context, *key); }; });
}

}  // namespace engram::cli
