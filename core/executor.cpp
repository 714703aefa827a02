#include "core/executor.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "core/log.h"

namespace engram {

namespace {

void run_guarded(const Job& job) {
  try {
    job();
  } catch (const std::exception& e) {
    log_error("a background job failed: {}", e.what());
  }
}

}  // namespace

struct ThreadPool::State {
  Options options;
  Mutex mutex;
  ConditionVariable changed;
  std::deque<Job> queue ENGRAM_GUARDED_BY(mutex);
  std::size_t running ENGRAM_GUARDED_BY(mutex) = 0;
  bool stopping ENGRAM_GUARDED_BY(mutex) = false;
  std::vector<std::jthread> threads;

  void work() {
    set_thread_name(options.name);
    if (options.background) set_background_priority();
    while (true) {
      Job job;
      {
        MutexLock lock(mutex);
        while (queue.empty() && !stopping) changed.wait(mutex);
        if (queue.empty()) return;
        job = std::move(queue.front());
        queue.pop_front();
        ++running;
      }
      changed.notify_all();
      run_guarded(job);
      job = nullptr;  // destroyed before the pool counts as idle
      {
        MutexLock lock(mutex);
        --running;
      }
      changed.notify_all();
    }
  }
};

ThreadPool::ThreadPool(Options options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  for (std::size_t i = 0; i < state_->options.threads; ++i) {
    state_->threads.emplace_back([s = state_.get()] { s->work(); });
  }
}

ThreadPool::~ThreadPool() {
  {
    MutexLock lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
}

void ThreadPool::post(Job job) {
  {
    MutexLock lock(state_->mutex);
    while (state_->queue.size() >= state_->options.max_queued) state_->changed.wait(state_->mutex);
    state_->queue.push_back(std::move(job));
  }
  state_->changed.notify_all();
}

void ThreadPool::wait_idle() {
  MutexLock lock(state_->mutex);
  while (!state_->queue.empty() || state_->running != 0) state_->changed.wait(state_->mutex);
}

void ManualExecutor::post(Job job) {
  MutexLock lock(mutex_);
  jobs_.push_back(std::move(job));
}

bool ManualExecutor::run_one() {
  Job job;
  {
    MutexLock lock(mutex_);
    if (jobs_.empty()) return false;
    job = std::move(jobs_.front());
    jobs_.pop_front();
  }
  run_guarded(job);
  return true;
}

std::size_t ManualExecutor::run_until_idle() {
  std::size_t n = 0;
  while (run_one()) ++n;
  return n;
}

std::size_t ManualExecutor::queued() const {
  MutexLock lock(mutex_);
  return jobs_.size();
}

void set_thread_name(const std::string& name) {
  pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
}

void set_background_priority() {
  const sched_param param{};
  sched_setscheduler(0, SCHED_BATCH, &param);
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), 10);
}

}  // namespace engram
