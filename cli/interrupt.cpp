#include "cli/interrupt.h"

#include <csignal>
#include <thread>

#include "cli/exit_code.h"
#include "core/executor.h"

namespace engram::cli {

// stop_source::request_stop is not async-signal-safe (it runs callbacks), so the signals are
// blocked everywhere and one thread waits for them.
void stop_on_interrupt(std::stop_source& source) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([&source, signals] {
    set_thread_name("interrupt");
    for (bool first = true;; first = false) {
      int signal = 0;
      if (sigwait(&signals, &signal) != 0) return;
      if (!first) std::_Exit(kInterrupted);
      source.request_stop();
    }
  }).detach();
}

}  // namespace engram::cli
