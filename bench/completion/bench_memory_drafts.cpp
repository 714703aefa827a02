// bench/completion: what guesses from the engram memory add to those from prompt and file, on lines
// of real repositories.
//
// No model runs: what is replayed (draft_replay.h) are the true lines, tokenized, as a model would
// write them that is always right. So thousands of places cost minutes. Or, with --written, what a
// model suggested at these places in an evaluation (SampleLog), of one key and condition: other
// places are left out. With --mixed it is timed, too, how long evidence from memory takes for them.
// Each repository is indexed and remembered first; of a place the memory has all but the target and
// copies of its file. One JSON line: passes a place, what they cost in plain passes (built-in
// costs, or --row-cost), of the median place and of the slowest 5 %, and the paired differences
// with 95 % intervals.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>

#include "assist/completion/memory_at_cursor.h"
#include "assist/completion/plan.h"
#include "assist/engrams/sync.h"
#include "assist/evaluation/evaluation.h"
#include "assist/evaluation/scores.h"
#include "assist/models/model_store.h"
#include "assist/recall/memory_drafter.h"
#include "assist/recall/memory_evidence.h"
#include "bench/completion/draft_replay.h"
#include "core/json.h"
#include "engine/gguf.h"
#include "indexer/pipeline.h"

namespace engram {

namespace {

struct Options {
  std::vector<std::string> repos, languages;
  std::string model, store, mode = "line-out", written, label, condition = "suffix", key_end;
  HideOptions hide{.kinds = {PlaceKind::kLine, PlaceKind::kIdentifier}, .languages = {}};
  std::size_t prompt_tokens = 1500, branches = 3;
  double row_cost = 0;
  bool mixed = false;
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
  double us_a_token() const {
    const DraftReplay::Totals& totals = replay.totals();
    return 1000 * totals.guessing_ms / std::max(1.0, static_cast<double>(totals.tokens));
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

using Tokens = std::vector<TokenId>;

// A model that is half sure of whatever it is asked about.
class HalfSure final : public ModelChances {
 public:
  double of(TokenId) const override { return 0.1; }
  double most() const override { return 0.5; }
};

// Milliseconds that evidence takes for all tokens of an output.
double evidence_ms(Evidence& evidence, const Tokens& prompt, const Tokens& output) {
  Tokens all = prompt;
  all.insert(all.end(), output.begin(), output.end());
  const HalfSure model;
  const auto begun = std::chrono::steady_clock::now();
  for (std::size_t n = prompt.size(); n < all.size(); ++n) {
    evidence.next(std::span(all).first(n), {}, model);
  }
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
      .count();
}

// The passes of whoever knew, of all that prompt, file and memory have after the last token, what
// will be written: no guesses from these need fewer. A guess has at most 15 tokens.
std::size_t fewest_passes(const Tokens& prompt, const Tokens& output, const EngramView& view,
                          std::span<const std::shared_ptr<const Tokens>> texts) {
  Tokens all = prompt.empty() ? Tokens() : Tokens(prompt.end() - 1, prompt.end());
  const std::size_t first = all.size();
  all.insert(all.end(), output.begin(), output.end());
  LookupAnswer answer;
  const auto stands = [&](std::span<const TokenId> run) {
    const std::vector<EngramToken> context(run.begin(), run.end());
    view.look_up(context, answer);
    if (answer.longest() != nullptr && answer.longest()->length >= run.size()) return true;
    return std::any_of(texts.begin(), texts.end(), [&](const auto& text) {
      return std::search(text->begin(), text->end(), run.begin(), run.end()) != text->end();
    });
  };
  std::size_t passes = 0;
  for (std::size_t at = first; at < all.size(); ++passes) {
    const std::size_t before = at == 0 ? 0 : 1;
    const std::size_t most = std::min(kMaxEngramContext - before, all.size() - at);
    std::size_t guessed = 0;
    while (guessed < most && stands(std::span(all).subspan(at - before, before + guessed + 1))) {
      ++guessed;
    }
    at += guessed + 1;
  }
  return passes;
}

class Replays {
 public:
  Replays(const Options& options, std::shared_ptr<const Tokenizer> tokenizer, FimVerdict fim)
      : options_(options),
        tokenizer_(std::move(tokenizer)),
        format_(model_format(*tokenizer_, fim)) {}

  Result<void> repository(const std::filesystem::path& root, const std::string& language);
  json::object answer() const;

 private:
  void place(const HiddenPlace& place, const std::string& text, RecallMemory& memory);
  // By place.
  Result<std::map<std::string, std::string>> suggested(const std::string& repository) const;

  const Options& options_;
  const std::shared_ptr<const Tokenizer> tokenizer_;
  const std::shared_ptr<const TokenIndex> index_ = std::make_shared<const TokenIndex>(tokenizer_);
  const ModelFormat format_;
  Guesses file_{false, DraftReplay(options_.branches, options_.row_cost), {}, {}};
  Guesses both_{true, DraftReplay(options_.branches, options_.row_cost), {}, {}};
  std::vector<double> tokens_, fewest_;
  double evidence_ms_ = 0;
};

void Replays::place(const HiddenPlace& place, const std::string& text, RecallMemory& memory) {
  const CompletionRequest request = request_for(place);
  PlanInput input;
  input.text = *place.text;
  input.offset = place.offset;
  input.path = place.path;
  input.suffix = options_.mode == "line-out";
  const PromptPlan plan = make_plan(*tokenizer_, format_, input, options_.prompt_tokens);
  auto prompt = plan.ids;
  const std::string forced = plan.forced(*place.text, place.offset);
  const auto typed = tokenizer_->encode(forced);
  prompt.insert(prompt.end(), typed.begin(), typed.end());
  const auto output = tokenizer_->encode(text + "\n");
  std::vector<std::shared_ptr<const std::vector<TokenId>>> texts;
  for (const std::string& near : plan.surroundings(*place.text, place.offset)) {
    texts.push_back(std::make_shared<const std::vector<TokenId>>(tokenizer_->encode(near)));
  }
  const CursorView cursor = CursorView::at(*place.text, place.offset);
  const RecallOptions options;
  const auto view = MemoryAtCursor(memory, options, request, cursor).view();
  RecallPlace recalled;
  if (format_.layout == PromptLayout::kFillInTheMiddle) {
    recalled.middle = tokenizer_->special(format_.middle);
    recalled.before = tokenizer_->encode(plan.prefix);
  }
  const std::vector<std::shared_ptr<Drafter>> file = {make_ngram_drafter(history_of(texts))};
  file_.add(prompt, output, file);
  const std::vector<std::shared_ptr<Drafter>> both = {
      make_ngram_drafter(history_of(texts)),
      make_memory_drafter(view, ContextSpelling(recalled, index_),
                          options_.mixed ? kSeenByModel : kUnseen)};
  both_.add(prompt, output, both);
  if (options_.mixed) {
    const auto evidence =
        make_memory_evidence(view, ContextSpelling(recalled, index_), index_, options.gate);
    evidence_ms_ += evidence_ms(*evidence, prompt, output);
  }
  tokens_.push_back(static_cast<double>(output.size()));
  fewest_.push_back(static_cast<double>(fewest_passes(prompt, output, *view, texts)));
}

Result<std::map<std::string, std::string>> Replays::suggested(const std::string& repository) const {
  const std::string key =
      fmt::format("{} {}|{}|{}|seed {}|{} tokens{}", repository, options_.label, options_.model,
                  options_.mode, options_.hide.seed, options_.prompt_tokens, options_.key_end);
  ENGRAM_TRY(log, SampleLog::open(options_.written, key));
  std::map<std::string, std::string> texts;
  for (const SampleResult& known : log.known()) {
    if (known.condition == options_.condition && !known.text.empty()) {
      texts[known.place] = known.text;
    }
  }
  return texts;
}

Result<void> Replays::repository(const std::filesystem::path& root, const std::string& language) {
  const auto store = std::filesystem::path(options_.store) / root.filename();
  ENGRAM_TRY(index, index_workspace(root, store, {}));
  ENGRAM_TRY(engrams, sync_engrams(store, *tokenizer_, {}));
  HideOptions hide = options_.hide;
  hide.mode = options_.mode == "file-out" ? HideMode::kFileOut : HideMode::kLineOut;
  if (!language.empty()) hide.languages = {language};
  ENGRAM_TRY(places, hide_places(root, hide));
  ENGRAM_TRY(texts, suggested(root.filename().string()));
  RecallMemory memory(tokenizer_, store);
  for (const HiddenPlace& p : places) {
    const auto text = texts.find(p.id());
    if (options_.written.empty()) {
      place(p, p.truth, memory);
    } else if (text != texts.end()) {
      place(p, text->second, memory);
    }
  }
  return {};
}

// What `part` of the places cost at most, times plain decoding.
double ratio_at(double part, const std::vector<double>& costs, const std::vector<double>& tokens) {
  std::vector<double> ratios(costs.size());
  std::transform(costs.begin(), costs.end(), tokens.begin(), ratios.begin(), std::divides());
  std::sort(ratios.begin(), ratios.end());
  return ratios.empty() ? 1 : ratios[static_cast<std::size_t>(part * double(ratios.size() - 1))];
}

json::object Replays::answer() const {
  const auto seed = options_.hide.seed;
  json::object out{{"bench", "memory_drafts"},
                   {"mode", options_.mode},
                   {"seed", seed},
                   {"places", tokens_.size()},
                   {"tokens", mean(tokens_)},
                   {"tokens_per_pass_file", mean(tokens_) / std::max(1.0, mean(file_.passes))},
                   {"tokens_per_pass_both", mean(tokens_) / std::max(1.0, mean(both_.passes))},
                   {"tokens_per_pass_at_most", mean(tokens_) / std::max(1.0, mean(fewest_))},
                   {"passes_file", mean(file_.passes)},
                   {"passes_both", mean(both_.passes)},
                   {"passes_difference", difference(both_.passes, file_.passes, seed)},
                   {"us_a_token_file", file_.us_a_token()},
                   {"us_a_token_both", both_.us_a_token()},
                   {"cost_file", mean(file_.costs)},
                   {"cost_both", mean(both_.costs)},
                   {"cost_median_of_plain", ratio_at(0.5, both_.costs, tokens_)},
                   {"cost_p95_of_plain", ratio_at(0.95, both_.costs, tokens_)},
                   {"cost_difference", difference(both_.costs, file_.costs, seed)}};
  if (options_.mixed) {
    out["us_a_token_evidence"] =
        1000 * evidence_ms_ / std::max(1.0, static_cast<double>(both_.replay.totals().tokens));
  }
  return out;
}

Result<void> run(const Options& options) {
  ENGRAM_TRY(model, find_model(options.model));
  ENGRAM_TRY(file, GgufFile::open(model.file));
  ENGRAM_TRY(tokenizer, Tokenizer::from_gguf(*file));
  Replays replays(options, tokenizer, model.fim);
  for (std::size_t i = 0; i < options.repos.size(); ++i) {
    const auto& languages = options.languages;
    ENGRAM_TRY_VOID(replays.repository(std::filesystem::canonical(options.repos[i]),
                                       i < languages.size() ? languages[i] : std::string()));
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
  app.add_flag("--vendored", options.hide.vendored, "places in vendored code, too");
  app.add_option("--prompt-tokens", options.prompt_tokens);
  app.add_option("--row-cost", options.row_cost, "of a further row of a pass, in passes of one");
  app.add_option("--branches", options.branches, "at most, of one guess");
  app.add_option("--language", options.languages, "of each repository")->delimiter(',');
  std::vector<std::string> kinds;
  app.add_option("--kind", kinds)
      ->delimiter(',')
      ->check(CLI::IsMember({"line", "identifier", "block"}));
  app.add_option("--written", options.written, "results of foreign_eval, to replay")
      ->check(CLI::ExistingFile);
  app.add_option("--condition", options.condition, "of those results");
  app.add_option("--label", options.label, "of their key");
  app.add_flag("--mixed", options.mixed, "guess as where memory is mixed into what is written");
  app.add_option("--key-end", options.key_end);
  CLI11_PARSE(app, argc, argv);
  if (!kinds.empty()) options.hide.kinds = engram::kinds_named(kinds);
  const auto done = engram::run(options);
  if (done) return 0;
  fmt::print(stderr, "bench_memory_drafts: {}\n", done.error().message);
  return 1;
}
