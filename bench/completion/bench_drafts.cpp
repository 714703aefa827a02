// bench/completion: what drafts from prompt and file are worth on lines of a real repository.
//
// Each hidden line is completed with and without drafts, in turn, on one engine and with the prompt
// already in its cache: what is compared is decoding alone, the least of a few runs. The output has
// to be the same, to the token. Besides the clock, which other work disturbs, lines are compared by
// what their passes cost in the quiet: so much for each row after the first and for each branch.
// One JSON line a model; with --verbose one a line.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "assist/completion/plan.h"
#include "assist/models/model_store.h"
#include "bench/completion/hidden_lines.h"
#include "core/json.h"

namespace engram {

namespace {

struct Options {
  std::string repo, model;
  HideOptions hide;
  std::size_t max_tokens = 32, runs = 3, prompt_tokens = 450, branches = 3;
  double row_cost = 0.12, branch_cost = 0.04;  // of a pass of one row
  bool verbose = false, line = false;
};

// In passes of one row, the one that chooses the first token included.
double passes_cost(const GenerationResult& result, const Options& options) {
  return static_cast<double>(1 + result.decode_passes) +
         options.row_cost * static_cast<double>(result.drafted_tokens) +
         options.branch_cost * static_cast<double>(result.branches);
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

GenerationRequest request_for(const Engine& engine, const ModelFormat& format,
                              const HiddenLine& line, const Options& options) {
  PlanInput input;
  input.text = *line.text;
  input.offset = line.offset;
  input.path = line.path;
  const PromptPlan plan = make_plan(engine.tokenizer(), format, input, options.prompt_tokens);
  GenerationRequest request;
  request.prompt = plan.prompt;
  request.forced_text = std::string(plan.forced(*line.text, line.offset));
  request.max_tokens = options.max_tokens;
  request.max_branches = options.branches;
  request.stop_at_line_end = options.line;
  request.draft_texts = plan.surroundings(*line.text, line.offset);
  return request;
}

Result<void> run(const Options& options) {
  ENGRAM_TRY(lines, hide_lines(options.repo, options.hide));
  ENGRAM_TRY(model, find_model(options.model));
  ENGRAM_TRY(engine, Engine::open(model.file, {}));
  const ModelFormat format = model_format(engine->tokenizer(), model.fim);
  std::vector<double> ratios, costs;
  std::size_t branches = 0, accepted_branches = 0;
  std::size_t tokens = 0, drafted = 0, accepted = 0, passes = 0, plain_passes = 0, different = 0;
  double plain_sum = 0, drafted_sum = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    GenerationRequest request = request_for(*engine, format, lines[i], options);
    GenerationRequest plain = request;
    plain.max_draft = 0;
    GenerationRequest fill = plain;
    fill.max_tokens = 0;
    generate(*engine, fill);
    double with_ms = 1e30, without_ms = 1e30;
    GenerationResult with, without;
    for (std::size_t r = 0; r < options.runs; ++r) {
      for (const bool drafts : {r % 2 == 0, r % 2 != 0}) {
        GenerationResult result = generate(*engine, drafts ? request : plain);
        const double ms = result.prefill_ms + result.decode_ms;
        double& least = drafts ? with_ms : without_ms;
        least = std::min(least, ms);
        (drafts ? with : without) = std::move(result);
      }
    }
    if (without.tokens.empty()) continue;
    different += with.text != without.text ? 1 : 0;
    ratios.push_back(without_ms / with_ms);
    costs.push_back(passes_cost(without, options) / passes_cost(with, options));
    branches += with.branches;
    accepted_branches += with.accepted_branches;
    plain_sum += without_ms;
    drafted_sum += with_ms;
    tokens += with.tokens.size();
    drafted += with.drafted_tokens;
    accepted += with.accepted_tokens;
    passes += with.decode_passes;
    plain_passes += without.decode_passes;
    if (options.verbose) {
      fmt::print("{}\n",
                 to_json(json::object{{"line", fmt::format("{}:{}", lines[i].path, lines[i].line)},
                                      {"tokens", with.tokens.size()},
                                      {"drafted", with.drafted_tokens},
                                      {"accepted", with.accepted_tokens},
                                      {"plain_ms", without_ms},
                                      {"drafts_ms", with_ms},
                                      {"by_cost", costs.back()}}));
    }
  }
  fmt::print("{}\n",
             to_json(json::object{{"bench", "drafts"},
                                  {"model", model.name},
                                  {"kernels", engine->kernels()},
                                  {"lines", ratios.size()},
                                  {"different_outputs", different},
                                  {"tokens", tokens},
                                  {"drafted", drafted},
                                  {"accepted", accepted},
                                  {"branches", branches},
                                  {"accepted_branches", accepted_branches},
                                  {"passes", passes},
                                  {"plain_passes", plain_passes},
                                  {"speedup_total", plain_sum / std::max(1e-9, drafted_sum)},
                                  {"speedup_p5", quantile(ratios, 0.05)},
                                  {"speedup_p50", quantile(ratios, 0.5)},
                                  {"speedup_p95", quantile(ratios, 0.95)},
                                  {"by_cost_p5", quantile(costs, 0.05)},
                                  {"by_cost_p50", quantile(costs, 0.5)},
                                  {"by_cost_p95", quantile(costs, 0.95)}}));
  return {};
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  CLI::App app{"Speed of decoding with and without drafts on a real repository's lines"};
  engram::Options options;
  app.add_option("--repo", options.repo, "repository to hide lines of")->required();
  app.add_option("--model", options.model, "name or path")->required();
  app.add_option("--samples", options.hide.samples);
  app.add_option("--seed", options.hide.seed);
  app.add_option("--language", options.hide.languages);
  app.add_option("--max-tokens", options.max_tokens);
  app.add_option("--prompt-tokens", options.prompt_tokens);
  app.add_option("--runs", options.runs, "of each, in turn");
  app.add_option("--branches", options.branches, "most of a tree; 0: chains only");
  app.add_option("--row-cost", options.row_cost, "of each row after the first, in passes of one");
  app.add_option("--branch-cost", options.branch_cost, "of each branch besides");
  app.add_flag("--line", options.line, "to the line's end, not on to --max-tokens");
  app.add_flag("--verbose", options.verbose);
  CLI11_PARSE(app, argc, argv);
  const auto done = engram::run(options);
  if (done) return 0;
  fmt::print(stderr, "bench_drafts: {}\n", done.error().message);
  return 1;
}
