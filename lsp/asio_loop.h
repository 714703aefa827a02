// lsp/asio_loop.h: the io thread: an Asio loop as the Executor and Timers of the server.
//
// Only asio_loop.cpp, stream_transport and surroundings include Asio.
//
// Threads: run() makes its caller the io thread; post() and stop() are thread-safe; timers belong
// to the io thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>

#include "lsp/timers.h"

namespace engram::lsp {

class AsioLoop final : public Executor, public Timers {
 public:
  AsioLoop();
  ~AsioLoop() override;

  void run();  // until stop()
  void stop();
  boost::asio::io_context& context() { return context_; }

  void post(Job job) override;
  Clock::time_point now() const override { return Clock::now(); }
  TimerId after(Clock::duration delay, Job job) override;
  void cancel(TimerId id) override;

 private:
  struct Timer;
  boost::asio::io_context context_;
  std::map<TimerId, std::shared_ptr<Timer>> timers_;
  TimerId next_timer_ = 1;
};

}  // namespace engram::lsp
