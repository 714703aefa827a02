// The part of Session that follows the index: progress bar, status item, watched files.
#include <fmt/format.h>

#include <utility>

#include "core/path.h"
#include "lsp/session.h"

namespace engram::lsp {

namespace {
constexpr std::size_t kManyDirectories = 50;  // one scan is cheaper
}

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
  events.directories = [this](const std::vector<std::string>& all) { watch_directories(all); };
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
  if (report) {
    if (whole) progress.end(fmt::format("{} files", report->counts.files));
    use_store();
    for (const std::string& note : report->notes) problems.log(MessageType::kWarning, note);
    status.update([&](ServerStatus& s) {
      s.index.state = "ready";
      s.index.message.clear();
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
        client.watches_files = false;  // then we do, from the next run on
        index.rescan();
      });
}

// By ourselves, where files are indexed, unless the client does it.
void Session::watch_directories(const std::vector<std::string>& directories) {
  if (client.watches_files) return;
  const auto added = deps_.surroundings.watch_directories(
      root_, directories,
      [this](const std::vector<std::string>& paths) { index.files_changed(paths); });
  // A directory may have filled between its scan and its watch. At the start the scan comes after.
  if (!std::exchange(watching_, true) || added.empty()) return;
  if (added.size() > kManyDirectories) {
    index.rescan();
  } else {
    index.files_changed(added);
  }
}

}  // namespace engram::lsp
