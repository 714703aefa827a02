// engram generate: raw generation from a prompt, without memory.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <future>

#include "cli/command.h"
#include "core/atomic_file.h"
#include "engine/chat/chat_template.h"
#include "engine/gguf.h"

namespace engram::cli {

namespace {

struct GenerateArguments {
  std::string prompt;
  std::size_t max_tokens = 128;
  double temperature = 0;
  std::uint64_t seed = 0;
  std::size_t think_tokens = 0;
  std::string json_schema, grammar;  // files
  bool chat = false;
  std::string system;
};

// The prompt itself, or in the chat format of the model's file.
Result<std::vector<PromptPart>> prompt_of(const GenerateArguments& arguments,
                                          const std::filesystem::path& gguf,
                                          const Tokenizer& tokenizer) {
  if (!arguments.chat) {
    return std::vector<PromptPart>{{PromptPart::Kind::kText, arguments.prompt}};
  }
  ENGRAM_TRY(file, GgufFile::open(gguf));
  std::vector<ChatMessage> messages;
  if (!arguments.system.empty()) {
    messages.push_back({ChatMessage::Role::kSystem, arguments.system});
  }
  messages.push_back({ChatMessage::Role::kUser, arguments.prompt});
  return chat_prompt(file->string("tokenizer.chat_template").value_or(""), messages, tokenizer);
}

ExitCode run_generate(const Context& context, const GenerateArguments& arguments) {
  const auto settings = context.settings(std::filesystem::current_path());
  if (!settings) return context.fail(settings.error());
  const auto model = context.model(*settings);
  if (!model) return context.fail(model.error());
  const auto engine = context.open_engine(*model, *settings);
  if (!engine) return context.fail(engine.error());

  GenerationRequest request;
  const auto prompt = prompt_of(arguments, model->file, (*engine)->tokenizer());
  if (!prompt) return context.fail(prompt.error());
  request.prompt = *prompt;
  request.max_tokens = arguments.max_tokens;
  request.temperature = arguments.temperature;
  request.seed = arguments.seed;
  if (arguments.think_tokens > 0) {
    request.think_end = "</think>";
    request.think_tokens = arguments.think_tokens;
  }
  for (const auto& [path, text] : {std::pair(&arguments.json_schema, &request.json_schema),
                                   std::pair(&arguments.grammar, &request.grammar)}) {
    if (path->empty()) continue;
    auto read = read_file(*path);
    if (!read) return context.fail(read.error());
    *text = std::move(*read);
  }
  const bool stream = !context.options.json;
  const std::stop_token stop = context.stop.get_token();
  GenerationResult result;
  {
    std::promise<void> done;
    const RequestId id = (*engine)->submit(request, [&](const GenerationEvent& event) {
      if (stream) {
        fmt::print(stderr, "{}", event.thought);  // progress, never part of the answer
        fmt::print("{}", event.piece);
        std::fflush(stdout);
      }
      if (event.done != nullptr) {
        result = *event.done;
        done.set_value();
      }
    });
    const std::stop_callback cancel(stop, [&] { (*engine)->cancel(id); });
    done.get_future().wait();
  }
  if (result.stop_reason == StopReason::kError) {
    return context.fail({Errc::kInvalidArgument, result.error});
  }
  if (stream) fmt::print("\n");
  if (result.stop_reason == StopReason::kCancelled) {
    return context.fail({Errc::kCancelled, "interrupted"});
  }
  if (stream) return kDone;
  return context.answer(json::object{{"text", json_string(result.text)},
                                     {"tokens", result.tokens.size()},
                                     {"thoughts", json_string(result.thoughts)},
                                     {"thought_tokens", result.thought_tokens},
                                     {"timings_ms",
                                      {{"queue", result.queue_ms},
                                       {"prefill", result.prefill_ms},
                                       {"decode", result.decode_ms}}},
                                     {"stop_reason", to_string(result.stop_reason)},
                                     {"prompt_tokens", result.prompt_tokens},
                                     {"model", json_string(model->name)},
                                     {"kernels", (*engine)->kernels()}},
                        "");
}

}  // namespace

void register_generate(CLI::App& app, Context& context, Run& run) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App* command = app.add_subcommand("generate", "Continue a prompt with the model alone");
  command->add_option("PROMPT", arguments->prompt, "The text to continue")->required();
  command->add_option("--max-tokens", arguments->max_tokens, "At most so many (default 128)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20));
  command->add_option("--temperature", arguments->temperature, "0 (default): greedy")
      ->check(CLI::Range(0.0, 10.0));
  command->add_option("--seed", arguments->seed, "Of the sampling");
  command
      ->add_option("--think-tokens", arguments->think_tokens,
                   "The prompt ends where a reasoning model thinks: at most so many tokens of it, "
                   "shown on stderr, before the answer")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20));
  CLI::Option* chat = command->add_flag("--chat", arguments->chat,
                                        "The prompt is a message, in the model's chat format");
  command->add_option("--system", arguments->system, "With --chat: a system message before it")
      ->needs(chat);
  command->add_option("--json-schema", arguments->json_schema,
                      "A file: the text is JSON that satisfies this schema");
  command->add_option("--grammar", arguments->grammar,
                      "A file: the text follows this grammar (GBNF)");
  command->callback([&context, &run, arguments] {
    run = [&context, arguments] { return run_generate(context, *arguments); };
  });
}

}  // namespace engram::cli
