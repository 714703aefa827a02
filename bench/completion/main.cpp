// bench/completion: how good and how fast completions of a real repository are.
//
// Hides seeded lines one at a time and completes each, with the memory of the repository and
// without it; then types into each place and times every keystroke. One JSON line a condition.
#include <fmt/format.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>

#include "assist/completion/completion.h"
#include "assist/completion/line_view.h"
#include "bench/completion/hidden_lines.h"
#include "core/json.h"
#include "indexer/pipeline.h"

namespace engram {

namespace {

namespace fs = std::filesystem;

struct Options {
  std::string repo, model, store, kernels;
  HideOptions hide;
  std::size_t max_tokens = 48, typed = 6, typed_tokens = 12;
  unsigned threads = 0;
  bool verbose = false, warm = false;
};

struct Tally {
  std::size_t samples = 0, exact = 0, shown = 0, shown_exact = 0, sure = 0, sure_exact = 0;
  double similarity = 0;
  std::vector<double> ms, context_ms;
  std::size_t prompt_tokens = 0, reused_tokens = 0, generated_tokens = 0;
  std::map<std::string, std::size_t> reasons;
};

double percentile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1))];
}

json::object report(const std::string& name, const Tally& all, const Tally& novel) {
  const auto rate = [](double part, std::size_t of) {
    return of == 0 ? 0.0 : part / static_cast<double>(of);
  };
  json::object reasons;
  for (const auto& [reason, n] : all.reasons) reasons[reason] = n;
  return {{"name", name},
          {"samples", all.samples},
          {"exact_match", all.exact},
          {"edit_similarity", rate(all.similarity, all.samples)},
          {"novel_samples", novel.samples},
          {"novel_exact_match", novel.exact},
          {"novel_edit_similarity", rate(novel.similarity, novel.samples)},
          {"shown", all.shown},
          {"shown_exact", all.shown_exact},
          {"confident", all.sure},
          {"confident_exact", all.sure_exact},
          {"p50_ms", percentile(all.ms, 0.5)},
          {"p95_ms", percentile(all.ms, 0.95)},
          {"context_p50_ms", percentile(all.context_ms, 0.5)},
          {"context_p95_ms", percentile(all.context_ms, 0.95)},
          {"prompt_tokens", rate(static_cast<double>(all.prompt_tokens), all.ms.size())},
          {"reused_tokens", rate(static_cast<double>(all.reused_tokens), all.ms.size())},
          {"generated_tokens", rate(static_cast<double>(all.generated_tokens), all.ms.size())},
          {"reasons", reasons}};
}

void count(Tally& tally, const CompletionResult& result, const std::string& truth) {
  constexpr double kSure = 0.9;  // mean log-probability about -0.1
  const std::string text = result.items.empty() ? std::string() : result.items[0].text;
  const bool exact = text == truth;
  ++tally.samples;
  tally.exact += exact;
  tally.similarity += edit_similarity(text, truth);
  tally.ms.push_back(result.timings.total_ms);
  tally.context_ms.push_back(result.timings.context_ms);
  tally.prompt_tokens += result.prompt_tokens;
  tally.reused_tokens += result.reused_tokens;
  tally.generated_tokens += result.generated_tokens;
  if (result.items.empty()) {
    ++tally.reasons[result.reason];
    return;
  }
  ++tally.shown;
  tally.shown_exact += exact;
  if (result.items[0].confidence < kSure) return;
  ++tally.sure;
  tally.sure_exact += exact;
}

CompletionRequest request_for(const HiddenLine& line, std::size_t max_tokens) {
  CompletionRequest request;
  request.path = line.path;
  request.language = line.language;
  request.text = line.text;
  request.offset = line.offset;
  request.max_tokens = max_tokens;
  request.single_line = true;
  request.invoked = true;  // quality is counted without the clock and without the threshold
  return request;
}

