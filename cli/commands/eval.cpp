// engram eval completion: hides places of a repository, completes them, and says how well.

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>

#include "assist/engrams/sync.h"
#include "assist/evaluation/summary.h"
#include "cli/command.h"
#include "cli/commands/eval_commands.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "core/hash.h"
#include "indexer/pipeline.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

struct EvalArguments {
  std::string repo = ".", conditions, mode = "line-out", results, label, baseline;
  std::vector<std::string> kinds, languages;
  std::size_t samples = 100, prompt_tokens = 1500;
  std::uint64_t seed = 1;
};

HideOptions hide_options(const EvalArguments& arguments) {
  HideOptions hide;
  hide.samples = arguments.samples;
  hide.seed = arguments.seed;
  hide.mode = arguments.mode == "file-out" ? HideMode::kFileOut : HideMode::kLineOut;
  hide.languages = arguments.languages;
  if (!arguments.kinds.empty()) hide.kinds = kinds_named(arguments.kinds);
  return hide;
}

// Each ingredient alone and all together; a new file has no text below the cursor.
std::string default_conditions(HideMode mode, bool no_model) {
  if (no_model) return mode == HideMode::kFileOut ? "memory" : "memory,memory+below";
  return mode == HideMode::kFileOut
             ? "model,definitions,chunks,definitions+chunks,definitions+chunks+memory-drafts,"
               "model+search,model+gate,definitions+chunks+gate,memory,all"
             : "model,suffix,suffix+definitions,suffix+chunks,suffix+definitions+chunks,"
               "suffix+drafts,suffix+memory-drafts,suffix+search,suffix+gate,suffix+gate+below,"
               "suffix+definitions+chunks+gate+below,memory,memory+below,all";
}

// What samples depend on, besides place and condition.
std::string key_of(const EvalArguments& arguments, const ModelInfo& model,
                   const EvaluationSetup& setup) {
  return fmt::format("{}|{}|{}|{}|seed {}|{} tokens|gate {:08x}", arguments.label,
                     setup.repository_name, model.name, arguments.mode, arguments.seed,
                     arguments.prompt_tokens,
                     static_cast<std::uint32_t>(xxh3(gate_json(setup.gate))));
}

// No model where memory alone is asked for; without one, nothing else can be.
Result<EvaluatedModel> open_what_is_needed(const Context& context, const Settings& settings,
                                           const std::vector<Condition>& conditions) {
  const auto first = std::find_if(conditions.begin(), conditions.end(),
                                  [](const Condition& condition) { return !condition.alone; });
  if (first == conditions.end()) return open_evaluated_tokenizer(context, settings);
  if (!context.options.no_model) return open_evaluated_model(context, settings);
  return Error{Errc::kInvalidArgument,
               fmt::format("cannot evaluate '{}' with --no-model: only 'memory' and 'memory+below' "
                           "work without one",
                           first->name)};
}

Result<json::object> run(const Context& context, const EvalArguments& arguments) {
  ENGRAM_TRY(root, evaluated_root(arguments.repo));
  const HideOptions hide = hide_options(arguments);
  ENGRAM_TRY(conditions,
             parse_conditions(arguments.conditions.empty()
                                  ? default_conditions(hide.mode, context.options.no_model)
                                  : arguments.conditions));
  ENGRAM_TRY(settings, context.settings(root));
  ENGRAM_TRY(model, open_what_is_needed(context, settings, conditions));
  ENGRAM_TRY(prepared, prepare_repository(context, settings, root,
                                          context.store_directory(root, settings), model));
  EvaluationSetup& setup = prepared.setup;
  setup.prompt_tokens = arguments.prompt_tokens;
  ENGRAM_TRY(log, SampleLog::open(arguments.results, key_of(arguments, model.info, setup)));
  ENGRAM_TRY(places, hide_places(root, hide));
  Progress progress("evaluating", Progress::style_for_stderr(context.options.quiet));
  setup.progress = [&](std::size_t done, std::size_t of) {
    progress.update(done, of, fmt::format("{} of {} completions", done, of));
  };
  const auto results = evaluate(setup, places, conditions, log, context.stop.get_token());
  progress.finish();
  if (!results) return results.error();
  const std::string baseline =
      arguments.baseline.empty() ? conditions.front().name : arguments.baseline;
  json::object summary = summarize(*results, baseline, arguments.seed);
  summary["model"] = json_string(model.info.name);
  summary["fim"] = setup.engine ? json::value(to_string(setup.fim)) : json::value(nullptr);
  summary["mode"] = arguments.mode;
  summary["seed"] = arguments.seed;
  summary["places"] = places.size();
  summary["files"] = prepared.files;
  summary["engram_tokens"] = prepared.engram_tokens;
  return summary;
}

}  // namespace

Result<fs::path> evaluated_root(const std::string& repo) {
  std::error_code ec;
  const fs::path root = fs::canonical(repo, ec);
  if (!ec && fs::is_directory(root)) return root;
  return Error{Errc::kNotFound, fmt::format("cannot evaluate '{}': it is not a directory", repo)};
}

