// How the server is put together: which thread runs what, and in which order all of it ends.
//
//   io thread (the caller)      messages, documents, request table; never blocks
//   "complete" (1 thread)       completions and warming up, one at a time
//   "index" (1, background)     runs of the indexer, which has workers of its own
//   "load" (1)                  opens the model
//
// At the end the session goes first, which stops all work by its stop tokens; the pools then join;
// only then the loop that their last messages were posted to goes.
#include "lsp/server.h"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>

#include "core/log.h"
#include "lsp/asio_loop.h"
#include "lsp/directory_watch.h"
#include "lsp/local_socket.h"
#include "lsp/process_watch.h"
#include "lsp/session.h"
#include "lsp/stream_transport.h"

namespace engram {

namespace {

class SystemSurroundings final : public lsp::Surroundings {
 public:
  explicit SystemSurroundings(lsp::AsioLoop& loop) : loop_(loop) {}

  void watch_process(std::int64_t pid, Job on_death) override {
    process_ = std::make_unique<lsp::ProcessWatch>(loop_, pid, std::move(on_death));
  }
  void watch_directories(const std::filesystem::path& root,
                         const std::vector<std::string>& directories,
                         std::function<void(const std::vector<std::string>&)> changed) override {
    if (!directories_) {
      directories_ = std::make_unique<lsp::DirectoryWatch>(loop_, root, std::move(changed));
    }
    directories_->watch(directories);
    if (directories_->limited() && !std::exchange(said_limited_, true)) {
      log_warn(
          "not every directory can be watched: the limit of inotify is reached; changes made "
          "outside the editor are seen at the next start");
    }
  }

 private:
  lsp::AsioLoop& loop_;
  std::unique_ptr<lsp::ProcessWatch> process_;
  std::unique_ptr<lsp::DirectoryWatch> directories_;
  bool said_limited_ = false;
};

int serve(const ServerOptions& options, int in, int out) {
  lsp::AsioLoop loop;
  lsp::CompletionGate gate;
  const auto assistant = lsp::make_local_assistant(options);
  SystemSurroundings surroundings(loop);
  ThreadPool loader({.name = "load", .threads = 1});
  ThreadPool indexing({.name = "index", .threads = 1, .background = true});
  ThreadPool completing({.name = "complete", .threads = 1});

  int status = 0;
  const auto end = [&](int code) {
    status = code;
    loop.stop();
  };
  lsp::StreamTransport transport(loop, in, out);
  lsp::Session session({.out = transport,
                        .io = loop,
                        .completion_worker = completing,
                        .index_worker = indexing,
                        .loader = loader,
                        .timers = loop,
                        .gate = gate,
                        .assistant = *assistant,
                        .surroundings = surroundings,
                        .options = options,
                        .debounce = lsp::burst_debounce(),
                        .on_exit = end});
  boost::asio::signal_set signals(loop.context(), SIGINT, SIGTERM, SIGHUP);
  signals.async_wait([&](const boost::system::error_code& ec, int signal) {
    if (!ec) end(signal == SIGINT ? 130 : 0);
  });
  transport.start([&](const lsp::Frame& frame) { session.receive(frame); },
                  [&] { session.input_ended(); });
  loop.run();
  transport.flush();
  gate.close();
  return status;
}

}  // namespace

int run_language_server(const ServerOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);
  set_thread_name("engram-io");
  if (!options.socket) return serve(options, STDIN_FILENO, STDOUT_FILENO);
  const auto client = lsp::accept_one_client(*options.socket);
  if (!client) {
    log_error("{}", client.error().message);
    return 2;
  }
  const int status = serve(options, *client, *client);
  ::close(*client);
  return status;
}

}  // namespace engram
