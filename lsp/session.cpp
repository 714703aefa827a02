#include "lsp/session.h"

#include <fmt/format.h>

#include <utility>

#include "core/path.h"
#include "indexer/open_store.h"
#include "indexer/semantic/indexed_files.h"

namespace engram::lsp {

namespace fs = std::filesystem;

Session::Session(Dependencies dependencies)
    : connection(dependencies.out),
      problems(connection),
      status(connection, dependencies.timers),
      completions({dependencies.io, dependencies.completion_worker, dependencies.timers,
                   dependencies.gate, std::move(dependencies.debounce),
                   [this] { status.update([](ServerStatus& s) { ++s.warmed; }); }}),
      navigation({dependencies.io, dependencies.navigation_worker, dependencies.gate}),
      index({dependencies.io, dependencies.index_worker, dependencies.timers, dependencies.gate,
             dependencies.assistant},
            index_events()),
      semantic({dependencies.io, dependencies.semantic_worker, dependencies.timers,
                dependencies.gate, dependencies.assistant},
               semantic_events()),
      live({dependencies.io, dependencies.timers, documents,
            [&assistant = dependencies.assistant](const std::vector<std::string>& names) {
              return assistant.uses_of(names);
            },
            [&assistant = dependencies.assistant](const std::string& prefix) {
              return assistant.names_to_include(prefix);
            },
            dependencies.options.include_hints},
           live_events()),
      progress(connection, dependencies.timers, "engram-index"),
      understanding(connection, dependencies.timers, "engram-semantic"),
      options(dependencies.options),
      deps_(std::move(dependencies)),
      self_(std::make_shared<Session*>(this)) {
  connection.set_admission([this](std::string_view method) { return admit(method); });
  connection.set_complaint(
      [this](const std::string& line) { problems.log(MessageType::kWarning, line); });
  for (const auto add : {add_initialize,
                         add_initialized,
                         add_shutdown,
                         add_exit,
                         add_cancel_request,
                         add_did_open,
                         add_did_change,
                         add_did_save,
                         add_did_close,
                         add_inline_completion,
                         add_execute_command,
                         add_did_change_watched_files,
                         add_work_done_progress_cancel,
                         add_status,
                         add_definition,
                         add_references,
                         add_document_highlight,
                         add_hover,
                         add_hierarchies,
                         add_inlay_hint,
                         add_document_symbol,
                         add_document_structure,
                         add_semantic_tokens,
                         add_workspace_symbol,
                         add_switch_source_header,
                         add_diagnostic,
                         add_code_action,
                         add_completion}) {
    add(*this);
  }
}

Session::~Session() {
  *self_ = nullptr;
  loading_.request_stop();
}

std::optional<Connection::Refusal> Session::admit(std::string_view method) const {
  if (method == "exit") return {};
  if (phase == Phase::kFresh && method != "initialize") {
    return Connection::Refusal{ErrorCode::kServerNotInitialized,
                               fmt::format("'{}' came before 'initialize'", method)};
  }
  if (phase == Phase::kInitialized && method == "initialize") {
    return Connection::Refusal{ErrorCode::kInvalidRequest, "the server is initialized already"};
  }
  if (phase == Phase::kShutDown) {
    return Connection::Refusal{ErrorCode::kInvalidRequest,
                               fmt::format("'{}' came after 'shutdown'", method)};
  }
  return {};
}

void Session::initialize(const InitializeParams& params) {
  client = params;
  phase = Phase::kInitialized;
  documents.set_encoding(client.encoding);
  progress.set_supported(client.work_done_progress);
  understanding.set_supported(client.work_done_progress);
  status.send_notifications(client.status_notifications);
  if (client.process_id) {
    deps_.surroundings.watch_process(*client.process_id, [this] { input_ended(); });
  }
  if (!options.workspace.empty()) {
    enter_workspace(options.workspace);
  } else if (!client.folders.empty()) {
    const auto root = path_from_uri(client.folders.front());
    if (root) enter_workspace(*root);
    if (!root) problems.log(MessageType::kWarning, root.error().message);
  }
}

void Session::begin_work() {
  for (std::size_t i = 1; i < client.folders.size(); ++i) {
    problems.log(MessageType::kInfo,
                 fmt::format("only the first folder of the workspace is indexed; '{}' is not",
                             client.folders[i]));
  }
  for (const std::string& message : settings.messages) {
    problems.show_once(MessageType::kWarning, message);
  }
  if (root_.empty()) return;  // until the first file is opened
  load_model();
  start_indexing();
  start_live();
}

void Session::adopt_workspace_of(const Document& document) {
  if (!root_.empty() || !document.path) return;
  enter_workspace(deps_.assistant.workspace_of(*document.path));
  begin_work();
}

void Session::enter_workspace(const fs::path& root) {
  root_ = root;
  store_ = deps_.assistant.store_directory(root_);
  if (options.settings) settings = options.settings(root_);
  settings.commands.workspace = root_;
  settings.commands.list_files = [files = std::make_shared<WorkspaceFileList>(
                                      root_, store_, without_store(root_, store_, settings.scan))] {
    return files->get();
  };
  navigation.enter(root_, options.no_memory ? fs::path() : store_);
}

std::string Session::path_in_workspace(const Document& document) const {
  if (!document.path) return "untitled";
  if (auto relative = relative_path(root_, *document.path)) return *std::move(relative);
  // Enough of it to tell what lies in .ssh, and no path of the workspace.
  const fs::path folder = document.path->parent_path().filename();
  return (".." / folder / document.path->filename()).string();
}

std::optional<std::string> Session::indexable(const std::string& uri) const {
  const auto path = path_from_uri(uri);
  if (!path || root_.empty()) return {};
  return relative_path(root_, *path);
}

std::vector<OpenBuffer> Session::open_beside(const Document& document) const {
  std::vector<OpenBuffer> out;
  for (const std::string& uri : opened_) {
    const auto other = documents.find(uri);
    auto path = uri == document.uri ? std::nullopt : indexable(uri);
    if (other && path) out.push_back({*std::move(path), other->text});
  }
  return out;
}

// The store may have come into being after the completer.
void Session::use_store() {
  index_is_usable_ = true;
  if (!completer_ || store_in_use_) return;
  store_in_use_ = true;
  completer_->set_store(store_);
}

void Session::start_indexing() {
  if (options.no_memory) {
    status.update([](ServerStatus& s) { s.index.state = s.semantic.state = "off"; });
    return;
  }
  start_understanding();
  if (client.watches_files) {
    ask_client_to_watch();
  } else {
    watch_workspace();
  }
  std::vector<std::string> first;
  for (const std::string& uri : documents.uris()) {
    if (auto path = indexable(uri)) first.push_back(*std::move(path));
  }
  index.start(root_, store_, settings.scan, std::move(first));
}

void Session::shut_down() {
  phase = Phase::kShutDown;
  loading_.request_stop();
  completions.shut_down();
  index.shut_down();
  semantic.shut_down();
  live.shut_down();
}

void Session::exit(int code) { deps_.on_exit(code); }

void Session::input_ended() { exit(0); }

}  // namespace engram::lsp
