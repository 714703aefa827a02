// engram complete: one completion as an editor would get it.

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "assist/completion/completion.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "core/atomic_file.h"
#include "core/path.h"
#include "core/text.h"
#include "indexer/scan/scanner.h"
#include "memory/catalogue.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

struct CompleteArguments {
  std::string position;
  bool from_stdin = false;
  std::size_t max_tokens = 0;  // 0: the setting
  std::size_t items = 1;
};

constexpr std::size_t kMaxBuffer = 16u << 20;

Result<std::string> read_stdin() {
  std::string text;
  std::vector<char> block(1 << 16);
  while (true) {
    const ssize_t n = ::read(STDIN_FILENO, block.data(), block.size());
    if (n < 0) return Error{Errc::kIo, "cannot read the unsaved contents from standard input"};
    if (n == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(n));
    if (text.size() > kMaxBuffer) {
      return Error{Errc::kInvalidArgument, "cannot complete: standard input is over 16 MiB"};
    }
  }
}

json::value position_json(const LineIndex& lines, std::size_t offset) {
  const TextPosition p = lines.position(offset);
  return {{"line", p.line + 1}, {"column", p.column + 1}, {"offset", offset}};
}

json::value item_json(const CompletionItem& item, const LineIndex& lines) {
  json::array sources;
  for (const FactSource& s : item.sources) {
    sources.push_back({{"file", json_string(s.path)}, {"line", s.line}});
  }
  return {{"id", json_string(item.id)},
          {"text", json_string(item.text)},
          {"range",
           {{"start", position_json(lines, item.begin)}, {"end", position_json(lines, item.end)}}},
          {"certainty", to_string(item.certainty)},
          {"checked", to_string(item.checked)},
          {"confidence", item.confidence},
          {"from_memory", item.from_memory},
          {"memory_agrees", item.memory_agrees},
          {"sources", std::move(sources)}};
}

json::value result_json(const CompletionResult& result, const LineIndex& lines) {
  json::array items;
  for (const CompletionItem& item : result.items) items.push_back(item_json(item, lines));
  const CompletionTimings& t = result.timings;
  return {{"items", std::move(items)},
          {"reason", json_string(result.reason)},
          {"detail", json_string(result.detail)},
          {"timings_ms",
           {{"context", t.context_ms},
            {"prefill", t.prefill_ms},
            {"decode", t.decode_ms},
            {"check", t.check_ms},
            {"total", t.total_ms}}},
          {"tokens",
           {{"prompt", result.prompt_tokens},
            {"reused", result.reused_tokens},
            {"generated", result.generated_tokens},
            {"drafted", result.drafted_tokens},
            {"accepted", result.accepted_tokens}}}};
}

std::string result_text(const CompletionResult& result) {
  std::string out;
  for (const CompletionItem& item : result.items) {
    out += item.text + "\n";
    out += fmt::format("  -- confidence {:.2f}, checked: {}, facts: {}{}\n", item.confidence,
                       to_string(item.checked), to_string(item.certainty),
                       item.from_memory     ? ", from memory alone"
                       : item.memory_agrees ? ", memory agrees"
                                            : "");
    for (const FactSource& s : item.sources) out += fmt::format("  -- {}:{}\n", s.path, s.line);
  }
  if (result.items.empty()) {
    out += fmt::format("nothing to suggest: {}{}\n", result.reason,
                       result.detail.empty() ? "" : " (" + result.detail + ")");
  }
  const CompletionTimings& t = result.timings;
  out += fmt::format(
      "  -- {:.0f} ms: context {:.0f}, prefill {:.0f} ({} tokens, {} reused), decode {:.0f} ({} "
      "tokens), check {:.0f}\n",
      t.total_ms, t.context_ms, t.prefill_ms, result.prompt_tokens, result.reused_tokens,
      t.decode_ms, result.generated_tokens, t.check_ms);
  return out;
}

