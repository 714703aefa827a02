#include "indexer/semantic/running_workers.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

namespace engram {

namespace {

int open_process(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

void send(const FileDescriptor& process, int signal) {
  ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
}

}  // namespace

RunningWorkers::Membership::Membership(RunningWorkers& workers, pid_t pid)
    : workers_(workers), pid_(pid), process_(open_process(pid)) {
  const MutexLock lock(workers_.mutex_);
  place_ = workers_.members_.insert(workers_.members_.end(), this);
  if (workers_.stopped_) send(process_, SIGSTOP);
}

RunningWorkers::Membership::~Membership() {
  const MutexLock lock(workers_.mutex_);
  workers_.members_.erase(place_);
}

void RunningWorkers::stop_all() { signal_all(true); }

void RunningWorkers::continue_all() { signal_all(false); }

void RunningWorkers::signal_all(bool stopped) {
  {
    const MutexLock lock(mutex_);
    if (stopped_ == stopped) return;
    stopped_ = stopped;
    for (const Membership* member : members_) send(member->process_, stopped ? SIGSTOP : SIGCONT);
  }
  changed_.notify_all();
}

void RunningWorkers::wait_while_stopped(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] {
    {
      const MutexLock lock(mutex_);
    }
    changed_.notify_all();
  });
  MutexLock lock(mutex_);
  while (stopped_ && !stop.stop_requested()) changed_.wait(mutex_);
}

std::chrono::nanoseconds RunningWorkers::used() const {
  std::chrono::nanoseconds sum{0};
  const MutexLock lock(mutex_);
  for (const Membership* member : members_) {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(member->pid_, &clock) != 0) continue;
    if (::clock_gettime(clock, &time) != 0) continue;
    sum += std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
  return sum;
}

}  // namespace engram
