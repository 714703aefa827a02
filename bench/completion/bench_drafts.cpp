// bench/completion: what drafts from prompt and file are worth on lines of a real repository.
//
// Each hidden line is completed with and without drafts, in turn, on one engine and with the prompt
// already in its cache: what is compared is decoding alone, the least of a few runs. A second
// series without drafts says how far equal work goes apart by the clock ("control"). The output has
// to be the same, to the token. Besides the clock, which other work disturbs, the outputs are
// replayed (draft_replay.h) with chains and with trees. One JSON line a model; with --verbose one a
// line.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "assist/completion/plan.h"
#include "assist/evaluation/hidden_places.h"
#include "assist/models/model_store.h"
#include "bench/completion/draft_replay.h"
#include "core/json.h"

namespace engram {

namespace {

struct Options {
  std::string repo, model;
  HideOptions hide{.kinds = {PlaceKind::kLine}, .languages = {}};
  std::size_t max_tokens = 32, runs = 3, prompt_tokens = 450, branches = 3;
  bool verbose = false, line = false;
};

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

GenerationRequest request_for(const Engine& engine, const ModelFormat& format,
                              const HiddenPlace& line, const Options& options) {
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

// With drafts and without, by the clock.
struct Timed {
  std::vector<double> ratios, control;
  json::object last{};  // of one line
  std::size_t tokens = 0, drafted = 0, accepted = 0, branches = 0, entered = 0;
  std::size_t passes = 0, plain_passes = 0, different = 0;
  double plain_ms = 0, drafts_ms = 0;
};

void time_line(Engine& engine, const GenerationRequest& request, std::size_t runs,
               GenerationResult& plain, Timed& timed) {
  GenerationRequest without = request;
  without.max_draft = 0;
  std::array<double, 3> least{1e30, 1e30, 1e30};  // with drafts, without, without once more
  GenerationResult with;
  for (std::size_t r = 0; r < runs * least.size(); ++r) {
    const std::size_t arm = (r + r / least.size()) % least.size();  // each is first in its turn
    GenerationResult result = generate(engine, arm == 0 ? request : without);
    least[arm] = std::min(least[arm], result.prefill_ms + result.decode_ms);
    (arm == 0 ? with : plain) = std::move(result);
  }
  const auto [drafts_ms, plain_ms, again_ms] = least;
  if (plain.tokens.empty()) return;
  timed.different += with.text != plain.text ? 1 : 0;
  timed.ratios.push_back(plain_ms / drafts_ms);
  timed.control.push_back(plain_ms / again_ms);
  timed.plain_ms += plain_ms;
  timed.drafts_ms += drafts_ms;
  timed.tokens += with.tokens.size();
  timed.drafted += with.drafted_tokens;
  timed.accepted += with.accepted_tokens;
  timed.branches += with.branches;
  timed.entered += with.accepted_branches;
  timed.passes += with.decode_passes;
  timed.last = {{"plain_ms", plain_ms},
                {"drafts_ms", drafts_ms},
                {"plain_passes", plain.decode_passes},
                {"passes", with.decode_passes},
                {"drafted", with.drafted_tokens},
                {"accepted", with.accepted_tokens}};
  timed.plain_passes += plain.decode_passes;
}

json::object timed_json(const Timed& t) {
  return {{"different_outputs", t.different},
          {"tokens", t.tokens},
          {"drafted", t.drafted},
          {"accepted", t.accepted},
          {"branches", t.branches},
          {"accepted_branches", t.entered},
          {"passes", t.passes},
          {"plain_passes", t.plain_passes},
          {"speedup_total", t.plain_ms / std::max(1e-9, t.drafts_ms)},
          {"speedup_p5", quantile(t.ratios, 0.05)},
          {"speedup_p50", quantile(t.ratios, 0.5)},
          {"speedup_p95", quantile(t.ratios, 0.95)},
          {"control_p5", quantile(t.control, 0.05)},
          {"control_p50", quantile(t.control, 0.5)},
          {"control_p95", quantile(t.control, 0.95)}};
}

// The same lines by what their passes cost in the quiet.
struct Condition {
  std::string_view name;
  std::size_t branches;
  bool memory;
  DraftReplay replay{branches};
};

json::object replay_json(const Condition& condition) {
  const DraftReplay::Totals& t = condition.replay.totals();
  const auto& ratios = condition.replay.ratios();
  return {{"name", condition.name},
          {"tokens", t.tokens},
          {"tokens_per_pass",
           static_cast<double>(t.tokens) / static_cast<double>(std::max<std::size_t>(1, t.passes))},
          {"drafted", t.drafted},
          {"accepted", t.accepted},
          {"branches", t.branches},
          {"accepted_branches", t.entered},
          {"by_cost_p5", quantile(ratios, 0.05)},
          {"by_cost_p50", quantile(ratios, 0.5)},
          {"by_cost_p95", quantile(ratios, 0.95)}};
}

void replay_line(const Tokenizer& tokenizer, const GenerationRequest& request,
                 const GenerationResult& plain, Condition& condition) {
  std::vector<TokenId> output, prompt = encode_prompt(tokenizer, request.prompt);
  const auto forced = tokenizer.encode(request.forced_text);
  prompt.insert(prompt.end(), forced.begin(), forced.end());
  for (const GeneratedToken& token : plain.tokens) output.push_back(token.id);
  std::vector<std::shared_ptr<const std::vector<TokenId>>> texts;
  for (const std::string& text : request.draft_texts) {
    texts.push_back(std::make_shared<const std::vector<TokenId>>(tokenizer.encode(text)));
  }
  const std::vector<std::shared_ptr<Drafter>> drafters = {make_ngram_drafter(history_of(texts))};
  condition.replay.add(prompt, output, drafters);
}

Result<void> run(const Options& options) {
  ENGRAM_TRY(lines, hide_places(options.repo, options.hide));
  ENGRAM_TRY(model, find_model(options.model));
  ENGRAM_TRY(engine, Engine::open(model.file, {}));
  const ModelFormat format = model_format(engine->tokenizer(), model.fim);
  Timed timed;
  std::vector<Condition> conditions = {{"chain", 0, false, DraftReplay(0)},
                                       {"tree", 3, false, DraftReplay(3)}};
  for (const HiddenPlace& line : lines) {
    const GenerationRequest request = request_for(*engine, format, line, options);
    GenerationRequest fill = request;
    fill.max_tokens = 0;
    generate(*engine, fill);
    GenerationResult plain;
    if (options.runs > 0) {
      time_line(*engine, request, options.runs, plain, timed);
    } else {
      plain = generate(*engine, request);
    }
    if (plain.tokens.empty()) continue;
    for (Condition& condition : conditions) {
      replay_line(engine->tokenizer(), request, plain, condition);
    }
    if (options.verbose) {
      fmt::print("{}\n", to_json(json::object{{"line", fmt::format("{}:{}", line.path, line.line)},
                                              {"tokens", plain.tokens.size()},
                                              {"timed", timed.last},
                                              {"chain", conditions[0].replay.ratios().back()},
                                              {"tree", conditions[1].replay.ratios().back()}}));
    }
  }
  json::array replays;
  for (const Condition& condition : conditions) replays.push_back(replay_json(condition));
  fmt::print("{}\n", to_json(json::object{{"bench", "drafts"},
                                          {"model", model.name},
                                          {"kernels", engine->kernels()},
                                          {"lines", lines.size()},
                                          {"timed", timed_json(timed)},
                                          {"replays", replays}}));
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
  app.add_option("--runs", options.runs, "of each, in turn; 0: no clock, only replays");
  app.add_option("--branches", options.branches, "most of a tree; 0: chains only");
  app.add_flag("--line", options.line, "to the line's end, not on to --max-tokens");
  app.add_flag("--verbose", options.verbose);
  CLI11_PARSE(app, argc, argv);
  const auto done = engram::run(options);
  if (done) return 0;
  fmt::print(stderr, "bench_drafts: {}\n", done.error().message);
  return 1;
}
