// lsp/stream_transport.h: framed messages over two file descriptors: stdin and stdout, or a socket.
//
// Reading and writing never block the io thread (regular files, which cannot be waited for, are
// read in portions). A client that does not read makes the queue grow: past kMostQueued bytes it
// counts as gone. A broken pipe is the end of the input, not an error.
//
// Threads: confined to the io thread.  Errors: none; on_end is called once.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "lsp/asio_loop.h"
#include "lsp/connection.h"
#include "lsp/framing.h"

namespace engram::lsp {

class StreamTransport final : public MessageSink {
 public:
  static constexpr std::size_t kMostQueued = 64u << 20;

  // Works on duplicates of the descriptors; the originals stay the caller's.
  StreamTransport(AsioLoop& loop, int in, int out);
  ~StreamTransport() override;

  void start(std::function<void(const Frame&)> on_frame, std::function<void()> on_end);
  void send(std::string body) override;
  void flush();  // writes what is queued, for at most a second; at the end of a session

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace engram::lsp
