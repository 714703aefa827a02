#include "indexer/semantic/running_workers.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

#include <fstream>
#include <string>
#include <vector>

namespace engram {

namespace {

int open_process(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

// To the worker's group, as long as the worker is there.
void send(const FileDescriptor& process, pid_t group, int signal) {
  if (::syscall(SYS_pidfd_send_signal, process.get(), 0, nullptr, 0) == 0) ::kill(-group, signal);
}

void add_family(pid_t process, std::vector<pid_t>& family) {
  family.push_back(process);
  const std::string number = std::to_string(process);
  std::ifstream children("/proc/" + number + "/task/" + number + "/children");
  for (pid_t child = 0; children >> child;) add_family(child, family);
}

}  // namespace

RunningWorkers::Membership::Membership(RunningWorkers& workers, pid_t pid)
    : workers_(workers), pid_(pid), process_(open_process(pid)) {
  const MutexLock lock(workers_.mutex_);
  place_ = workers_.members_.insert(workers_.members_.end(), this);
  if (workers_.stopped_) send(process_, pid_, SIGSTOP);
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
    for (const Membership* member : members_) {
      send(member->process_, member->pid_, stopped ? SIGSTOP : SIGCONT);
    }
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
  std::vector<pid_t> processes;
  for (const Membership* member : members_) add_family(member->pid_, processes);
  for (const pid_t process : processes) {
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(process, &clock) != 0) continue;
    if (::clock_gettime(clock, &time) != 0) continue;
    sum += std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
  return sum;
}

}  // namespace engram
