#include "lsp/stream_transport.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/write.hpp>
#include <deque>

namespace engram::lsp {

namespace asio = boost::asio;

namespace {

// A descriptor that can be waited for; regular files and some devices cannot (epoll refuses them).
bool waitable(int fd) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 &&
         (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode) || ::isatty(fd) != 0);
}

}  // namespace

struct StreamTransport::State : std::enable_shared_from_this<State> {
  State(AsioLoop& the_loop, int in_fd, int out_fd)
      : loop(the_loop),
        in(::dup(in_fd)),
        out(::dup(out_fd)),
        source(the_loop.context()),
        sink(the_loop.context()),
        in_flags(::fcntl(in_fd, F_GETFL)),
        out_flags(::fcntl(out_fd, F_GETFL)) {
    if (waitable(in)) source.assign(in);
    if (waitable(out)) sink.assign(out);
  }
  ~State() {
    // O_NONBLOCK belongs to the open file, which a terminal shares with the shell: put it back.
    ::fcntl(in, F_SETFL, in_flags);
    ::fcntl(out, F_SETFL, out_flags);
    if (!source.is_open()) ::close(in);
    if (!sink.is_open()) ::close(out);
  }

  void read();
  void received(std::size_t n);
  void write();
  void write_blocking();
  void end();

  AsioLoop& loop;
  int in, out;
  asio::posix::stream_descriptor source, sink;  // closed: not waitable
  int in_flags, out_flags;
  std::array<char, 64u << 10> portion;
  FrameReader frames;
  std::deque<std::string> queue;
  std::size_t queued_bytes = 0;
  bool writing = false;
  bool ended = false;
  std::function<void(const Frame&)> on_frame;
  std::function<void()> on_end;
};

void StreamTransport::State::end() {
  if (std::exchange(ended, true)) return;
  if (on_end) on_end();
}

void StreamTransport::State::received(std::size_t n) {
  frames.feed({portion.data(), n});
  while (!ended) {
    const auto frame = frames.next();
    if (!frame) break;
    on_frame(*frame);
  }
}

void StreamTransport::State::read() {
  if (ended) return;
  const auto done = [self = shared_from_this()](const boost::system::error_code& ec,
                                                std::size_t n) {
    if (ec || n == 0) return self->end();
    self->received(n);
    self->read();
  };
  if (source.is_open()) {
    source.async_read_some(asio::buffer(portion), done);
    return;
  }
  loop.post([self = shared_from_this(), done] {
    const ssize_t n = ::read(self->in, self->portion.data(), self->portion.size());
    done({}, n > 0 ? static_cast<std::size_t>(n) : 0);
  });
}

void StreamTransport::State::write() {
  if (writing || queue.empty()) return;
  if (!sink.is_open()) return write_blocking();
  writing = true;
  asio::async_write(sink, asio::buffer(queue.front()),
                    [self = shared_from_this()](const boost::system::error_code& ec, std::size_t) {
                      self->writing = false;
                      if (ec) {
                        self->queue.clear();
                        return self->end();
                      }
                      self->queued_bytes -= self->queue.front().size();
                      self->queue.pop_front();
                      self->write();
                    });
}

void StreamTransport::State::write_blocking() {
  while (!queue.empty()) {
    std::string_view left = queue.front();
    while (!left.empty()) {
      const ssize_t n = ::write(out, left.data(), left.size());
      if (n <= 0) return end();
      left.remove_prefix(static_cast<std::size_t>(n));
    }
    queued_bytes -= queue.front().size();
    queue.pop_front();
  }
}

StreamTransport::StreamTransport(AsioLoop& loop, int in, int out)
    : state_(std::make_shared<State>(loop, in, out)) {}

StreamTransport::~StreamTransport() {
  state_->ended = true;
  state_->on_frame = nullptr;
  state_->on_end = nullptr;
}

void StreamTransport::start(std::function<void(const Frame&)> on_frame,
                            std::function<void()> on_end) {
  state_->on_frame = std::move(on_frame);
  state_->on_end = std::move(on_end);
  state_->read();
}

void StreamTransport::send(std::string body) {
  if (state_->ended) return;
  state_->queue.push_back(frame(body));
  state_->queued_bytes += state_->queue.back().size();
  if (state_->queued_bytes > kMostQueued) {
    state_->loop.post([state = state_] { state->end(); });
    return;
  }
  state_->write();
}

// The loop no longer runs: what is left goes out by hand. A write that Asio has begun may have put
// out part of the front message already, so only a flush before any of it is safe; hence the loop
// is given its last turns here.
void StreamTransport::flush() {
  const auto until = Clock::now() + std::chrono::seconds(1);
  auto& context = state_->loop.context();
  context.restart();
  while (!state_->queue.empty() && state_->sink.is_open() && Clock::now() < until) {
    if (context.run_one_until(until) == 0) break;
  }
}

}  // namespace engram::lsp