Result<EvaluatedModel> open_evaluated_model(const Context& context, const Settings& settings) {
  if (context.options.no_model) {
    return Error{Errc::kInvalidArgument, "cannot fit a gate with --no-model: it weighs a model"};
  }
  EvaluatedModel model;
  ENGRAM_TRY(info, context.model(settings));
  ENGRAM_TRY(engine, context.open_engine(info, settings));
  model.info = info;
  model.engine = engine;
  model.tokenizer = engine->shared_tokenizer();
  model.fim = info.fim == FimVerdict::kUntested ? run_fim_self_test(*engine) : info.fim;
  return model;
}

Result<EvaluatedModel> open_evaluated_tokenizer(const Context& context, const Settings& settings) {
  EvaluatedModel model;
  ENGRAM_TRY(info, context.model(settings));
  ENGRAM_TRY(tokenizer, context.tokenizer(settings));
  model.info = info;
  model.tokenizer = tokenizer;
  return model;
}

Result<EvaluatedRepository> prepare_repository(const Context& context, const Settings& settings,
                                               const fs::path& root, const fs::path& store,
                                               const EvaluatedModel& model) {
  EvaluatedRepository out;
  out.root = root;
  EvaluationSetup& setup = out.setup;
  setup.store = store;
  setup.repository_name = root.filename().string();
  const auto stop = context.stop.get_token();
  ENGRAM_TRY(index, index_workspace(root, store, index_options_from(settings), stop));
  setup.engine = model.engine;
  setup.fim = model.fim;
  setup.tokenizer = model.tokenizer;
  ENGRAM_TRY(completion, completer_options_from(settings));
  setup.gate = completion.recall.gate;
  ENGRAM_TRY(engrams, sync_engrams(store, *setup.tokenizer, {}, stop));
  out.files = index.counts.files;
  out.engram_tokens = engrams.counts.tokens;
  return out;
}

namespace {

void add_fit_gate(CLI::App& eval, Context& context, Run& run_command) {
  auto arguments = std::make_shared<FitGateArguments>();
  eval.add_option("--fit-gate", arguments->out,
                  "Fits the gate of evidence to hidden places and writes its numbers to this file");
  eval.add_option("--repo", arguments->repos, "With --fit-gate: the repositories (default: here)")
      ->delimiter(',');
  eval.add_option("--samples", arguments->samples, "With --fit-gate: places of each")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
  eval.add_option("--seed", arguments->seed, "With --fit-gate: draws the places");
  eval.add_option("--prompt-tokens", arguments->prompt_tokens, "With --fit-gate: of each prompt")
      ->check(CLI::Range(std::size_t{64}, std::size_t{100'000}));
  eval.callback([&eval, &context, &run_command, arguments] {
    if (!eval.get_subcommands().empty()) return;
    if (arguments->out.empty()) throw CLI::RequiredError("a subcommand, or --fit-gate FILE,");
    run_command = [&context, arguments] { return run_fit_gate(context, *arguments); };
  });
}

}  // namespace

void register_eval(CLI::App& app, Context& context, Run& run_command) {
  auto arguments = std::make_shared<EvalArguments>();
  CLI::App* eval = app.add_subcommand("eval", "How good suggestions are on your own code");
  eval->require_subcommand(0, 1);
  add_fit_gate(*eval, context, run_command);
  CLI::App* command = eval->add_subcommand(
      "completion", "Hides places of a repository, completes them, and compares with the truth");
  command->add_option("--repo", arguments->repo, "The repository (default: here)");
  command->add_option("--samples", arguments->samples, "So many places (default: 100)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
  command->add_option("--seed", arguments->seed, "Draws the places (default: 1)");
  command->add_option("--condition", arguments->conditions,
                      "What may be used: model, suffix, definitions, chunks, drafts, "
                      "memory-drafts, search, gate, below, all, joined by '+', or memory (alone), "
                      "separated by ','; @N gives the file N tokens of the prompt");
  command->add_option("--baseline", arguments->baseline,
                      "The condition that others are compared with (default: the first)");
  command
      ->add_option("--mode", arguments->mode,
                   "line-out: the target is hidden; file-out: so is "
                   "all below it, as in a new file")
      ->check(CLI::IsMember({"line-out", "file-out"}));
  command->add_option("--kind", arguments->kinds, "Kinds of places, in turn")
      ->check(CLI::IsMember({"line", "identifier", "block"}))
      ->delimiter(',');
  command->add_option("--language", arguments->languages, "Only places of these")->delimiter(',');
  command->add_option("--prompt-tokens", arguments->prompt_tokens, "Size of each prompt")
      ->check(CLI::Range(std::size_t{64}, std::size_t{100'000}));
  command->add_option("--results", arguments->results,
                      "A JSON line a sample and condition; run again, it goes on from there");
  command->add_option("--label", arguments->label, "Part of the key of those lines (a commit)");
  command->callback([&context, &run_command, arguments] {
    run_command = [&context, arguments] {
      const auto summary = run(context, *arguments);
      if (!summary) return context.fail(summary.error());
      return context.answer(*summary, summary_text(*summary));
    };
  });
}

}  // namespace engram::cli
