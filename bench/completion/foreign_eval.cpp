// bench/completion: `engram eval completion` with the model elsewhere.
//
//   foreign_eval record PROMPTS.jsonl ...    writes what the model would be asked
//   foreign_eval replay ANSWERS.jsonl ...    the same evaluation with the answers that came back
//
// Between them: tools/oracle/complete_prompts.py on a machine with a GPU. Filters, syntax checks
// and scores are the product's; a sample nobody answered is left out and counted. One JSON line
// out.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "assist/evaluation/evaluation.h"
#include "assist/evaluation/summary.h"
#include "assist/models/model_store.h"
#include "bench/completion/foreign_engine.h"
#include "indexer/pipeline.h"

namespace engram {

namespace {

struct Options {
  std::string verb, file, repo, store, model, mode = "line-out", conditions, results, label;
  HideOptions hide;
  std::size_t prompt_tokens = 1500;
};

Result<void> run(const Options& options) {
  ENGRAM_TRY(conditions, parse_conditions(options.conditions));
  ENGRAM_TRY(model, find_model(options.model));
  const bool record = options.verb == "record";
  ENGRAM_TRY(engine, ForeignEngine::open(model.file, record ? options.file : "",
                                         record ? "" : options.file));
  ENGRAM_TRY(index, index_workspace(options.repo, options.store, {}));
  HideOptions hide = options.hide;
  hide.mode = options.mode == "file-out" ? HideMode::kFileOut : HideMode::kLineOut;
  ENGRAM_TRY(places, hide_places(options.repo, hide));
  EvaluationSetup setup;
  setup.engine = engine;
  setup.fim = model.fim;
  setup.store = options.store;
  setup.repository_name = std::filesystem::path(options.repo).filename().string();
  setup.prompt_tokens = options.prompt_tokens;
  const std::string key =
      fmt::format("{}|{}|{}|{}|seed {}|{} tokens", options.label, model.name, setup.repository_name,
                  options.mode, options.hide.seed, options.prompt_tokens);
  ENGRAM_TRY(log, SampleLog::open(record ? "" : options.results, key));
  std::size_t n_places = 0, unanswered = 0;
  std::vector<SampleResult> results;
  for (const auto& place : places) {
    engine->set_group(n_places++);
    auto some = evaluate(setup, {place}, conditions, log, {});
    if (!some) {
      ++unanswered;
    } else {
      results.insert(results.end(), some->begin(), some->end());
    }
  }
  if (record) return {};
  json::object summary = summarize(results, conditions.front().name, options.hide.seed);
  summary["unanswered"] = unanswered;
  fmt::print(stderr, "{}", summary_text(summary));
  fmt::print("{}\n", to_json(summary));
  return {};
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  CLI::App app{"Evaluation of completions with the model elsewhere"};
  engram::Options options;
  app.add_option("VERB", options.verb)->required()->check(CLI::IsMember({"record", "replay"}));
  app.add_option("FILE", options.file, "prompts to write, or answers to read")->required();
  app.add_option("--repo", options.repo)->required();
  app.add_option("--store", options.store)->required();
  app.add_option("--model", options.model)->required();
  app.add_option("--mode", options.mode)->check(CLI::IsMember({"line-out", "file-out"}));
  app.add_option("--condition", options.conditions)->required();
  app.add_option("--samples", options.hide.samples);
  app.add_option("--seed", options.hide.seed);
  std::vector<std::string> kinds;
  app.add_option("--kind", kinds)
      ->delimiter(',')
      ->check(CLI::IsMember({"line", "identifier", "block"}));
  app.add_option("--language", options.hide.languages)->delimiter(',');
  app.add_option("--prompt-tokens", options.prompt_tokens);
  app.add_option("--results", options.results, "a JSON line a sample and condition");
  app.add_option("--label", options.label);
  CLI11_PARSE(app, argc, argv);
  if (!kinds.empty()) options.hide.kinds = engram::kinds_named(kinds);
  const auto done = engram::run(options);
  if (done) return 0;
  fmt::print(stderr, "foreign_eval: {}\n", done.error().message);
  return 1;
}
