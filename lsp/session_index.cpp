// The part of Session that follows the index: progress bar, status item, watched files.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/path.h"
#include "indexer/open_store.h"
#include "indexer/scan/nothing_left.h"
#include "lsp/session.h"

namespace engram::lsp {

namespace {

bool says_how_to_compile(const std::string& path) {
  const auto name = std::filesystem::path(path).filename();
  return name == "compile_commands.json" || name == "compile_flags.txt" || name == ".clangd";
}

}  // namespace

IndexService::Events Session::index_events() {
  IndexService::Events events;
  events.started = [this](bool whole) {
    status.update([](ServerStatus& s) { s.index.state = "indexing"; });
    if (whole) progress.begin("Indexing");
  };
  events.progress = [this](const IndexProgress& now) { index_progress(now); };
  events.finished = [this](const Result<IndexReport>& report, bool whole) {
    index_finished(report, whole);
  };
  return events;
}

void Session::index_progress(const IndexProgress& now) {
  status.update([&](ServerStatus& s) {
    s.index.files_done = now.files_done;
    s.index.files_total = now.files_total;
  });
  const auto done = now.bytes_total > 0 ? now.bytes_done : now.files_done;
  const auto total = now.bytes_total > 0 ? now.bytes_total : now.files_total;
  progress.report(fmt::format("{}/{} files", now.files_done, now.files_total),
                  static_cast<unsigned>(total > 0 ? 100 * done / total : 0));
  if (now.files_done > 0) use_store();
}

void Session::index_finished(const Result<IndexReport>& report, bool whole) {
  navigation.store_changed();
  if (phase != Phase::kShutDown) {
    whole ? semantic.workspace_indexed() : semantic.files_changed();
  }
  if (report) {
    if (whole) progress.end(fmt::format("{} files", report->counts.files));
    use_store();
    if (whole) live.commands_changed();  // what is guessed depends on which files there are
    for (const std::string& note : report->notes) problems.log(MessageType::kWarning, note);
    const auto nothing = whole ? why_nothing_is_left(report->counts.files, report->skipped)
                               : std::optional<std::string>();
    if (nothing) problems.show_once(MessageType::kWarning, *nothing);
    status.update([&](ServerStatus& s) {
      s.index.state = "ready";
      if (whole || report->counts.files > 0) s.index.message = nothing.value_or("");
      if (!whole) return;  // the report of an update counts only its files
      s.index.files = report->counts.files;
      s.index.symbols = report->counts.symbols;
      s.index.skipped = report->skipped.size();
    });
    return;
  }
  progress.end({});
  const Error& error = report.error();
  const bool shared = error.code == Errc::kBusy;
  const bool cancelled = error.code == Errc::kCancelled;
  if (shared) use_store();  // the other's commits can be read
  if (!shared && !cancelled) problems.show_once(MessageType::kWarning, error.message);
  status.update([&](ServerStatus& s) {
    s.index.state = shared ? "shared" : cancelled ? "cancelled" : "failed";
    s.index.message = cancelled ? "" : error.message;
  });
}

void Session::ask_client_to_watch() {
  const json::value everything{{"globPattern", "**/*"}};
  connection.request(
      "client/registerCapability",
      {{"registrations",
        json::array{{{"id", "engram-watch"},
                     {"method", "workspace/didChangeWatchedFiles"},
                     {"registerOptions", {{"watchers", json::array{everything}}}}}}}},
      [this](const RpcResponse& response) {
        if (!response.error) return;
        client.watches_files = false;  // then we do, and look at what came before
        watch_workspace();
        index.rescan();
      });
}

// By ourselves. The index run that follows on the same worker sees what changed before.
void Session::watch_workspace() {
  deps_.surroundings.watch_workspace(
      root_, without_store(root_, store_, settings.scan), deps_.index_worker,
      [this](const std::vector<std::string>& paths) { files_changed(paths); });
}

void Session::files_changed(const std::vector<std::string>& paths) {
  if (std::ranges::any_of(paths, says_how_to_compile)) live.commands_changed();
  index.files_changed(paths);
}

}  // namespace engram::lsp
