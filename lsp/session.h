// lsp/session.h: one editor's session: the parts of the server and how they hang together.
//
// methods/<method>.cpp hold what each method does; this is what they share. A session begins with
// initialize (root, encoding, capabilities), loads the model and indexes in the background, and
// ends by exit, by the end of the input, or with the editor's process: on_exit is told the status.
//
// Threads: confined to the io thread. Jobs on other executors never see the session.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/executor.h"
#include "lsp/assistant.h"
#include "lsp/completion_service.h"
#include "lsp/connection.h"
#include "lsp/documents.h"
#include "lsp/index_service.h"
#include "lsp/live_service.h"
#include "lsp/navigation_service.h"
#include "lsp/problems.h"
#include "lsp/semantic_service.h"
#include "lsp/server.h"
#include "lsp/status.h"
#include "lsp/work_done_progress.h"

namespace engram::lsp {

enum class Phase : unsigned char { kFresh, kInitialized, kShutDown };

// What the operating system tells; absent in most tests.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual void watch_process(std::int64_t pid, Job on_death) = 0;
  // Watches what a scan enters, from a job on `worker` on (it takes as long as a scan): what
  // changes after that job is told. `changed` runs on the io thread and gets workspace-relative
  // paths; "" means that anything may have changed. Called once a session.
  virtual void watch_workspace(const std::filesystem::path& root, const ScanOptions& scan,
                               Executor& worker,
                               std::function<void(const std::vector<std::string>&)> changed) = 0;
};

class Session {
 public:
  struct Dependencies {
    MessageSink& out;
    Executor& io;
    Executor& completion_worker;
    Executor& navigation_worker;
    Executor& index_worker;
    Executor& semantic_worker;
    Executor& loader;
    Timers& timers;
    CompletionGate& gate;
    Assistant& assistant;
    Surroundings& surroundings;
    ServerOptions options;
    std::unique_ptr<DebouncePolicy> debounce;
    std::function<void(int status)> on_exit;
  };
  explicit Session(Dependencies dependencies);
  ~Session();

  void receive(const Frame& frame) { connection.receive(frame); }
  void input_ended();  // the client closed its end, or died

  // For methods/:
  void initialize(const InitializeParams& params);
  void begin_work();  // after `initialized`: watch, load, index
  void shut_down();
  void exit(int code);
  Clock::time_point now() const { return deps_.timers.now(); }
  void adopt_workspace_of(const Document& document);          // when the client named no folder
  void files_changed(const std::vector<std::string>& paths);  // in the workspace, by anybody
  void follow_open_documents(const std::string& newest);  // which Clang reads first; "" one closed
  void reconsider_model();  // before a request: a file that was set aside may have changed
  void note_answer(const CompletionResult& result);  // which may say that the file is damaged
  std::string path_in_workspace(const Document& document) const;       // what the model is shown
  std::optional<std::string> indexable(const std::string& uri) const;  // inside the workspace
  std::vector<OpenBuffer> open_beside(
      const Document& document) const;  // in the workspace, newest first
  NavigationView navigation_view(const DocumentSnapshot& document) const;
  // Asked on the io thread about an open document, answered on the navigation worker.
  void ask_about(const std::string& uri, const Reply& reply, NavigationService::Answer answer);
  using AnswerAt = std::function<Result<json::value>(Navigator&, const NavigationView&,
                                                     std::size_t offset, const std::stop_token&)>;
  void ask_at(const PositionParams& at, const Reply& reply, AnswerAt answer);
  void answer_at(const char* method, AnswerAt answer);  // registers a method that asks so
  // The same about a range; one that reaches past the document is taken into it.
  using AnswerIn =
      std::function<Result<json::value>(Navigator&, const NavigationView&, std::size_t begin,
                                        std::size_t end, const std::stop_token&)>;
  void ask_in(const DocumentRangeParams& in, const Reply& reply, AnswerIn answer);

  Connection connection;
  Documents documents;
  Problems problems;
  StatusBoard status;
  CompletionService completions;
  NavigationService navigation;
  IndexService index;
  SemanticService semantic;
  LiveService live;
  WorkDoneProgress progress, understanding;
  InitializeParams client;
  WorkspaceSettings settings;
  Phase phase = Phase::kFresh;
  const ServerOptions options;

 private:
  std::optional<Connection::Refusal> admit(std::string_view method) const;
  void enter_workspace(const std::filesystem::path& root);
  void load_model();
  void load_model_again();
  void model_loaded(const Result<LoadedCompleter>& loaded);
  void model_failed(const Error& error);
  void start_indexing();
  IndexService::Events index_events();
  void index_progress(const IndexProgress& now);
  void index_finished(const Result<IndexReport>& report, bool whole);
  void start_understanding();
  SemanticService::Events semantic_events();
  void semantic_progress(const SemanticProgress& now);
  void semantic_finished(const Result<SemanticIndexReport>& report);
  void watch_workspace();
  void ask_client_to_watch();
  void use_store();
  void start_live();
  LiveService::Events live_events();

  Dependencies deps_;
  std::filesystem::path root_, store_;
  std::shared_ptr<Completer> completer_;
  std::vector<std::string> opened_;  // URIs, the newest first
  bool index_is_usable_ = false;     // something was committed
  bool store_in_use_ = false;        // the completer reads it
  // What the model's file was when it was last found damaged in use, and when its model failed: it
  // is set aside until it is another one.
  std::optional<std::string> damaged_stamp_, failed_stamp_;
  bool loading_again_ = false;
  std::stop_source loading_;
  std::shared_ptr<Session*> self_;
};

// methods/<method>.cpp, each adding its method to the session's connection.
void add_initialize(Session& session);
void add_initialized(Session& session);
void add_shutdown(Session& session);
void add_exit(Session& session);
void add_cancel_request(Session& session);
void add_did_open(Session& session);
void add_did_change(Session& session);
void add_did_save(Session& session);
void add_did_close(Session& session);
void add_inline_completion(Session& session);
void add_execute_command(Session& session);
void add_did_change_watched_files(Session& session);
void add_work_done_progress_cancel(Session& session);
void add_status(Session& session);
void add_definition(Session& session);
void add_references(Session& session);
void add_document_highlight(Session& session);
void add_hover(Session& session);
void add_inlay_hint(Session& session);
void add_hierarchies(Session& session);
void add_document_symbol(Session& session);
void add_document_structure(Session& session);
void add_semantic_tokens(Session& session);
json::object semantic_tokens_capability();
void add_workspace_symbol(Session& session);
void add_switch_source_header(Session& session);
void add_diagnostic(Session& session);
void add_code_action(Session& session);
void add_completion(Session& session);

}  // namespace engram::lsp
