// lsp/assistant.h: all that the server asks of the layers below, as one interface.
//
// The real one is make_local_assistant(); tests bring one that says it is a fake.
//
// Threads: load_completer runs on the loader thread, index and update on the indexing thread,
// understand and compile_commands_changed on the semantic one; the first four may take minutes and
// obey `stop`; the others are quick and run anywhere.
// Errors: those of model_store.h, engine.h, pipeline.h and semantic_workspace.h, passed on.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "assist/completion/completion.h"
#include "core/result.h"
#include "indexer/pipeline.h"
#include "indexer/semantic/live_units.h"
#include "indexer/semantic/semantic_index.h"

namespace engram {
struct ServerOptions;
}

namespace engram::lsp {

struct LoadedCompleter {
  std::shared_ptr<Completer> completer;
  std::string model;  // its name, for a person; empty: memory alone
};

struct SemanticWork {  // of one session
  std::filesystem::path root, store;
  CompileCommandsOptions commands;
};

class Assistant {
 public:
  virtual ~Assistant() = default;

  virtual std::filesystem::path workspace_of(const std::filesystem::path& file) const = 0;
  virtual std::filesystem::path store_directory(const std::filesystem::path& root) const = 0;

  virtual Result<LoadedCompleter> load_completer(const std::filesystem::path& root,
                                                 const std::filesystem::path& store,
                                                 std::stop_token stop) = 0;
  // What the model's file is now, as far as its name, size and time tell; before it is known which
  // one it is, which models there are.
  virtual std::string model_stamp() const { return {}; }
  // For the open files of the C family; nullptr: nothing is asked about them.
  virtual std::unique_ptr<LiveAnalysis> live_analysis(const CompileCommandsOptions& commands) {
    static_cast<void>(commands);
    return nullptr;
  }
  // How often the repository of the last live_analysis() uses each name; on any thread. Empty:
  // unknown.
  virtual std::vector<std::int64_t> uses_of(const std::vector<std::string>& names) {
    static_cast<void>(names);
    return {};
  }
  // What that repository's headers declare whose name begins so; on any thread.
  virtual std::vector<LiveCandidate> names_to_include(const std::string& prefix) {
    static_cast<void>(prefix);
    return {};
  }
  virtual Result<IndexReport> index(const std::filesystem::path& root,
                                    const std::filesystem::path& store, const IndexOptions& options,
                                    std::stop_token stop) = 0;
  virtual Result<IndexReport> update(const std::filesystem::path& root,
                                     const std::filesystem::path& store,
                                     const std::vector<std::string>& paths,
                                     const IndexOptions& options, std::stop_token stop) = 0;
  // Has Clang read what is stale. `options` without root, store, worker and hashes.
  virtual Result<SemanticIndexReport> understand(const SemanticWork&, const SemanticIndexOptions&,
                                                 std::stop_token) {
    return SemanticIndexReport{};
  }
  // Whether that would be told to compile files in another way than the last time.
  virtual bool compile_commands_changed() { return false; }
};

std::unique_ptr<Assistant> make_local_assistant(const ServerOptions& options);

}  // namespace engram::lsp
