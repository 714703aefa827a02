// bench/completion: `engram eval completion` with the model elsewhere.
//
//   foreign_eval record PROMPTS.jsonl ...    writes what the model would be asked
//   foreign_eval replay ANSWERS.jsonl ...    the same evaluation with the answers that came back
//   foreign_eval ask ANSWERS.jsonl ...       asks the process that started it, by stdin and stdout
//
// Between the first two: tools/oracle/complete_prompts.py on a machine with a GPU. The third is
// started by tools/oracle/serve_logits.py, and alone knows memory mixed into the model's choice.
// Prompts, filters, syntax checks, scores and what memory says are the product's. Places of all
// repositories and both modes are taken in turn, so that what is done when time is up is balanced;
// a sample nobody answered is left out and counted. Results go to --results, a summary to stderr.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "assist/engrams/sync.h"
#include "assist/evaluation/evaluation.h"
#include "assist/evaluation/summary.h"
#include "assist/models/model_store.h"
#include "bench/completion/foreign_engine.h"
#include "indexer/pipeline.h"
#include "memory/identifiers/identifier_sync.h"

namespace engram {

namespace {

struct Options {
  std::string verb, file, store, model, line_out, file_out, results, label, key_end;
  std::vector<std::string> repos, languages;
  HideOptions hide;
  std::size_t prompt_tokens = 1500;
  unsigned workers = 8;
};

std::stop_source interrupted;

// One repository in one mode.
struct Track {
  std::string name;  // the repository's
  HideMode mode = HideMode::kLineOut;
  EvaluationSetup setup;
  std::vector<Condition> conditions;
  std::vector<HiddenPlace> places;
  SampleLog log;
  std::vector<SampleResult> results{};
  std::size_t unanswered = 0;
};

class ForeignEvaluation {
 public:
  explicit ForeignEvaluation(const Options& options) : options_(options) {}
  Result<void> run();

 private:
  Result<void> open();
  Result<void> add_repository(const std::filesystem::path& root, const std::string& language);
  void work();
  void complete(Track& track, const HiddenPlace& place);
  void report(HideMode mode) const;

