// assist/evaluation/evaluation.h: hidden places of a repository, completed under conditions.
//
// Each sample and condition has a Completer of its own, which has seen nothing else, and all the
// time it needs: what counts is quality, and the clock only reports.
//
// Threads: evaluate() blocks its caller; progress is called on it.
// Errors: those of the completer and of the log; kCancelled after stop (what was done is kept).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "assist/completion/completion.h"
#include "assist/evaluation/condition.h"
#include "assist/evaluation/hidden_places.h"
#include "assist/evaluation/sample_log.h"

namespace engram {

struct EvaluationSetup {
  std::shared_ptr<Engine> engine;              // null: for memory alone
  std::shared_ptr<const Tokenizer> tokenizer;  // of the engrams, for memory alone
  FimVerdict fim = FimVerdict::kUntested;
  std::filesystem::path store;  // of the repository, indexed, with engrams
  std::string repository_name;
  std::size_t prompt_tokens = 1500;
  GateParameters gate;
  std::function<void(std::size_t done, std::size_t of)> progress;  // may be empty
};

// What a completer is given for a condition, and what it is asked at a place.
CompleterOptions completer_options(const EvaluationSetup& setup, const Condition& condition);
CompletionRequest request_for(const HiddenPlace& place);

// One place under one condition.
Result<SampleResult> run_sample(const EvaluationSetup& setup, const HiddenPlace& place,
                                const Condition& condition, std::stop_token stop);

// Results in the order of places, then conditions; those that `log` knows are not made again.
Result<std::vector<SampleResult>> evaluate(const EvaluationSetup& setup,
                                           const std::vector<HiddenPlace>& places,
                                           const std::vector<Condition>& conditions, SampleLog& log,
                                           std::stop_token stop);

}  // namespace engram
