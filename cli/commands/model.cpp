// engram model: the models of this machine: list, info, fetch, quantize.

#include "assist/models/model_store.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "assist/completion/completion.h"
#include "cli/command.h"
#include "cli/commands/model_commands.h"
#include "cli/progress.h"
#include "engine/gguf.h"

namespace engram::cli {

namespace {

json::value model_json(const ModelInfo& model) {
  return {{"name", json_string(model.name)},     {"present", model.present},
          {"file", model.file.string()},         {"bytes", model.bytes},
          {"sha256", json_string(model.sha256)}, {"licence", json_string(model.licence)},
          {"origin", json_string(model.origin)}, {"fill_in_the_middle", to_string(model.fim)}};
}

ExitCode run_list(const Context& context) {
  json::array models;
  std::string text;
  for (const ModelInfo& model : list_models()) {
    models.push_back(model_json(model));
    text += fmt::format("{:<22} {:>8}  {:<14} {}\n", model.name, format_bytes(model.bytes),
                        model.licence,
                        model.present ? "here" : "'engram model fetch " + model.name + "'");
  }
  return context.answer(json::object{{"models", std::move(models)}}, text);
}

Result<json::object> describe(const ModelInfo& model) {
  json::object out = model_json(model).get_object();
  if (!model.present) return out;
  ENGRAM_TRY(file, GgufFile::open(model.file));
  const std::string architecture(file->string("general.architecture").value_or("?"));
  out["architecture"] = json_string(architecture);
  for (const char* key : {"block_count", "embedding_length", "feed_forward_length",
                          "attention.head_count", "attention.head_count_kv", "context_length"}) {
    if (const auto n = file->unsigned_integer(architecture + "." + key)) out[key] = *n;
  }
  std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> types;
  std::uint64_t weights = 0;
  for (const GgufTensor& tensor : file->tensors()) {
    auto& [n, bytes] = types[traits_of(tensor.type).name];
    ++n;
    bytes += tensor.data.size();
    weights += tensor.shape[0] * tensor.rows();
  }
  json::object tensor_types;
  for (const auto& [name, counts] : types) {
    tensor_types[name] = {{"tensors", counts.first}, {"bytes", counts.second}};
  }
  out["tensor_types"] = std::move(tensor_types);
  out["weights"] = weights;
  return out;
}

ExitCode run_info(const Context& context, const std::string& name) {
  const auto model = find_model(name);
  if (!model) return context.fail(model.error());
  const auto described = describe(*model);
  if (!described) return context.fail(described.error());
  std::string text;
  for (const auto& [key, value] : *described) {
    text += fmt::format("{:<24} {}\n", std::string_view(key),
                        value.is_string() ? std::string(value.get_string()) : to_json(value));
  }
  return context.answer(*described, text);
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
    const auto engine = Engine::open(tested.file, options);
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
  CLI::App* command = app.add_subcommand("model", "Local models: list, info, fetch, quantize");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "Known models and those here");
  list->callback([&context, &run] { run = [&context] { return run_list(context); }; });
  auto name = std::make_shared<std::string>("qwen2.5-coder-1.5b");
  CLI::App* info = command->add_subcommand("info", "What a model is and can do");
  info->add_option("NAME", *name, "A name, or the path of a GGUF file");
  info->callback(
      [&context, &run, name] { run = [&context, name] { return run_info(context, *name); }; });
  CLI::App* fetch = command->add_subcommand("fetch", "Download a model, checked by its hash");
  fetch->add_option("NAME", *name, "Which (default: qwen2.5-coder-1.5b)");
  fetch->callback(
      [&context, &run, name] { run = [&context, name] { return run_fetch(context, *name); }; });
  register_quantize(*command, context, run);
}

}  // namespace engram::cli
