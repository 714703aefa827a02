// lsp/process_watch.h: tells when another process (the editor) has died.
//
// Through a pidfd, so at once; where the kernel has none, by asking every two seconds. A process
// that is not there to begin with is not watched: the editor may live in another pid namespace
// (containers), and its closed pipe tells as well.
//
// Threads: confined to the io thread.
#pragma once

#include <cstdint>
#include <memory>

#include "lsp/asio_loop.h"

namespace engram::lsp {

class ProcessWatch {
 public:
  ProcessWatch(AsioLoop& loop, std::int64_t pid, Job on_death);
  ~ProcessWatch();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace engram::lsp
