// tests/lsp/fakes.h: a server session in which nothing moves until the test says so.
//
// Time is ManualTimers, threads are ManualExecutors, the layers below are fakes that say they are.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/executor.h"
#include "lsp/session.h"
#include "tests/lsp/scripted_client.h"

namespace engram::lsp {

class ManualTimers final : public Timers {
 public:
  Clock::time_point now() const override { return now_; }
  TimerId after(Clock::duration delay, Job job) override {
    const TimerId id = next_++;
    due_[{now_ + delay, id}] = std::move(job);
    return id;
  }
  void cancel(TimerId id) override {
    std::erase_if(due_, [&](const auto& entry) { return entry.first.second == id; });
  }
  void advance(Clock::duration by) {
    const auto until = now_ + by;
    while (!due_.empty() && due_.begin()->first.first <= until) {
      now_ = due_.begin()->first.first;
      const Job job = std::move(due_.begin()->second);
      due_.erase(due_.begin());
      job();
    }
    now_ = until;
  }
  std::size_t pending() const { return due_.size(); }

 private:
  Clock::time_point now_{std::chrono::hours(1)};
  TimerId next_ = 1;
  std::map<std::pair<Clock::time_point, TimerId>, Job> due_;
};

// Answers what the test sets; `during` runs inside complete(), on the "worker".
class FakeCompleter final : public Completer {
 public:
  std::function<Result<CompletionResult>(const CompletionRequest&)> answer =
      [](const CompletionRequest& r) -> Result<CompletionResult> {
    CompletionResult result;
    CompletionItem item;
    item.id = "fake-1";
    item.text = "fake completion";
    item.begin = item.end = r.offset;
    result.items.push_back(item);
    return result;
  };
  std::function<void()> during = [] {};
  std::vector<CompletionRequest> completed, warmed;
  std::vector<bool> stopped;  // whether each complete() saw its stop when it returned
  std::stop_token warm_stop;  // of the last warm()
  std::filesystem::path store;
  bool damaged = false;

  bool model_damaged() const override { return damaged; }
  Result<CompletionResult> complete(const CompletionRequest& request,
                                    std::stop_token stop) override {
    completed.push_back(request);
    during();
    stopped.push_back(stop.stop_requested());
    return answer(request);
  }
  Result<GenerationResult> score(const CompletionRequest&, std::string_view,
                                 std::stop_token) override {
    return GenerationResult{};
  }
  void warm(const CompletionRequest& request, std::stop_token stop) override {
    warmed.push_back(request);
    warm_stop = stop;
  }
  void set_store(const std::filesystem::path& path) override { store = path; }
};

class FakeAssistant final : public Assistant {
 public:
  std::shared_ptr<FakeCompleter> completer = std::make_shared<FakeCompleter>();
  std::function<Result<LoadedCompleter>()> load = [this]() -> Result<LoadedCompleter> {
    return LoadedCompleter{completer, "fake-model"};
  };
  std::function<Result<IndexReport>(const IndexOptions&, std::stop_token)> run_index =
      [](const IndexOptions&, std::stop_token) -> Result<IndexReport> { return IndexReport{}; };
  std::function<Result<SemanticIndexReport>(const SemanticIndexOptions&, std::stop_token)>
      run_clang = [](const SemanticIndexOptions&, std::stop_token) -> Result<SemanticIndexReport> {
    return SemanticIndexReport{};
  };
  bool commands_changed = false;
  std::function<std::unique_ptr<LiveAnalysis>()> live = [] { return nullptr; };
  std::vector<std::int64_t> uses;
  std::string stamp = "a file";
  int loads = 0;
  int whole_runs = 0;
  std::vector<std::string> first;
  std::vector<std::vector<std::string>> updates;

