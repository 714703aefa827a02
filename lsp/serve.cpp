#include "lsp/serve.h"

#include <signal.h>

#include <boost/asio/signal_set.hpp>

#include "core/log.h"
#include "indexer/scan/watcher.h"
#include "lsp/asio_loop.h"
#include "lsp/process_watch.h"
#include "lsp/session.h"
#include "lsp/stream_transport.h"

namespace engram::lsp {

namespace {

class SystemSurroundings final : public Surroundings {
 public:
  explicit SystemSurroundings(AsioLoop& loop) : loop_(loop) {}

  void watch_process(std::int64_t pid, Job on_death) override {
    process_ = std::make_unique<ProcessWatch>(loop_, pid, std::move(on_death));
  }
  void watch_workspace(const std::filesystem::path& root, const ScanOptions& scan, Executor& worker,
                       std::function<void(const std::vector<std::string>&)> changed) override {
    worker.post([this, root, scan, changed = std::move(changed)] {
      auto watcher = Watcher::start(root, {.scan = scan}, [this, changed](const WatchBatch& batch) {
        loop_.post([changed, paths = batch.rescan ? std::vector<std::string>{""} : batch.paths] {
          changed(paths);
        });
      });
      if (!watcher) {
        log_warn("{}: changes made outside the editor are seen at the next start",
                 watcher.error().message);
        return;
      }
      watcher_ = *std::move(watcher);
      if (!watcher_->problem().empty()) log_warn("{}", watcher_->problem());
    });
  }

 private:
  AsioLoop& loop_;
  std::unique_ptr<ProcessWatch> process_;
  std::unique_ptr<Watcher> watcher_;  // set by a worker, which ends before this does
};

}  // namespace

int serve(const ServerOptions& options, Assistant& assistant, int in, int out) {
  ::signal(SIGPIPE, SIG_IGN);  // a client that is gone is the end of the input, seen by write()
  AsioLoop loop;
  CompletionGate gate;
  SystemSurroundings surroundings(loop);
  ThreadPool loader({.name = "load", .threads = 1});
  ThreadPool indexing({.name = "index", .threads = 1, .background = true});
  ThreadPool understanding({.name = "understand", .threads = 1, .background = true});
  ThreadPool completing({.name = "complete", .threads = 1});
  ThreadPool navigating({.name = "navigate", .threads = 1});

  int status = 0;
  const auto end = [&](int code) {
    status = code;
    loop.stop();
  };
  StreamTransport transport(loop, in, out);
  Session session({.out = transport,
                   .io = loop,
                   .completion_worker = completing,
                   .navigation_worker = navigating,
                   .index_worker = indexing,
                   .semantic_worker = understanding,
                   .loader = loader,
                   .timers = loop,
                   .gate = gate,
                   .assistant = assistant,
                   .surroundings = surroundings,
                   .options = options,
                   .debounce = burst_debounce(),
                   .on_exit = end});
  boost::asio::signal_set signals(loop.context(), SIGINT, SIGTERM, SIGHUP);
  signals.async_wait([&](const boost::system::error_code& ec, int signal) {
    if (!ec) end(signal == SIGINT ? 130 : 0);
  });
  transport.start([&](const Frame& frame) { session.receive(frame); },
                  [&] { session.input_ended(); });
  loop.run();
  transport.flush();
  gate.close();
  return status;
}

}  // namespace engram::lsp
