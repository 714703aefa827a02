// bench/completion: what guesses from the engram memory add to those from prompt and file, on lines
// of real repositories.
//
// No model runs: what is replayed (draft_replay.h) are the true lines, tokenized, as a model would
// write them that is always right. So thousands of places cost minutes; a model that errs gains
// less. Each repository is indexed and remembered first; of a place the memory has all but the
// target and copies of its file. One JSON line: passes a place, what they cost in plain passes, and
// the paired differences with 95 % intervals.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "assist/completion/memory_completion.h"
#include "assist/completion/plan.h"
#include "assist/engrams/sync.h"
#include "assist/evaluation/evaluation.h"
#include "assist/evaluation/scores.h"
#include "assist/models/model_store.h"
#include "assist/recall/memory_drafter.h"
#include "bench/completion/draft_replay.h"
#include "core/json.h"
#include "engine/gguf.h"
#include "indexer/pipeline.h"

namespace engram {

namespace {

struct Options {
  std::vector<std::string> repos;
  std::string model, store, mode = "line-out";
  HideOptions hide{.kinds = {PlaceKind::kLine, PlaceKind::kIdentifier}, .languages = {}};
  std::size_t prompt_tokens = 1500, branches = 3;
};

// One way to guess, over all places; it learns from place to place as an engine does.
struct Guesses {
  bool memory = false;
  DraftReplay replay;
  std::vector<double> passes, costs;  // of each place

  void add(std::span<const TokenId> prompt, std::span<const TokenId> output,
           std::span<const std::shared_ptr<Drafter>> drafters) {
    const std::size_t before = replay.totals().passes;
    const double cheaper = replay.add(prompt, output, drafters);
    passes.push_back(static_cast<double>(replay.totals().passes - before));
    costs.push_back(static_cast<double>(output.size()) / cheaper);
  }
};

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(std::max<std::size_t>(1, values.size()));
}

json::object difference(const std::vector<double>& with, const std::vector<double>& without,
                        std::uint64_t seed) {
  std::vector<double> differences(with.size());
  for (std::size_t i = 0; i < with.size(); ++i) differences[i] = with[i] - without[i];
  const Interval d = paired_bootstrap(differences, seed);
  return {{"mean", d.mean}, {"low", d.low}, {"high", d.high}};
}

class Replays {
 public:
  Replays(const Options& options, std::shared_ptr<const Tokenizer> tokenizer, FimVerdict fim)
      : options_(options),
        tokenizer_(std::move(tokenizer)),
        format_(model_format(*tokenizer_, fim)) {}

  Result<void> repository(const std::filesystem::path& root);
  json::object answer() const;

 private:
  void place(const HiddenPlace& place, RecallMemory& memory);

  const Options& options_;
  const std::shared_ptr<const Tokenizer> tokenizer_;
  const std::shared_ptr<const TokenIndex> index_ = std::make_shared<const TokenIndex>(tokenizer_);
  const ModelFormat format_;
  Guesses file_{false, DraftReplay(options_.branches), {}, {}};
  Guesses both_{true, DraftReplay(options_.branches), {}, {}};
  std::vector<double> tokens_;
};

void Replays::place(const HiddenPlace& place, RecallMemory& memory) {
  const CompletionRequest request = request_for(place);
  PlanInput input;
  input.text = *place.text;
  input.offset = place.offset;
  input.path = place.path;
  input.suffix = options_.mode == "line-out";
  const PromptPlan plan = make_plan(*tokenizer_, format_, input, options_.prompt_tokens);
  auto prompt = plan.ids;
  const std::string forced(plan.forced(*place.text, place.offset));
  const auto typed = tokenizer_->encode(forced);
  prompt.insert(prompt.end(), typed.begin(), typed.end());
  const auto output = tokenizer_->encode(place.truth + "\n");
  std::vector<std::shared_ptr<const std::vector<TokenId>>> texts;
  for (const std::string& text : plan.surroundings(*place.text, place.offset)) {
    texts.push_back(std::make_shared<const std::vector<TokenId>>(tokenizer_->encode(text)));
  }
  const CursorView cursor = CursorView::at(*place.text, place.offset);
  const auto view = view_at(memory, request, cursor, RecallOptions{});
  RecallPlace recalled;
  if (format_.layout == PromptLayout::kFillInTheMiddle) {
    recalled.middle = tokenizer_->special(format_.middle);
    recalled.before = tokenizer_->encode(plan.prefix);
  }
  const std::vector<std::shared_ptr<Drafter>> file = {make_ngram_drafter(history_of(texts))};
  file_.add(prompt, output, file);
  const std::vector<std::shared_ptr<Drafter>> both = {
      make_ngram_drafter(history_of(texts)),
      make_memory_drafter(view, ContextSpelling(recalled, index_))};
  both_.add(prompt, output, both);
  tokens_.push_back(static_cast<double>(output.size()));
}

Result<void> Replays::repository(const std::filesystem::path& root) {
  const auto store = std::filesystem::path(options_.store) / root.filename();
  ENGRAM_TRY(index, index_workspace(root, store, {}));
  ENGRAM_TRY(engrams, sync_engrams(store, *tokenizer_, {}));
  HideOptions hide = options_.hide;
  hide.mode = options_.mode == "file-out" ? HideMode::kFileOut : HideMode::kLineOut;
  ENGRAM_TRY(places, hide_places(root, hide));
  RecallMemory memory(tokenizer_, store);
  for (const HiddenPlace& p : places) place(p, memory);
  return {};
}

json::object Replays::answer() const {
  const auto seed = options_.hide.seed;
  return {{"bench", "memory_drafts"},
          {"mode", options_.mode},
          {"seed", seed},
          {"places", tokens_.size()},
          {"tokens", mean(tokens_)},
          {"passes_file", mean(file_.passes)},
          {"passes_both", mean(both_.passes)},
          {"passes_difference", difference(both_.passes, file_.passes, seed)},
          {"cost_file", mean(file_.costs)},
          {"cost_both", mean(both_.costs)},
          {"cost_difference", difference(both_.costs, file_.costs, seed)}};
}

Result<void> run(const Options& options) {
  ENGRAM_TRY(model, find_model(options.model));
  ENGRAM_TRY(file, GgufFile::open(model.file));
  ENGRAM_TRY(tokenizer, Tokenizer::from_gguf(*file));
  Replays replays(options, tokenizer, model.fim);
  for (const std::string& repo : options.repos) {
    ENGRAM_TRY_VOID(replays.repository(std::filesystem::canonical(repo)));
  }
  json::object answer = replays.answer();
  answer["model"] = model.name;
  fmt::print("{}\n", to_json(answer));
  return {};
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  CLI::App app{"What guesses from the engram memory add, replayed on true lines"};
  engram::Options options;
  app.add_option("--repo", options.repos, "repositories")->required()->delimiter(',');
  app.add_option("--store", options.store, "a directory of stores")->required();
  app.add_option("--model", options.model, "whose tokenizer and layout")->required();
  app.add_option("--mode", options.mode)->check(CLI::IsMember({"line-out", "file-out"}));
  app.add_option("--samples", options.hide.samples, "of each repository");
  app.add_option("--seed", options.hide.seed);
  app.add_option("--prompt-tokens", options.prompt_tokens);
  CLI11_PARSE(app, argc, argv);
  const auto done = engram::run(options);
  if (done) return 0;
  fmt::print(stderr, "bench_memory_drafts: {}\n", done.error().message);
  return 1;
}
