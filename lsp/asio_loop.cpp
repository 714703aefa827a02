#include "lsp/asio_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/log.h"

namespace engram::lsp {

namespace {

void run_guarded(const Job& job) {
  try {
    job();
  } catch (const std::exception& e) {
    log_error("a job of the io thread failed: {}", e.what());
  }
}

}  // namespace

struct AsioLoop::Timer {
  explicit Timer(boost::asio::io_context& context) : alarm(context) {}
  boost::asio::steady_timer alarm;
};

AsioLoop::AsioLoop() : context_(1) {}
AsioLoop::~AsioLoop() = default;

void AsioLoop::run() {
  const auto guard = boost::asio::make_work_guard(context_);
  context_.run();
}

void AsioLoop::stop() { context_.stop(); }

void AsioLoop::post(Job job) {
  boost::asio::post(context_, [job = std::move(job)] { run_guarded(job); });
}

TimerId AsioLoop::after(Clock::duration delay, Job job) {
  const TimerId id = next_timer_++;
  const auto timer = std::make_shared<Timer>(context_);
  timers_[id] = timer;
  timer->alarm.expires_after(delay);
  timer->alarm.async_wait([this, id, job = std::move(job)](const boost::system::error_code& ec) {
    // Cancelled after it expired counts as cancelled too: the entry is gone.
    if (timers_.erase(id) != 0 && !ec) run_guarded(job);
  });
  return id;
}

void AsioLoop::cancel(TimerId id) { timers_.erase(id); }

}  // namespace engram::lsp
