#include "cli/context.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>

#include "core/path.h"
#include "core/text.h"
#include "engine/gguf.h"
#include "indexer/scan/scanner.h"
#include "memory/catalogue.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

Error not_here(const ModelInfo& model) {
  return Error{Errc::kNotFound, fmt::format("the model '{}' is not on this machine: run 'engram "
                                            "model fetch {}'",
                                            model.name, model.name)};
}

}  // namespace

ExitCode Context::fail(const Error& error) const {
  if (error.code == Errc::kCancelled) {
    fmt::print(stderr, "engram: interrupted\n");
  } else {
    fmt::print(stderr, "engram: {}\n", error.message);
  }
  return exit_code_of(error.code);
}

ExitCode Context::answer(const json::value& document, std::string_view text) const {
  const std::string out = options.json ? to_json(document) + "\n" : std::string(text);
  if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size() || std::fflush(stdout) != 0) {
    return fail({Errc::kIo, "cannot write the answer to standard output"});
  }
  return kDone;
}

void Context::notice(std::string_view line) const {
  if (!options.quiet) fmt::print(stderr, "engram: {}\n", line);
}

Result<Settings> Context::settings(const fs::path& workspace) const {
  ENGRAM_TRY(settings, load_settings(workspace));
  if (!options.store.empty()) settings.override_with("store", options.store, "--store");
  if (!options.model.empty()) settings.override_with("model", options.model, "--model");
  if (options.threads != 0) {
    settings.override_with("threads", std::to_string(options.threads), "--threads");
  }
  for (const std::string& line : settings.messages()) notice(line);
  return settings;
}

fs::path Context::store_directory(const fs::path& workspace, const Settings& settings) const {
  const std::string configured = settings.text("store");
  return configured.empty() ? default_store_directory(workspace) : fs::absolute(configured);
}

Result<ModelInfo> Context::model(const Settings& settings) const {
  const std::string name = settings.text("model");
  if (name.empty()) return find_model(std::nullopt);
  return find_model(name);
}

Result<std::shared_ptr<const Tokenizer>> Context::tokenizer(const Settings& settings) const {
  ENGRAM_TRY(chosen, model(settings));
  if (!chosen.present) return not_here(chosen);
  ENGRAM_TRY(file, GgufFile::open(chosen.file));
  return Tokenizer::from_gguf(*file);
}

Result<bool> mixed_activations(const Settings& settings) {
  const std::string activations = settings.text("activations");
  if (activations == "exact" || activations == "mixed") return activations == "mixed";
  return Error{Errc::kInvalidArgument,
               fmt::format("cannot use the setting activations = '{}': it is 'exact' or 'mixed'",
                           activations)};
}

Result<std::shared_ptr<Engine>> Context::open_engine(const ModelInfo& model,
                                                     const Settings& settings) const {
  if (!model.present) return not_here(model);
  EngineOptions engine_options;
  engine_options.threads = static_cast<unsigned>(settings.number("threads"));
  engine_options.kernels = settings.text("kernels");
  ENGRAM_TRY(mixed, mixed_activations(settings));
  engine_options.mixed_activations = mixed;
  engine_options.share_machine = true;
  engine_options.context_tokens = static_cast<std::size_t>(settings.number("context_tokens"));
  auto engine = Engine::open(model.file, engine_options, stop.get_token());
  // A model this version cannot run is unreadable input, not wrong usage.
  if (!engine && engine.error().code == Errc::kInvalidArgument) {
    return Error{Errc::kCorrupt, engine.error().message};
  }
  return engine;
}

Result<FilePosition> parse_position(std::string_view text) {
  const Error bad{Errc::kInvalidArgument,
                  fmt::format("'{}' is not a position: write FILE:LINE:COLUMN, both from 1", text)};
  std::size_t numbers[2];
  std::string_view rest = text;
  for (std::size_t& number : numbers) {
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos) return bad;
    const std::string_view digits = rest.substr(colon + 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || number == 0) {
      return bad;
    }
    rest = rest.substr(0, colon);
  }
  if (rest.empty()) return bad;
  return FilePosition{fs::path(rest), numbers[1], numbers[0]};
}

fs::path workspace_of(const fs::path& given) {
  if (const auto marked = find_marked_workspace(given)) return *marked;
  std::error_code ec;
  const fs::path here = find_workspace(fs::current_path(ec));
  const fs::path file = fs::weakly_canonical(fs::absolute(given, ec), ec);
  return relative_path(here, file) ? here : find_workspace(given);
}

Result<std::size_t> offset_of(const FilePosition& position, std::string_view contents) {
  const LineIndex lines(contents);
  const std::size_t line = position.line - 1;
  const std::size_t start = lines.line_start(line);
  const std::size_t end = lines.line_end(contents, line);
  if (line >= lines.line_count() || position.column - 1 > end - start) {
    return Error{
        Errc::kInvalidArgument,
        fmt::format("the position {}:{}:{} lies outside the file, which has {} lines{}",
                    position.file.string(), position.line, position.column, lines.line_count(),
                    line >= lines.line_count()
                        ? std::string()
                        : fmt::format("; line {} has {} bytes", position.line, end - start))};
  }
  return start + position.column - 1;
}

}  // namespace engram::cli
