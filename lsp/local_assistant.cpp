// The real Assistant: a model of this machine in this process, a store of this user.
#include <fmt/format.h>

#include "assist/models/model_store.h"
#include "core/log.h"
#include "engine/engine.h"
#include "lsp/assistant.h"
#include "lsp/server.h"
#include "memory/catalogue.h"

namespace engram::lsp {

namespace fs = std::filesystem;

namespace {

class LocalAssistant final : public Assistant {
 public:
  explicit LocalAssistant(const ServerOptions& options) : options_(options) {}

  fs::path workspace_of(const fs::path& file) const override { return find_workspace(file); }

  fs::path store_directory(const fs::path& root) const override {
    return options_.store.empty() ? default_store_directory(root) : options_.store;
  }

  Result<LoadedCompleter> load_completer(const fs::path& root, const fs::path& store,
                                         std::stop_token stop) override {
    ENGRAM_TRY(model, find_model(options_.model));
    if (!model.present) {
      return Error{Errc::kNotFound, fmt::format("the model '{0}' is not on this machine; `engram "
                                                "model fetch {0}` gets it",
                                                model.name)};
    }
    EngineOptions engine_options;
    engine_options.kernels = options_.kernels;
    engine_options.mixed_activations = options_.mixed_activations;
    engine_options.threads = options_.threads;
    engine_options.share_machine = true;
    ENGRAM_TRY(engine, Engine::open(model.file, engine_options));
    if (model.fim == FimVerdict::kUntested && !stop.stop_requested()) {
      model.fim = run_fim_self_test(*engine);
      if (const auto kept = record_fim_verdict(model, model.fim); !kept) {
        log_info("{}", kept.error().message);
      }
    }
    CompleterOptions completer_options = options_.completion;
    completer_options.store = store;
    completer_options.repository_name = root.filename().string();
    completer_options.fim = model.fim;
    return LoadedCompleter{Completer::create(std::move(engine), completer_options), model.name};
  }

  Result<IndexReport> index(const fs::path& root, const fs::path& store,
                            const IndexOptions& options, std::stop_token stop) override {
    return index_workspace(root, store, options, stop);
  }

  Result<IndexReport> update(const fs::path& root, const fs::path& store,
                             const std::vector<std::string>& paths, const IndexOptions& options,
                             std::stop_token stop) override {
    return update_files(root, store, paths, options, stop);
  }

 private:
  ServerOptions options_;
};

}  // namespace

std::unique_ptr<Assistant> make_local_assistant(const ServerOptions& options) {
  return std::make_unique<LocalAssistant>(options);
}

}  // namespace engram::lsp
