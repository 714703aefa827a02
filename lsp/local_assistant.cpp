// The real Assistant: a model of this machine in this process, a store of this user.
#include "lsp/assistant.h"

#include <fmt/format.h>

#include <map>

#include "assist/completion/completion.h"
#include "assist/engrams/sync.h"
#include "assist/models/manifest.h"
#include "assist/models/model_store.h"
#include "assist/navigation/includable_names.h"
#include "core/log.h"
#include "core/path.h"
#include "core/sync.h"
#include "engine/engine.h"
#include "engine/gguf.h"
#include "indexer/semantic/live_commands.h"
#include "indexer/semantic/semantic_workspace.h"
#include "lsp/server.h"
#include "memory/catalogue.h"
#include "memory/identifiers/identifier_sync.h"
#include "memory/identifiers/identifiers.h"

namespace engram::lsp {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostToInclude = 40;

class LocalAssistant final : public Assistant {
 public:
  explicit LocalAssistant(const ServerOptions& options) : options_(options) {}

  fs::path workspace_of(const fs::path& file) const override { return find_workspace(file); }

  fs::path store_directory(const fs::path& root) const override {
    return options_.store.empty() ? default_store_directory(root) : options_.store;
  }

  Result<LoadedCompleter> load_completer(const fs::path& root, const fs::path& store,
                                         std::stop_token stop) override {
    if (options_.no_model) return load_memory(store);
    ENGRAM_TRY(model, find_model(options_.model));
    {
      const MutexLock lock(mutex_);
      model_file_ = model.file;
    }
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
    ENGRAM_TRY(engine, Engine::open(model.file, engine_options, stop));
    if (model.fim == FimVerdict::kUntested) {
      model.fim = run_fim_self_test(*engine, stop);
      if (stop.stop_requested()) return Error{Errc::kCancelled, "loading the model was cancelled"};
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

  std::string model_stamp() const override {
    const fs::path file = model_file();
    if (file.empty()) return models_there();
    std::error_code error;
    const auto bytes = fs::file_size(file, error);
    const auto time = fs::last_write_time(file, error).time_since_epoch().count();
    return error ? file.string() : fmt::format("{} {} {}", file.string(), bytes, time);
  }

  std::unique_ptr<LiveAnalysis> live_analysis(const CompileCommandsOptions& commands) override {
    {
      const MutexLock lock(mutex_);
      vocabulary_ = std::make_shared<IdentifierReader>(store_directory(commands.workspace));
      live_root_ = commands.workspace;
    }
    LiveOptions live;
    live.worker.program = worker_beside_this_program();
    live.worker.reply_time = std::chrono::seconds(120);
    const auto known = std::make_shared<LiveCommands>(commands);
    return std::make_unique<LiveUnits>(std::move(live),
                                       [known](const OpenFile& file) { return known->of(file); });
  }

  std::vector<std::int64_t> uses_of(const std::vector<std::string>& names) override {
    std::shared_ptr<IdentifierReader> reader;
    {
      const MutexLock lock(mutex_);
      reader = vocabulary_;
    }
    if (reader == nullptr) return {};
    const auto newest = reader->newest();
    if (!newest || *newest == nullptr) return {};
    std::vector<std::int64_t> uses;
    for (const std::string& name : names) {
      const auto counts = (*newest)->find(name);
      uses.push_back(counts ? counts->uses : 0);
    }
    return (*newest)->damaged() ? std::vector<std::int64_t>() : uses;
  }

  std::vector<LiveCandidate> names_to_include(const std::string& prefix) override {
    fs::path root;
    {
      const MutexLock lock(mutex_);
      root = live_root_;
    }
    return includable_names(root, store_directory(root), prefix, kMostToInclude);
  }

  Result<IndexReport> index(const fs::path& root, const fs::path& store,
                            const IndexOptions& options, std::stop_token stop) override {
    auto report = index_workspace(root, store, options, stop);
    if (report) remember(store, nullptr, options, stop, *report);
    if (report) count_names(store, options, stop, *report);
    return report;
  }

  Result<IndexReport> update(const fs::path& root, const fs::path& store,
                             const std::vector<std::string>& paths, const IndexOptions& options,
                             std::stop_token stop) override {
    auto report = update_files(root, store, paths, options, stop);
    if (report) remember(store, &paths, options, stop, *report);
    if (report) count_names(store, options, stop, *report);
    return report;
  }

  Result<SemanticIndexReport> understand(const SemanticWork& work,
                                         const SemanticIndexOptions& options,
                                         std::stop_token stop) override {
    if (!semantic_) semantic_.emplace(work.commands);
    SemanticIndexOptions complete = options;
    std::error_code ec;
    const fs::path root = fs::weakly_canonical(work.root, ec);
    complete.root = root.string();
    complete.open_files = [&work, root, open = options.open_files] {  // by the names Clang has
      std::vector<std::string> files = open();
      for (std::string& file : files) {
        if (const auto relative = relative_path(work.root, file))
          file = (root / *relative).string();
      }
      return files;
    };
    complete.store = work.store;
    complete.worker.program = worker_beside_this_program();
    return semantic_->update(std::move(complete), std::move(stop));
  }

  bool compile_commands_changed() override { return semantic_ && semantic_->commands_changed(); }

 private:
  // Memory completes by itself, in the tokens of the model that it was filled for.
  Result<LoadedCompleter> load_memory(const fs::path& store) const {
    CompleterOptions memory = options_.completion;
    memory.store = store;
    auto tokenizer = load_tokenizer();
    if (!tokenizer) return tokenizer.error();
    memory.tokenizer = *tokenizer;
    return LoadedCompleter{Completer::create(nullptr, memory), ""};
  }

  // The engrams follow the facts; what goes wrong with them is said and costs only them.
  void remember(const fs::path& store, const std::vector<std::string>* paths,
                const IndexOptions& options, const std::stop_token& stop, IndexReport& report) {
    if (!follow_model()) return;  // no model yet: the completer says so
    const bool had_others = !engram_directories(store).empty();
    EngramSyncOptions sync;
    sync.background = options.background;
    sync.jobs = options.jobs;
    sync.may_proceed = options.may_proceed;
    sync.kept = &kept_engrams_[store];
    const auto done = paths == nullptr ? sync_engrams(store, *tokenizer_, sync, stop)
                                       : update_engrams(store, *tokenizer_, *paths, sync, stop);
    if (!done && done.error().code != Errc::kCancelled && done.error().code != Errc::kBusy) {
      log_info("{}", done.error().message);
      report.notes.push_back(done.error().message);
    }
    if (!done) return;
    if (done->first && had_others) {
      report.notes.emplace_back(
          "the memory had the tokens of another model only; it has been "
          "filled in those of this one");
    }
    for (const std::string& problem : done->counts.problems) report.notes.push_back(problem);
  }

  // Memory is in the tokens of the model that completes, or would.
  Result<void> follow_model() {
    std::string now = model_stamp();
    if (tokenizer_ && now == tokenizer_stamp_) return {};
    ENGRAM_TRY(tokenizer, load_tokenizer());
    tokenizer_ = std::move(tokenizer);
    tokenizer_stamp_ = std::move(now);
    return {};
  }

  static void count_names(const fs::path& store, const IndexOptions& options,
                          const std::stop_token& stop, IndexReport& report) {
    const auto done = sync_identifiers(store, {.may_proceed = options.may_proceed}, stop);
    if (!done && done.error().code != Errc::kCancelled && done.error().code != Errc::kBusy) {
      log_info("{}", done.error().message);
      report.notes.push_back(done.error().message);
    }
    if (!done) return;
    report.notes.insert(report.notes.end(), done->problems.begin(), done->problems.end());
  }

  fs::path model_file() const {
    const MutexLock lock(mutex_);
    return model_file_;
  }

  // Asked at requests while there is no model, so it only looks when something last changed there.
  std::string models_there() const {
    std::error_code error;
    std::string there = options_.model && fs::exists(*options_.model, error) ? "the one named" : "";
    for (fs::directory_iterator at(models_home(), error), end; at != end; at.increment(error)) {
      std::error_code gone;
      const auto changed = fs::last_write_time(at->path(), gone).time_since_epoch();
      there += fmt::format("\n{} {}", at->path().filename().string(), changed.count());
    }
    return there;
  }

  Result<std::shared_ptr<const Tokenizer>> load_tokenizer() const {
    if (const fs::path loaded = model_file(); !loaded.empty()) {
      ENGRAM_TRY(file, GgufFile::open(loaded));
      return Tokenizer::from_gguf(*file);
    }
    ENGRAM_TRY(model, find_model(options_.model));
    if (!model.present) {
      return Error{Errc::kNotFound, fmt::format("memory has no tokens without a model's file: "
                                                "`engram model fetch {}` gets one",
                                                model.name)};
    }
    ENGRAM_TRY(file, GgufFile::open(model.file));
    return Tokenizer::from_gguf(*file);
  }

  std::shared_ptr<const Tokenizer> tokenizer_;    // of the indexing thread
  std::string tokenizer_stamp_;                   // of the model it was read from; of the same
  std::map<fs::path, KeptEngrams> kept_engrams_;  // by store; of the indexing thread
  std::optional<SemanticWorkspace> semantic_;     // of the semantic thread
  ServerOptions options_;
  mutable Mutex mutex_;
  fs::path model_file_ ENGRAM_GUARDED_BY(mutex_);
  fs::path live_root_ ENGRAM_GUARDED_BY(mutex_);
  std::shared_ptr<IdentifierReader> vocabulary_ ENGRAM_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Assistant> make_local_assistant(const ServerOptions& options) {
  return std::make_unique<LocalAssistant>(options);
}

}  // namespace engram::lsp