// The pieces a completion needs, from the options: the engine may be absent (--no-model), the
// store too (--no-memory, or nothing indexed yet).
Result<std::shared_ptr<Completer>> make_completer(const Context& context, const fs::path& root,
                                                  const Settings& settings) {
  ENGRAM_TRY(options, completer_options_from(settings));
  options.repository_name = root.filename().string();
  std::shared_ptr<Engine> engine;
  if (!context.options.no_model) {
    ENGRAM_TRY(model, context.model(settings));
    ENGRAM_TRY(opened, context.open_engine(model, settings));
    engine = opened;
    options.fim = model.fim == FimVerdict::kUntested ? run_fim_self_test(*engine) : model.fim;
    if (model.fim == FimVerdict::kUntested) {
      if (const auto stored = record_fim_verdict(model, options.fim); !stored) {
        context.notice(stored.error().message);
      }
    }
  }
  if (!context.options.no_memory) {
    const fs::path store = context.store_directory(root, settings);
    if (auto reader = CatalogueReader::open(store)) {
      options.store = store;
    } else if (reader.error().code == Errc::kNotFound) {
      context.notice("this workspace is not indexed yet: run 'engram index' for its memory");
    } else {
      context.notice(reader.error().message);
    }
    if (context.options.no_model) {  // memory answers by itself, in a tokenizer's terms
      if (auto tokenizer = context.tokenizer(settings)) options.tokenizer = *tokenizer;
    }
  }
  return Completer::create(std::move(engine), options);
}

ExitCode run_complete(const Context& context, const CompleteArguments& arguments) {
  const auto position = parse_position(arguments.position);
  if (!position) return context.fail(position.error());
  auto contents = arguments.from_stdin ? read_stdin() : read_file(position->file, kMaxBuffer);
  if (!contents) return context.fail(contents.error());
  const auto offset = offset_of(*position, *contents);
  if (!offset) return context.fail(offset.error());

  std::error_code ec;
  const fs::path file = fs::weakly_canonical(fs::absolute(position->file), ec);
  const fs::path root = workspace_of(file);
  const auto settings = context.settings(root);
  if (!settings) return context.fail(settings.error());
  const auto completer = make_completer(context, root, *settings);
  if (!completer) return context.fail(completer.error());

  CompletionRequest request;
  request.path = relative_path(root, file).value_or(file.filename().string());
  request.text = std::make_shared<const std::string>(std::move(*contents));
  request.offset = *offset;
  request.max_tokens = arguments.max_tokens != 0
                           ? arguments.max_tokens
                           : static_cast<std::size_t>(settings->number("completion.max_tokens"));
  request.items = arguments.items;
  request.invoked = true;
  const auto result = (*completer)->complete(request, context.stop.get_token());
  if (!result) return context.fail(result.error());
  if (context.stop.stop_requested()) return context.fail({Errc::kCancelled, "interrupted"});
  if (result->reason == "model_error") return context.fail({Errc::kCorrupt, result->detail});
  const LineIndex lines(*request.text);
  return context.answer(result_json(*result, lines), result_text(*result));
}

}  // namespace

void register_complete(CLI::App& app, Context& context, Run& run) {
  auto arguments = std::make_shared<CompleteArguments>();
  CLI::App* command = app.add_subcommand("complete", "One completion, as an editor would get it");
  command->add_option("POSITION", arguments->position, "FILE:LINE:COLUMN, from 1")->required();
  command->add_flag("--stdin", arguments->from_stdin, "Unsaved contents of FILE on stdin");
  command->add_option("--max-tokens", arguments->max_tokens, "At most so many tokens")
      ->check(CLI::Range(std::size_t{1}, std::size_t{4096}));
  command->add_option("--items", arguments->items, "So many alternatives")
      ->check(CLI::Range(std::size_t{1}, std::size_t{8}));
  command->callback([&context, &run, arguments] {
    run = [&context, arguments] { return run_complete(context, *arguments); };
  });
}

}  // namespace engram::cli
