#include "lsp/process_watch.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <limits>

namespace engram::lsp {

namespace {

constexpr auto kBetweenChecks = std::chrono::seconds(2);

bool alive(pid_t pid) { return ::kill(pid, 0) == 0 || errno == EPERM; }

}  // namespace

struct ProcessWatch::State : std::enable_shared_from_this<State> {
  State(AsioLoop& the_loop, pid_t the_pid, Job job)
      : loop(the_loop), pid(the_pid), on_death(std::move(job)), pidfd(the_loop.context()) {}

  void died() {
    if (const Job job = std::exchange(on_death, nullptr)) job();
  }
  void check() {
    if (!on_death) return;
    if (!alive(pid)) return died();
    timer = loop.after(kBetweenChecks, [self = shared_from_this()] { self->check(); });
  }

  AsioLoop& loop;
  pid_t pid;
  Job on_death;
  boost::asio::posix::stream_descriptor pidfd;
  TimerId timer = 0;
};

ProcessWatch::ProcessWatch(AsioLoop& loop, std::int64_t pid, Job on_death) {
  if (pid <= 0 || pid > std::numeric_limits<pid_t>::max()) return;
  if (!alive(static_cast<pid_t>(pid))) return;
  state_ = std::make_shared<State>(loop, static_cast<pid_t>(pid), std::move(on_death));
  const long fd = ::syscall(SYS_pidfd_open, state_->pid, 0);
  if (fd < 0) {
    state_->check();
    return;
  }
  state_->pidfd.assign(static_cast<int>(fd));
  state_->pidfd.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                           [state = state_](const boost::system::error_code& ec) {
                             if (!ec) state->died();
                           });
}

ProcessWatch::~ProcessWatch() {
  if (!state_) return;
  state_->on_death = nullptr;
  state_->loop.cancel(state_->timer);
  boost::system::error_code ignored;
  state_->pidfd.close(ignored);
}

}  // namespace engram::lsp