  std::filesystem::path workspace_of(const std::filesystem::path& file) const override {
    return file.parent_path();
  }
  std::filesystem::path store_directory(const std::filesystem::path&) const override {
    return "/nonexistent/store";
  }
  Result<LoadedCompleter> load_completer(const std::filesystem::path&, const std::filesystem::path&,
                                         std::stop_token) override {
    ++loads;
    return load();
  }
  std::string model_stamp() const override { return stamp; }
  std::unique_ptr<LiveAnalysis> live_analysis(const CompileCommandsOptions&) override {
    return live();
  }
  std::vector<std::int64_t> uses_of(const std::vector<std::string>&) override { return uses; }
  std::vector<LiveCandidate> names_to_include(const std::string& prefix) override {
    return {{prefix + "_more", "", SymbolKind::kFunction, "/w/more.h"}};
  }
  Result<IndexReport> index(const std::filesystem::path&, const std::filesystem::path&,
                            const IndexOptions& options, std::stop_token stop) override {
    ++whole_runs;
    first = options.first;
    return run_index(options, stop);
  }
  Result<IndexReport> update(const std::filesystem::path&, const std::filesystem::path&,
                             const std::vector<std::string>& paths, const IndexOptions& options,
                             std::stop_token stop) override {
    updates.push_back(paths);
    return run_index(options, stop);
  }
  Result<SemanticIndexReport> understand(const SemanticWork&, const SemanticIndexOptions& options,
                                         std::stop_token stop) override {
    return run_clang(options, stop);
  }
  bool compile_commands_changed() override { return commands_changed; }
};

class FakeSurroundings final : public Surroundings {
 public:
  std::int64_t watched_pid = 0;
  Job on_death;
  std::function<void(const std::vector<std::string>&)> changed;

  void watch_process(std::int64_t pid, Job job) override {
    watched_pid = pid;
    on_death = std::move(job);
  }
  void watch_workspace(const std::filesystem::path&, const ScanOptions&, Executor&,
                       std::function<void(const std::vector<std::string>&)> report) override {
    changed = std::move(report);
  }
};

// A whole session. request() and notify() speak as the editor.
class SessionRig {
 public:
  explicit SessionRig(ServerOptions options = {},
                      std::unique_ptr<DebouncePolicy> debounce = fixed_debounce({}))
      : session(std::make_unique<Session>(
            Session::Dependencies{client, io, worker, navigating, indexing, understanding, loader,
                                  timers, gate, assistant, surroundings, std::move(options),
                                  std::move(debounce), [this](int code) { exit_code = code; }})) {}

  std::int64_t request(std::string_view method, json::value params) {
    session->receive(message(make_request(RpcId(++last_id), method, std::move(params))));
    return last_id;
  }
  void notify(std::string_view method, json::value params) {
    session->receive(message(make_notification(method, std::move(params))));
  }

  // initialize and initialized; the model loaded and the index built unless told otherwise.
  void begin(json::object capabilities = {}, json::object more = {}, bool settle = true) {
    json::object params{
        {"processId", 4711}, {"rootUri", "file:///w"}, {"capabilities", std::move(capabilities)}};
    for (const auto& [key, value] : more) params[key] = value;
    request("initialize", std::move(params));
    notify("initialized", json::object{});
    if (settle) run_all();
  }
  void run_all() {
    while (loader.run_one() || indexing.run_one() || understanding.run_one() || worker.run_one() ||
           navigating.run_one() || io.run_one()) {
    }
  }

  void open(const std::string& text, const std::string& uri = "file:///w/a.cpp") {
    notify(
        "textDocument/didOpen",
        {{"textDocument", {{"uri", uri}, {"languageId", "cpp"}, {"version", 1}, {"text", text}}}});
  }
  void insert(Position at, const std::string& text, const std::string& uri = "file:///w/a.cpp") {
    const json::value change{{"range", to_json(Range{at, at})}, {"text", text}};
    notify("textDocument/didChange", {{"textDocument", {{"uri", uri}, {"version", ++version}}},
                                      {"contentChanges", json::array{change}}});
  }
  std::int64_t complete(Position at, bool invoked = false, json::object more = {}) {
    json::object context{{"triggerKind", invoked ? 1 : 2}};
    for (const auto& [key, value] : more) context[key] = value;
    return request("textDocument/inlineCompletion", {{"textDocument", {{"uri", "file:///w/a.cpp"}}},
                                                     {"position", to_json(at)},
                                                     {"context", std::move(context)}});
  }
  // The insertText of the only item of a reply; "" for an empty list, "!" without a reply.
  std::string shown(std::int64_t id) const {
    const json::value* reply = client.reply(id);
    if (reply == nullptr || find(*reply, "result") == nullptr) return "!";
    const json::array* items = find_array(*find(*reply, "result"), "items");
    if (items == nullptr || items->empty()) return "";
    return std::string(find_string((*items)[0], "insertText").value_or("?"));
  }
  json::value status() {
    return *find(*client.reply(request("engram/status", json::object{})), "result");
  }

  ScriptedClient client;
  ManualExecutor io, worker, navigating, indexing, understanding, loader;
  ManualTimers timers;
  CompletionGate gate;
  FakeAssistant assistant;
  FakeSurroundings surroundings;
  int exit_code = -1;
  std::int64_t last_id = 0;
  std::int64_t version = 1;
  std::unique_ptr<Session> session;  // last: goes first
};

}  // namespace engram::lsp
