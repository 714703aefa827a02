// bench/completion: what drafts are worth on lines of a real repository: those from prompt and
// file, and with --store those of the engram memory, which is mixed into the model's choice, too,
// as it ships.
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

#include "assist/completion/memory_at_cursor.h"
#include "assist/completion/plan.h"
#include "assist/engrams/sync.h"
#include "assist/evaluation/evaluation.h"
#include "assist/evaluation/hidden_places.h"
#include "assist/models/model_store.h"
#include "bench/completion/draft_replay.h"
#include "core/json.h"
#include "indexer/pipeline.h"

namespace engram {

namespace {

struct Options {
  std::string repo, model, store;
  HideOptions hide{.kinds = {PlaceKind::kLine}, .languages = {}};
  std::size_t max_tokens = 32, runs = 3, prompt_tokens = 450, branches = 3;
  bool verbose = false, line = false;
};

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

// One hidden line.
class Line {
 public:
  // `memory` may be null; all outlive this.
  Line(const Engine& engine, const ModelFormat& format, const HiddenPlace& place,
       RecallMemory* memory, const Options& options)
      : format_(format),
        place_(place),
        memory_(memory),
        options_(options),
        plan_(make_plan(engine.tokenizer(), format, input_of(place), options.prompt_tokens)) {}

  // A new one each time: sources of guesses and evidence serve one request.
  GenerationRequest request() const;

 private:
  static PlanInput input_of(const HiddenPlace& place) {
    PlanInput input;
    input.text = *place.text;
    input.offset = place.offset;
    input.path = place.path;
    return input;
  }

  const ModelFormat& format_;
  const HiddenPlace& place_;
  RecallMemory* memory_;
  const Options& options_;
  const PromptPlan plan_;
};

GenerationRequest Line::request() const {
  GenerationRequest request;
  request.prompt = plan_.prompt;
  request.forced_text = plan_.forced(*place_.text, place_.offset);
  request.max_tokens = options_.max_tokens;
  request.max_branches = options_.branches;
  request.stop_at_line_end = options_.line;
  request.draft_texts = plan_.surroundings(*place_.text, place_.offset);
  if (memory_ == nullptr) return request;
  const CompletionRequest completion = request_for(place_);
  const CursorView cursor = CursorView::at(*place_.text, place_.offset);
  const RecallOptions recall;
  MemoryAtCursor(*memory_, recall, completion, cursor).add_to(request, format_, plan_.prefix);
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

void time_line(Engine& engine, const Line& line, std::size_t runs, GenerationResult& plain,
               Timed& timed) {
  std::array<double, 3> least{1e30, 1e30, 1e30};  // with drafts, without, without once more
  GenerationResult with;
  for (std::size_t r = 0; r < runs * least.size(); ++r) {
    const std::size_t arm = (r + r / least.size()) % least.size();  // each is first in its turn
    GenerationRequest request = line.request();
    if (arm != 0) request.max_draft = 0;
    GenerationResult result = generate(engine, std::move(request));
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
  auto prompt = encode_prompt(tokenizer, request.prompt);
  const auto forced = tokenizer.encode(request.forced_text);
  prompt.insert(prompt.end(), forced.begin(), forced.end());
  const auto output = tokenizer.encode(plain.text);  // its first token began within the forced text
  std::vector<std::shared_ptr<const std::vector<TokenId>>> texts;
  for (const std::string& text : request.draft_texts) {
    texts.push_back(std::make_shared<const std::vector<TokenId>>(tokenizer.encode(text)));
  }
  std::vector<std::shared_ptr<Drafter>> drafters = {make_ngram_drafter(history_of(texts))};
  if (request.drafter) drafters.push_back(request.drafter);
  condition.replay.add(prompt, output, drafters);
}

Result<void> run(const Options& options) {
  ENGRAM_TRY(lines, hide_places(options.repo, options.hide));
  ENGRAM_TRY(model, find_model(options.model));
  ENGRAM_TRY(engine, Engine::open(model.file, {}));
  const ModelFormat format = model_format(engine->tokenizer(), model.fim);
  std::unique_ptr<RecallMemory> memory;
  if (!options.store.empty()) {
    ENGRAM_TRY(index, index_workspace(options.repo, options.store, {}));
    ENGRAM_TRY(engrams, sync_engrams(options.store, *engine->shared_tokenizer(), {}));
    memory = std::make_unique<RecallMemory>(engine->shared_tokenizer(), options.store);
  }
  Timed timed;
  std::vector<Condition> conditions = {{"chain", 0, DraftReplay(0)}, {"tree", 3, DraftReplay(3)}};
  for (const HiddenPlace& place : lines) {
    const Line line(*engine, format, place, memory.get(), options);
    GenerationRequest fill = line.request();
    fill.max_tokens = 0;
    generate(*engine, fill);
    GenerationResult plain;
    if (options.runs > 0) {
      time_line(*engine, line, options.runs, plain, timed);
    } else {
      plain = generate(*engine, line.request());
    }
    if (plain.tokens.empty()) continue;
    for (Condition& condition : conditions) {
      replay_line(engine->tokenizer(), line.request(), plain, condition);
    }
    if (options.verbose) {
      fmt::print("{}\n",
                 to_json(json::object{{"line", fmt::format("{}:{}", place.path, place.line)},
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
  app.add_option("--store", options.store, "of the repository: the engram memory takes part");
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
