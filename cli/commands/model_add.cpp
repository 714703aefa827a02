// engram model add, verify: the user's own files under a name; files against their recorded hash.
#include <fmt/format.h>

#include "assist/completion/completion.h"
#include "assist/models/added_models.h"
#include "cli/commands/model_commands.h"
#include "cli/progress.h"
#include "core/path.h"
#include "engine/gguf.h"
#include "engine/host/repack_cache.h"

namespace engram::cli {

namespace {

namespace fs = std::filesystem;

// Shows how much of `bytes` was hashed.
HashProgress hashing(Progress& progress, std::uint64_t bytes) {
  return [&progress, bytes](std::uint64_t done) {
    progress.update(done, bytes, fmt::format("{} of {}", format_bytes(done), format_bytes(bytes)));
  };
}

// Loads the model as it will be used; asks it to fill in the middle.
Result<FimVerdict> try_out(const Context& context, const ModelInfo& model) {
  EngineOptions options;
  options.context_tokens = 1024;
  options.threads = context.options.threads;
  auto engine = Engine::open(model.file, options, context.stop.get_token());
  if (!engine) {
    const Error& error = engine.error();
    return Error{error.code == Errc::kInvalidArgument ? Errc::kCorrupt : error.code, error.message};
  }
  return run_fim_self_test(**engine);
}

Result<ModelInfo> add(const Context& context, const AddArguments& arguments) {
  std::error_code error;
  const fs::path file = fs::canonical(arguments.file, error);
  if (error || !fs::is_regular_file(file, error)) {
    return Error{Errc::kNotFound,
                 fmt::format("cannot add {}: there is no such file", arguments.file)};
  }
  ENGRAM_TRY(gguf, GgufFile::open(file));
  ModelInfo model;
  model.file = file;
  model.name = arguments.name.empty() ? model_name_of(file) : arguments.name;
  model.bytes = gguf->size_bytes();
  model.licence = std::string(gguf->string("general.license").value_or(""));
  model.origin = std::string(gguf->string("general.name").value_or("a file of the user's"));
  ENGRAM_TRY(fim, try_out(context, model));
  model.fim = fim;
  Progress progress("hashing " + model.name, Progress::style_for_stderr(context.options.quiet));
  const auto added = add_model(model, hashing(progress, model.bytes), context.stop.get_token());
  progress.finish();
  return added;
}

// The models to verify: one by name or path, else all that are here.
Result<std::vector<ModelInfo>> chosen(const std::string& name) {
  std::vector<ModelInfo> present;
  for (ModelInfo& model : list_models()) {
    if (model.present && (name.empty() || model.name == name)) present.push_back(std::move(model));
  }
  if (!present.empty() || name.empty()) return present;
  ENGRAM_TRY(model, find_model(name));
  return std::vector<ModelInfo>{std::move(model)};
}

}  // namespace

ExitCode run_model_add(const Context& context, const AddArguments& arguments) {
  const auto added = add(context, arguments);
  if (!added) return context.fail(added.error());
  return context.answer(model_json(*added),
                        fmt::format("{}: {} ({}), SHA-256 {}, fill-in-the-middle: {}\n",
                                    added->name, added->file.string(), format_bytes(added->bytes),
                                    added->sha256, engram::to_string(added->fim)));
}

ExitCode run_model_verify(const Context& context, const std::string& name) {
  const auto models = chosen(name);
  if (!models) return context.fail(models.error());
  json::array verified;
  std::string text, failures;
  for (const ModelInfo& model : *models) {
    Progress progress("verifying " + (model.name.empty() ? model.file.string() : model.name),
                      Progress::style_for_stderr(context.options.quiet));
    const auto intact =
        verify_model(model, hashing(progress, model.bytes), context.stop.get_token());
    progress.finish();
    if (!intact) {
      if (intact.error().code != Errc::kCorrupt) return context.fail(intact.error());
      failures += (failures.empty() ? "" : "; ") + intact.error().message;
      continue;
    }
    verified.push_back(json::object{{"name", json_string(model.name)},
                                    {"file", json_string(model.file.string())},
                                    {"intact", true}});
    text += fmt::format("{}: intact\n", model.file.string());
  }
  const RepackCheck packed = check_repacked(cache_home() / "repack");
  for (const auto& path : packed.damaged) {
    text +=
        fmt::format("{}: damaged, removed; it is made again at the next start\n", path.string());
  }
  if (!failures.empty()) return context.fail({Errc::kCorrupt, failures});
  return context.answer(json::object{{"models", std::move(verified)},
                                     {"packed_weights",
                                      {{"intact", packed.intact},
                                       {"unchecked", packed.unchecked},
                                       {"damaged", packed.damaged.size()}}}},
                        text);
}

}  // namespace engram::cli
