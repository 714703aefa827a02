// indexer/clang/worker_main.cpp: the program in which Clang lives, apart from `engram`.
//
// A crash, a hang or a translation unit of 4 GB costs this process alone, and `engram` itself
// starts in milliseconds because it never loads LLVM. It gives up what it does not need
// (worker_sandbox.h), then answers requests on descriptor 3 until that is closed.
#include <clang/Basic/Version.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "indexer/clang/forked_parses.h"
#include "indexer/clang/live_parser.h"
#include "indexer/clang/worker_sandbox.h"
#include "indexer/semantic/message_channel.h"
#include "indexer/semantic/worker_process.h"
#include "indexer/semantic/worker_share.h"

namespace engram {

namespace {

constexpr std::uint32_t kMaxRequest = 256u << 20;

struct WorkerArguments {
  std::vector<std::string> roots{ENGRAM_CLANG_RESOURCES};
  std::uint64_t memory_bytes = 0;
  bool serve = false, live = false, background = false, stoppable = false, ok = true;
};

WorkerArguments read_arguments(int argc, char** argv) {
  WorkerArguments result;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--serve") {
      result.serve = true;
    } else if (argument == "--live") {
      result.live = true;
    } else if (argument == "--background") {
      result.background = true;
    } else if (argument == "--stoppable") {
      result.stoppable = true;
    } else if (argument == "--read" && i + 1 < argc) {
      result.roots.emplace_back(argv[++i]);
    } else if (argument == "--memory" && i + 1 < argc) {
      const std::string_view bytes = argv[++i];
      const char* const end = bytes.data() + bytes.size();
      result.ok = std::from_chars(bytes.data(), end, result.memory_bytes).ptr == end;
    } else {
      result.ok = false;
    }
  }
  return result;
}

// Nice 5: against one thread a core that never rests, a worker gets a quarter of that core. More
// would be noticed, less could take hours; the language server stops workers where even that is too
// much (indexer/semantic/worker_share.h).
void step_back() {
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_BATCH, &none);
  ::setpriority(PRIO_PROCESS, 0, 5);
}

// Copies get the signal, too; who has copies counts their processor time by waiting for them.
void end_after_copies(int) {
  while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {
  }
  ::_exit(1);
}

// Until the other side closes, or says something that is no request.
int serve(const std::vector<std::string>& roots, std::uint32_t stretch) {
  ForkedParses parses(roots, stretch);
  while (true) {
    const auto body = receive_message(kWorkerDescriptor, kMaxRequest);
    if (!body) return body.error().code == Errc::kNotFound ? 0 : 1;
    auto request = decode_request(*body);
    if (!request || !parses.answer(*std::move(request))) return 1;
  }
}

// As serve(), about one open file.
int serve_live(const std::vector<std::string>& roots) {
  LiveParser parser(roots);
  const auto unwanted = [] {  // something waits: a word to give up, or the end
    pollfd waited{kWorkerDescriptor, POLLIN, 0};
    return ::poll(&waited, 1, 0) > 0;
  };
  while (true) {
    const auto body = receive_message(kWorkerDescriptor, kMaxRequest);
    if (!body) return body.error().code == Errc::kNotFound ? 0 : 1;
    if (body->empty()) continue;  // what was to be given up is done
    const auto request = decode_live_request(*body);
    if (!request) return 1;
    limit_time(request->cpu_seconds);
    const std::string reply = encode_live_reply(parser.answer(*request, unwanted));
    ::alarm(0);  // the next request may be hours away
    if (!send_whole(kWorkerDescriptor, reply)) return 1;
  }
}

}  // namespace

}  // namespace engram

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--version") {
    fmt::print("engram-clang-worker {} ({})\n", ENGRAM_VERSION, clang::getClangFullVersion());
    return 0;
  }
  const engram::WorkerArguments arguments = engram::read_arguments(argc, argv);
  if (!arguments.ok || !arguments.serve) {
    fmt::print(stderr, "engram-clang-worker: started by engram; the only option is --version\n");
    return 2;
  }
  if (arguments.stoppable) ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (arguments.background) engram::step_back();
  ::signal(SIGPIPE, SIG_IGN);  // who waits for nothing is told by the write
  if (!arguments.live) ::signal(SIGTERM, engram::end_after_copies);
  const auto sandbox = engram::enter_sandbox(
      arguments.roots, arguments.memory_bytes,
      arguments.live ? engram::Processes::kNone : engram::Processes::kCopiesOfItself);
  if (!sandbox) {
    fmt::print(stderr, "engram-clang-worker: {}\n", sandbox.error().message);
    return 3;
  }
  // Not through the C library's exit: there is nothing to save, and no time to lose on freeing.
  const std::uint32_t stretch = arguments.stoppable ? engram::WorkerShare::kStretch : 1;
  ::_exit(arguments.live ? engram::serve_live(arguments.roots)
                         : engram::serve(arguments.roots, stretch));
}
