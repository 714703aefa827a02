#include "assist/evaluation/evaluation.h"

#include <cmath>
#include <map>

#include "assist/completion/line_view.h"
#include "assist/evaluation/scores.h"

namespace engram {

namespace {

constexpr std::size_t kLineTokens = 48, kBlockTokens = 200;
constexpr std::chrono::milliseconds kLookUp{5000};

SampleResult result_of(const HiddenPlace& place, const Condition& condition,
                       const CompletionResult& completed) {
  SampleResult r;
  r.place = place.id();
  r.kind = to_string(place.kind);
  r.condition = condition.name;
  r.novel = place.novel;
  r.truth = place.truth;
  r.reason = completed.reason;
  if (!completed.items.empty()) {
    r.text = completed.items[0].text;
    r.confidence = completed.items[0].confidence;
    r.agrees = completed.items[0].memory_agrees;
  }
  r.exact = trimmed_right(r.text) == r.truth;
  r.similarity = edit_similarity(trimmed_right(r.text), r.truth);
  const IdentifierCount names = identifier_count(r.text, r.truth);
  r.names_wanted = names.wanted, r.names_found = names.found, r.names_known = place.names_known;
  r.prompt_tokens = completed.prompt_tokens;
  r.tokens = completed.generated_tokens;
  r.ms = completed.timings.total_ms;
  return r;
}

}  // namespace

CompletionRequest request_for(const HiddenPlace& place) {
  CompletionRequest request;
  request.path = place.path;
  request.language = place.language;
  request.text = place.text;
  request.offset = place.offset;
  request.single_line = place.kind != PlaceKind::kBlock;
  request.max_tokens = request.single_line ? kLineTokens : kBlockTokens;
  request.invoked = true;  // without the threshold
  request.excluded_paths = place.copies;
  return request;
}

CompleterOptions completer_options(const EvaluationSetup& setup, const Condition& condition) {
  CompleterOptions options;
  options.store = setup.store;
  options.recall = condition.recall;
  options.recall.gate = setup.gate;
  options.tokenizer = setup.tokenizer;
  options.repository_name = setup.repository_name;
  options.context_deadline = kLookUp;
  options.fim = setup.fim;
  options.ingredients = condition.ingredients;
  options.prompt_tokens = setup.prompt_tokens;
  options.file_tokens = condition.file_tokens;
  options.unhurried = true;
  options.keep_traces = false;
  return options;
}

Result<SampleResult> run_sample(const EvaluationSetup& setup, const HiddenPlace& place,
                                const Condition& condition, std::stop_token stop) {
  const auto engine = condition.alone ? nullptr : setup.engine;
  const auto completer = Completer::create(engine, completer_options(setup, condition));
  const CompletionRequest request = request_for(place);
  ENGRAM_TRY(completed, completer->complete(request, stop));
  SampleResult r = result_of(place, condition, completed);
  if (condition.alone) return r;
  // That of the prompt chooses the first token; more tokens without another: told without passes.
  const bool counted = completed.decode_passes > 0 || completed.generated_tokens < 2;
  r.passes = counted ? completed.decode_passes + 1 : 0;
  ENGRAM_TRY(scored, completer->score(request, place.truth, stop));
  for (const auto& token : scored.tokens) r.bits -= token.log_probability / std::log(2.0);
  r.bytes = r.truth.size();
  return r;
}

Result<std::vector<SampleResult>> evaluate(const EvaluationSetup& setup,
                                           const std::vector<HiddenPlace>& places,
                                           const std::vector<Condition>& conditions, SampleLog& log,
                                           std::stop_token stop) {
  std::map<std::pair<std::string, std::string>, const SampleResult*> known;
  for (const auto& r : log.known()) known[{r.place, r.condition}] = &r;
  std::vector<SampleResult> results;
  for (const HiddenPlace& place : places) {
    for (const Condition& condition : conditions) {
      const auto done = known.find({place.id(), condition.name});
      // Of another tree the same place may hide another text.
      if (done != known.end() && done->second->truth == place.truth) {
        results.push_back(*done->second);
      } else {
        ENGRAM_TRY(result, run_sample(setup, place, condition, stop));
        if (stop.stop_requested()) return Error{Errc::kCancelled, "interrupted"};
        ENGRAM_TRY_VOID(log.add(result));
        results.push_back(std::move(result));
      }
      if (setup.progress) setup.progress(results.size(), places.size() * conditions.size());
    }
  }
  return results;
}

}  // namespace engram
