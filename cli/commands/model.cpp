// engram model: the models of this machine: list, info, fetch, add, verify, quantize.

#include "assist/models/model_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "assist/completion/completion.h"
#include "cli/command.h"
#include "cli/commands/model_commands.h"
#include "cli/progress.h"

namespace engram::cli {

namespace {

// Of an added model the list has no source to fetch it from again.
std::string where(const ModelInfo& model) {
  if (!model.present) {
    return model.file.empty() ? "'engram model fetch " + model.name + "'"
                              : model.file.string() + " is gone";
  }
  if (model.sha256.empty()) return model.file.string() + " changed since it was added";
  return "here";
}

ExitCode run_list(const Context& context) {
  json::array models;
  std::string text;
  for (const ModelInfo& model : list_models()) {
    models.push_back(model_json(model));
    text += fmt::format("{:<22} {:>8}  {:<14} {}\n", model.name, format_bytes(model.bytes),
                        model.licence, where(model));
  }
  return context.answer(json::object{{"models", std::move(models)}}, text);
}

ExitCode run_fetch(const Context& context, const std::string& name) {
  Progress progress("fetching " + name, Progress::style_for_stderr(context.options.quiet));
  const auto model = fetch_model(
      name,
      [&](const FetchProgress& p) {
        progress.update(
            p.bytes_done, p.bytes_total,
            fmt::format("{} of {}", format_bytes(p.bytes_done), format_bytes(p.bytes_total)),
            p.step);
      },
      context.stop.get_token());
  progress.finish();
  if (!model) return context.fail(model.error());
  ModelInfo tested = *model;
  if (tested.fim == FimVerdict::kUntested) {
    EngineOptions options;
    options.context_tokens = 1024;
    const auto engine = Engine::open(tested.file, options, context.stop.get_token());
    if (!engine) return context.fail(engine.error());
    const auto recorded = record_fim_verdict(tested, run_fim_self_test(**engine));
    if (!recorded) return context.fail(recorded.error());
    tested = *recorded;
  }
  return context.answer(
      model_json(tested),
      fmt::format("{}: {} ({}), fill-in-the-middle: {}\n", tested.name, tested.file.string(),
                  format_bytes(tested.bytes), to_string(tested.fim)));
}

void register_add(CLI::App& model, Context& context, Run& run) {
  auto arguments = std::make_shared<AddArguments>();
  CLI::App* command = model.add_subcommand("add", "Give a GGUF file of your own a name");
  command->add_option("FILE", arguments->file, "It stays where it is")->required();
  command->add_option("--name", arguments->name, "Default: after the file");
  command->callback([&context, &run, arguments] {
    run = [&context, arguments] { return run_model_add(context, *arguments); };
  });
}

void register_verify(CLI::App& model, Context& context, Run& run) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = model.add_subcommand("verify", "Hash files again and compare");
  command->add_option("NAME", *name, "A name or a path (default: all that are here)");
  command->callback([&context, &run, name] {
    run = [&context, name] { return run_model_verify(context, *name); };
  });
}

void register_quantize(CLI::App& model, Context& context, Run& run) {
  auto arguments = std::make_shared<QuantizeArguments>();
  CLI::App* command = model.add_subcommand("quantize", "Write a model in another weight type");
  command->add_option("IN", arguments->source, "A name, or the path of a GGUF file")->required();
  command->add_option("OUT", arguments->out, "The file to write")->required();
  command->add_option("--type", arguments->type, "Q8_0, Q4_0, Q4_1, Q4_K or Q6_K")->required();
  command->add_flag("--pure", arguments->pure, "The head too, which otherwise stays at Q6_K");
  command->add_flag("--force", arguments->force, "Replace OUT");
  command->callback([&context, &run, arguments] {
    run = [&context, arguments] { return run_model_quantize(context, *arguments); };
  });
}

}  // namespace

void register_model(CLI::App& app, Context& context, Run& run) {
  CLI::App* command =
      app.add_subcommand("model", "Local models: list, info, fetch, add, verify, quantize");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "Known models and those here");
  list->callback([&context, &run] { run = [&context] { return run_list(context); }; });
  auto name = std::make_shared<std::string>();
  CLI::App* info = command->add_subcommand("info", "What a model is and can do");
  info->add_option("NAME", *name, "A name, or the path of a GGUF file (default: the best here)");
  info->callback([&context, &run, name] {
    run = [&context, name] { return run_model_info(context, *name); };
  });
  CLI::App* fetch = command->add_subcommand("fetch", "Download a model, checked by its hash");
  fetch->add_option("NAME", *name, "Which (default: qwen2.5-coder-1.5b)");
  fetch->callback(
      [&context, &run, name] { run = [&context, name] { return run_fetch(context, *name); }; });
  register_add(*command, context, run);
  register_verify(*command, context, run);
  register_quantize(*command, context, run);
}

}  // namespace engram::cli
