// cli/commands/eval_commands.h: the parts of `engram eval`.
//
// Private to cli/commands/eval*.cpp; arguments are as the user gave them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "assist/evaluation/evaluation.h"
#include "cli/context.h"

namespace engram::cli {

// The model in use, opened; the places of several repositories share it. For memory alone only its
// tokenizer: no weights are read.
struct EvaluatedModel {
  ModelInfo info;
  std::shared_ptr<Engine> engine;  // null: for memory alone
  std::shared_ptr<const Tokenizer> tokenizer;
  FimVerdict fim = FimVerdict::kUntested;
};
// kInvalidArgument with --no-model.
Result<EvaluatedModel> open_evaluated_model(const Context& context, const Settings& settings);
Result<EvaluatedModel> open_evaluated_tokenizer(const Context& context, const Settings& settings);

// A repository that is indexed, with engrams of the model.
struct EvaluatedRepository {
  std::filesystem::path root;
  EvaluationSetup setup;
  std::uint64_t files = 0, engram_tokens = 0;
};
Result<std::filesystem::path> evaluated_root(const std::string& repo);
Result<EvaluatedRepository> prepare_repository(const Context& context, const Settings& settings,
                                               const std::filesystem::path& root,
                                               const std::filesystem::path& store,
                                               const EvaluatedModel& model);

struct FitGateArguments {
  std::string out;
  std::vector<std::string> repos{"."};
  std::size_t samples = 100, prompt_tokens = 1500;
  std::uint64_t seed = 1;
};
ExitCode run_fit_gate(const Context& context, const FitGateArguments& arguments);

}  // namespace engram::cli