  const Options& options_;
  ModelInfo model_;
  std::shared_ptr<AskedModel> asked_;  // null: not asking
  std::shared_ptr<ForeignEngine> engine_;
  std::vector<std::unique_ptr<Track>> tracks_;
  Mutex mutex_;  // of what the tracks have got
  std::size_t next_ ENGRAM_GUARDED_BY(mutex_) = 0;
};

Result<void> ForeignEvaluation::open() {
  ENGRAM_TRY(model, find_model(options_.model));
  model_ = model;
  const bool record = options_.verb == "record";
  if (options_.verb == "ask") asked_ = std::make_shared<AskedModel>(stdin, stdout);
  ENGRAM_TRY(engine, ForeignEngine::open(model.file,
                                         {.record = record ? options_.file : "",
                                          .answers = record ? "" : options_.file},
                                         asked_));
  engine_ = engine;
  for (std::size_t i = 0; i < options_.repos.size(); ++i) {
    const auto& languages = options_.languages;
    ENGRAM_TRY_VOID(
        add_repository(options_.repos[i], i < languages.size() ? languages[i] : std::string()));
  }
  return {};
}

Result<void> ForeignEvaluation::add_repository(const std::filesystem::path& root,
                                               const std::string& language) {
  EvaluationSetup setup;
  setup.engine = engine_;
  setup.fim = model_.fim;
  setup.tokenizer = engine_->shared_tokenizer();
  setup.repository_name = root.filename().string();
  setup.store = std::filesystem::path(options_.store) / setup.repository_name;
  setup.prompt_tokens = options_.prompt_tokens;
  fmt::print(stderr, "foreign_eval: {}\n", setup.repository_name);
  ENGRAM_TRY(index, index_workspace(root, setup.store, {}));
  ENGRAM_TRY(engrams, sync_engrams(setup.store, *setup.tokenizer, {}));
  ENGRAM_TRY(identifiers, sync_identifiers(setup.store));
  HideOptions hide = options_.hide;
  if (!language.empty()) hide.languages = {language};
  for (const HideMode mode : {HideMode::kLineOut, HideMode::kFileOut}) {
    const std::string& conditions =
        mode == HideMode::kLineOut ? options_.line_out : options_.file_out;
    hide.mode = mode;
    if (conditions.empty()) continue;
    ENGRAM_TRY(places, hide_places(root, hide));
    const std::string key = fmt::format("{} {}|{}|{}|seed {}|{} tokens{}", setup.repository_name,
                                        options_.label, model_.name, to_string(mode), hide.seed,
                                        options_.prompt_tokens, options_.key_end);
    ENGRAM_TRY(log, SampleLog::open(options_.results, key));
    ENGRAM_TRY(parsed, parse_conditions(conditions));
    tracks_.push_back(std::make_unique<Track>(Track{
        setup.repository_name, mode, setup, std::move(parsed), std::move(places), std::move(log)}));
  }
  return {};
}

// What is not in the log yet of one place, under all conditions.
void ForeignEvaluation::complete(Track& track, const HiddenPlace& place) {
  std::vector<Condition> left;
  std::vector<SampleResult> results;
  {
    const MutexLock lock(mutex_);
    for (const Condition& condition : track.conditions) {
      const auto& known = track.log.known();
      const auto done = std::find_if(known.begin(), known.end(), [&](const SampleResult& r) {
        return r.place == place.id() && r.condition == condition.name;
      });
      if (done == known.end()) {
        left.push_back(condition);
      } else {
        results.push_back(*done);
      }
    }
  }
  for (const Condition& condition : left) {
    const auto made = run_sample(track.setup, place, condition, interrupted.get_token());
    const MutexLock lock(mutex_);
    if (!made || interrupted.stop_requested()) {
      ++track.unanswered;
      continue;
    }
    if (options_.verb != "record" && !track.log.add(*made)) interrupted.request_stop();
    results.push_back(*made);
  }
  const MutexLock lock(mutex_);
  track.results.insert(track.results.end(), results.begin(), results.end());
}

void ForeignEvaluation::work() {
  while (!interrupted.stop_requested() && !(asked_ && asked_->gone())) {
    std::size_t at = 0;
    {
      const MutexLock lock(mutex_);
      at = next_++;
    }
    const std::size_t i = at / tracks_.size();
    Track& track = *tracks_[at % tracks_.size()];
    if (i >= options_.hide.samples) return;
    if (options_.verb == "record") engine_->set_group(i);
    if (i < track.places.size()) complete(track, track.places[i]);
    if (at % 10 == 0) fmt::print(stderr, "foreign_eval: {} places\n", at);
  }
}

void ForeignEvaluation::report(HideMode mode) const {
  std::vector<SampleResult> all;
  std::size_t unanswered = 0;
  for (const auto& track : tracks_) {
    if (track->mode != mode) continue;
    unanswered += track->unanswered;
    for (SampleResult result : track->results) {
      result.place = track->name + "/" + result.place;
      all.push_back(std::move(result));
    }
  }
  if (all.empty()) return;
  const json::object summary = summarize(all, all.front().condition, options_.hide.seed);
  fmt::print(stderr, "{}: {} samples, {} unanswered\n{}", to_string(mode), all.size(), unanswered,
             summary_text(summary));
}

Result<void> ForeignEvaluation::run() {
  ENGRAM_TRY_VOID(open());
  if (tracks_.empty()) return Error{Errc::kInvalidArgument, "no conditions of either mode"};
  {
    std::vector<std::jthread> workers;
    const unsigned n = options_.verb == "ask" ? options_.workers : 1;
    for (unsigned i = 0; i < n; ++i) workers.emplace_back([this] { work(); });
  }
  if (options_.verb == "record") return {};
  report(HideMode::kLineOut);
  report(HideMode::kFileOut);
  return {};
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  CLI::App app{"Evaluation of completions with the model elsewhere"};
  engram::Options options;
  app.add_option("VERB", options.verb)
      ->required()
      ->check(CLI::IsMember({"record", "replay", "ask"}));
  app.add_option("FILE", options.file, "prompts to write, or answers")->required();
  app.add_option("--repo", options.repos)->required()->delimiter(',');
  app.add_option("--language", options.languages, "of each repository")->delimiter(',');
  app.add_option("--store", options.store, "a directory of stores")->required();
  app.add_option("--model", options.model)->required();
  app.add_option("--line-out", options.line_out, "conditions where the target alone is hidden");
  app.add_option("--file-out", options.file_out, "conditions in a new file");
  app.add_option("--samples", options.hide.samples, "of each repository");
  app.add_option("--seed", options.hide.seed);
  app.add_flag("--vendored", options.hide.vendored, "places in vendored code, too");
  std::vector<std::string> kinds;
  app.add_option("--kind", kinds)
      ->delimiter(',')
      ->check(CLI::IsMember({"line", "identifier", "block"}));
  app.add_option("--prompt-tokens", options.prompt_tokens);
  app.add_option("--results", options.results, "a JSON line a sample and condition");
  app.add_option("--label", options.label, "a commit");
  app.add_option("--key-end", options.key_end, "of the key of those lines: how it was computed");
  app.add_option("--workers", options.workers, "places at a time");
  CLI11_PARSE(app, argc, argv);
  if (!kinds.empty()) options.hide.kinds = engram::kinds_named(kinds);
  std::signal(SIGPIPE, SIG_IGN);
  const auto done = engram::ForeignEvaluation(options).run();
  if (done) return 0;
  fmt::print(stderr, "foreign_eval: {}\n", done.error().message);
  return 1;
}
