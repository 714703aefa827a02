// engram doctor: is this machine and this workspace set up, and what to do where it is not.

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/command.h"
#include "cli/commands/compile_commands_summary.h"
#include "cli/progress.h"
#include "cli/semantic_facts.h"
#include "core/path.h"
#include "engine/gguf.h"
#include "indexer/scan/scanner.h"
#include "memory/catalogue.h"

namespace engram::cli {

namespace fs = std::filesystem;

namespace {

struct Check {
  std::string name;
  enum class Status : unsigned char { kOk, kWarning, kFailed } status = Status::kOk;
  std::string detail;
  std::string remedy;  // empty when ok
};

constexpr std::string_view to_string(Check::Status status) {
  switch (status) {
    case Check::Status::kOk:
      return "ok";
    case Check::Status::kWarning:
      return "warning";
    case Check::Status::kFailed:
      return "failed";
  }
  return "failed";
}

Check check_processor() {
  std::string features;
#if defined(__x86_64__)
  const auto add = [&](bool has, const char* name) {
    if (has) features += fmt::format("{}{}", features.empty() ? "" : " ", name);
  };
  add(__builtin_cpu_supports("avx2") != 0, "avx2");
  add(__builtin_cpu_supports("fma") != 0, "fma");
  add(__builtin_cpu_supports("avx512bw") != 0, "avx512bw");
  add(__builtin_cpu_supports("avx512vnni") != 0, "avx512vnni");
  add(__builtin_cpu_supports("avx512bf16") != 0, "avx512bf16");
#endif
  if (features.empty()) {
    return {"processor", Check::Status::kWarning, "neither AVX2 nor AVX-512: the model runs slowly",
            "use a smaller model ('--model smollm2-135m') or another machine"};
  }
  return {"processor", Check::Status::kOk,
          fmt::format("{} cores, {}", ::sysconf(_SC_NPROCESSORS_ONLN), features), ""};
}

Check check_kernels(const Settings& settings) {
  const auto names = available_kernels();
  const std::string wanted = settings.text("kernels");
  const bool known = wanted.empty() || std::find(names.begin(), names.end(), wanted) != names.end();
  if (!known) {
    return {"kernels", Check::Status::kFailed,
            fmt::format("'{}' is set, this machine runs {}", wanted, fmt::join(names, ", ")),
            "unset 'kernels' (or ENGRAM_KERNELS)"};
  }
  return {"kernels", Check::Status::kOk,
          fmt::format("in use: {}; available: {}", wanted.empty() ? names.front() : wanted,
                      fmt::join(names, ", ")),
          ""};
}

Check check_gpu() {
  std::error_code ec;
  const bool device = fs::exists("/dev/nvidia0", ec);
  return {"gpu", Check::Status::kOk,
          device ? "an NVIDIA device is present; this version computes on the CPU"
                 : "none; the model runs on the CPU",
          ""};
}

Check check_model(const Context& context, const Settings& settings) {
  const auto model = context.model(settings);
  if (!model) {
    return {"model", Check::Status::kFailed, model.error().message,
            "engram model fetch qwen2.5-coder-1.5b (or smollm2-135m)"};
  }
  if (!model->present) {
    return {"model", Check::Status::kFailed, fmt::format("'{}' is not here", model->name),
            fmt::format("engram model fetch {}", model->name)};
  }
  const auto file = GgufFile::open(model->file);
  if (!file) {
    return {"model", Check::Status::kFailed, file.error().message,
            fmt::format("delete the file and run 'engram model fetch {}'", model->name)};
  }
  return {"model", Check::Status::kOk,
          fmt::format("{} ({}), fill-in-the-middle: {}", model->name, format_bytes(model->bytes),
                      engram::to_string(model->fim)),
          ""};
}

Check check_memory(const Context& context, const Settings& settings) {
  const auto model = context.model(settings);
  std::ifstream in("/proc/meminfo");
  std::string key;
  std::uint64_t kilobytes = 0;
  std::string unit;
  while (in >> key >> kilobytes && std::getline(in, unit) && key != "MemAvailable:") {
  }
  const std::uint64_t free = kilobytes * 1024;
  const std::uint64_t needed = model && model->present ? model->bytes * 2 : 0;
  if (key == "MemAvailable:" && free < needed) {
    return {
        "memory", Check::Status::kWarning,
        fmt::format("{} free, the model wants about {}", format_bytes(free), format_bytes(needed)),
        "close something, or use a smaller model"};
  }
  return {"memory", Check::Status::kOk, fmt::format("{} free", format_bytes(free)), ""};
}

Check check_store(const Context& context, const fs::path& root, const Settings& settings) {
  const fs::path store = context.store_directory(root, settings);
  const auto reader = CatalogueReader::open(store);
  if (!reader && reader.error().code == Errc::kNotFound) {
    return {"store", Check::Status::kWarning, fmt::format("'{}' is not indexed", root.string()),
            "engram index"};
  }
  const auto counts = reader ? (*reader)->counts() : Result<StoreCounts>(reader.error());
  if (!counts) {
    return {"store", Check::Status::kFailed, counts.error().message, "engram index (it rebuilds)"};
  }
  return {"store", Check::Status::kOk,
          fmt::format("{} files, {} symbols, {}", counts->files, counts->symbols,
                      format_bytes(counts->store_bytes_facts)),
          ""};
}

// What `commands` found, in one line, and what to do about what was left out.
Check check_compile_commands(const Result<std::unique_ptr<CompileCommands>>& commands,
                             const fs::path& root) {
  constexpr const char* kName = "compile_commands";
  if (!commands) {
    return {kName, Check::Status::kFailed, commands.error().message,
            "mend the file, or unset 'clang.compile_commands'"};
  }
  const CompileCommandsReport& report = (*commands)->report();
  if (report.database.empty()) {
    return {kName, Check::Status::kWarning,
            report.messages.empty() ? "no compile_commands.json here (the syntax tier needs none)"
                                    : report.messages.front(),
            "cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, or bear -- make"};
  }
  std::string detail = summary(**commands, root);
  if (!report.messages.empty()) detail += "; " + report.messages.front();
  if (!has_losses(report)) return {kName, Check::Status::kOk, std::move(detail), ""};
  const bool outside = report.outside_files + report.flags.total(FlagFate::kOutside) > 0;
  return {kName, Check::Status::kWarning, std::move(detail),
          outside ? "name folders outside that may be read in 'clang.roots'; "
                    "'engram doctor --json' lists what was left out"
                  : "'engram doctor --json' lists what was left out"};
}

bool on_path(const char* program) {
  const char* path = std::getenv("PATH");
  std::stringstream directories(path != nullptr ? path : "");
  std::string directory;
  while (std::getline(directories, directory, ':')) {
    if (::access((fs::path(directory) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

Check check_editors() {
  std::string found;
  for (const char* editor : {"nvim", "code", "codium", "code-server"}) {
    if (on_path(editor)) found += fmt::format("{}{}", found.empty() ? "" : ", ", editor);
  }
  if (found.empty()) {
    return {"editors", Check::Status::kWarning, "neither Neovim nor VS Code on the PATH",
            "any LSP 3.18 client can run 'engram lsp'"};
  }
  return {"editors", Check::Status::kOk, found, ""};
}

ExitCode run_doctor(const Context& context) {
  const fs::path root = find_workspace(fs::current_path());
  const auto settings = context.settings(root);
  if (!settings) return context.fail(settings.error());
  const auto commands = open_compile_commands(root, *settings);
  const std::vector<Check> checks = {check_processor(),
                                     check_kernels(*settings),
                                     check_gpu(),
                                     check_model(context, *settings),
                                     check_memory(context, *settings),
                                     check_store(context, root, *settings),
                                     check_compile_commands(commands, root),
                                     check_editors()};
  json::array out;
  std::string text;
  bool failed = false;
  for (const Check& check : checks) {
    failed |= check.status == Check::Status::kFailed;
    out.push_back({{"name", check.name},
                   {"status", to_string(check.status)},
                   {"detail", json_string(check.detail)},
                   {"remedy", json_string(check.remedy)}});
    text += fmt::format("{:<8} {:<17} {}\n", to_string(check.status), check.name, check.detail);
    if (!check.remedy.empty()) text += fmt::format("{:<26} -> {}\n", "", check.remedy);
  }
  json::object document{{"checks", std::move(out)}};
  if (commands) document["compile_commands"] = to_json_object(**commands);
  const ExitCode written = context.answer(document, text);
  if (written != kDone) return written;
  return failed ? kFindings : kDone;
}

}  // namespace

void register_doctor(CLI::App& app, Context& context, Run& run) {
  CLI::App* command = app.add_subcommand("doctor", "What is set up here, and what to do where not");
  command->callback([&context, &run] { run = [&context] { return run_doctor(context); }; });
}

}  // namespace engram::cli