Result<void> run_condition(const std::string& name, Completer& completer,
                           const std::vector<HiddenLine>& lines, const Options& options) {
  Tally all, novel;
  for (const auto& line : lines) {
    const CompletionRequest request = request_for(line, options.max_tokens);
    if (options.warm) completer.warm(request, {});
    ENGRAM_TRY(result, completer.complete(request, {}));
    count(all, result, line.truth);
    if (line.novel) count(novel, result, line.truth);
    if (options.verbose) {
      fmt::print(
          stderr, "{}:{} [{}]\n  true: {}\n  ours: {}\n", line.path, line.line,
          result.items.empty() ? result.reason : fmt::format("{:.2f}", result.items[0].confidence),
          line.truth, result.items.empty() ? "" : result.items[0].text);
    }
  }
  fmt::print("{}\n", to_json(report(name, all, novel)));
  std::fflush(stdout);
  return {};
}

// A person at work: pauses at a place, types on, and sees a suggestion at every key.
Result<void> run_typing(Completer& completer, const std::vector<HiddenLine>& lines,
                        const Options& options) {
  Tally keys;
  for (const auto& line : lines) {
    CompletionRequest request = request_for(line, options.typed_tokens);
    request.invoked = false;
    completer.warm(request, {});
    std::string text = *line.text;
    for (std::size_t i = 0; i < std::min(options.typed, line.truth.size()); ++i) {
      text.insert(request.offset, 1, line.truth[i]);
      request.text = std::make_shared<std::string>(text);
      ++request.offset;
      ENGRAM_TRY(result, completer.complete(request, {}));
      count(keys, result, line.truth.substr(i + 1));
    }
  }
  fmt::print("{}\n", to_json(report("typing", keys, {})));
  return {};
}

Result<void> run(const Options& options) {
  ENGRAM_TRY(lines, hide_lines(options.repo, options.hide));
  const fs::path store = options.store;
  ENGRAM_TRY(index, index_workspace(options.repo, store, {}));
  ENGRAM_TRY(model,
             find_model(options.model.empty() ? std::nullopt
                                              : std::optional<std::string_view>(options.model)));
  EngineOptions engine_options;
  engine_options.kernels = options.kernels;
  engine_options.threads = options.threads;
  ENGRAM_TRY(engine, Engine::open(model.file, engine_options));
  if (model.fim == FimVerdict::kUntested) {
    ENGRAM_TRY(tested, record_fim_verdict(model, run_fim_self_test(*engine)));
    model = tested;
  }
  fmt::print("{}\n", to_json(json::object{{"model", model.name},
                                          {"kernels", engine->kernels()},
                                          {"fim", to_string(model.fim)},
                                          {"seed", options.hide.seed},
                                          {"files", index.counts.files},
                                          {"chunks", index.counts.chunks}}));
  CompleterOptions plain;
  plain.repository_name = fs::path(options.repo).filename().string();
  plain.fim = model.fim;
  CompleterOptions with_memory = plain;
  with_memory.store = store;
  const auto without = Completer::create(engine, plain);
  const auto with = Completer::create(engine, with_memory);
  ENGRAM_TRY_VOID(run_condition("model", *without, lines, options));
  ENGRAM_TRY_VOID(run_condition("model+memory", *with, lines, options));
  return run_typing(*with, lines, options);
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  CLI::App app{"Quality and latency of completions on a real repository"};
  engram::Options options;
  app.add_option("--repo", options.repo, "repository to hide lines of")->required();
  app.add_option("--store", options.store, "where its memory is put")->required();
  app.add_option("--model", options.model, "name or path");
  app.add_option("--samples", options.hide.samples);
  app.add_option("--seed", options.hide.seed);
  app.add_option("--language", options.hide.languages);
  app.add_option("--max-tokens", options.max_tokens);
  app.add_option("--threads", options.threads);
  app.add_option("--kernels", options.kernels);
  app.add_option("--type", options.typed, "keys to type at each place");
  app.add_flag("--warm", options.warm, "as after a pause: full context before each");
  app.add_flag("--verbose", options.verbose, "print every sample");
  CLI11_PARSE(app, argc, argv);
  const auto done = engram::run(options);
  if (done) return 0;
  fmt::print(stderr, "bench_completion: {}\n", done.error().message);
  return 1;
}
