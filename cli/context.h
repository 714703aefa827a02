// cli/context.h: what every subcommand is given: the global options, settings, and where to write.
//
// stdout carries the answer alone: with --json exactly one document, else text for a person.
// Progress, notices and errors go to stderr, one line each.
//
// Threads: main thread only, but for `stop`, which the interrupt handler requests.
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "assist/config/settings.h"
#include "assist/models/model_store.h"
#include "cli/exit_code.h"
#include "core/json.h"
#include "core/result.h"
#include "engine/engine.h"

namespace engram::cli {

struct GlobalOptions {
  bool json = false;
  bool quiet = false;
  bool no_model = false;
  bool no_memory = false;
  std::string store;
  std::string model;
  unsigned threads = 0;
};

class Context {
 public:
  GlobalOptions options;
  std::stop_source stop;

  // Prints the error's one line to stderr; returns the exit status for it.
  ExitCode fail(const Error& error) const;
  // With --json the document, else `text` as it is.
  ExitCode answer(const json::value& document, std::string_view text) const;
  void notice(std::string_view line) const;  // stderr, unless --quiet

  // Settings as they hold in `workspace`; ignored workspace settings are noticed once.
  Result<Settings> settings(const std::filesystem::path& workspace) const;
  // --store, then the setting, then the default place for the workspace.
  std::filesystem::path store_directory(const std::filesystem::path& workspace,
                                        const Settings& settings) const;
  // The engine for --model or the setting. kNotFound says how to fetch one.
  Result<ModelInfo> model(const Settings& settings) const;
  // Only its tokenizer: no weights are read.
  Result<std::shared_ptr<const Tokenizer>> tokenizer(const Settings& settings) const;
  Result<std::shared_ptr<Engine>> open_engine(const ModelInfo& model,
                                              const Settings& settings) const;
};

// Whether the setting `activations` is "mixed". kInvalidArgument unless it is that or "exact".
Result<bool> mixed_activations(const Settings& settings);

// "FILE:LINE:COLUMN", 1-based, column in bytes. The file name may itself contain ':'.
struct FilePosition {
  std::filesystem::path file;
  std::size_t line = 0, column = 0;
};
Result<FilePosition> parse_position(std::string_view text);

// The workspace a file belongs to: the repository around it; without one, the workspace here when
// the file lies in it, as `engram index` would have indexed it.
std::filesystem::path workspace_of(const std::filesystem::path& file);

// The byte offset in `contents`; kInvalidArgument when the position lies outside.
Result<std::size_t> offset_of(const FilePosition& position, std::string_view contents);

}  // namespace engram::cli
