#include "indexer/semantic/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "indexer/semantic/message_channel.h"
#include "indexer/semantic/worker_share.h"

namespace engram {

namespace {

std::vector<std::string> arguments_of(const WorkerOptions& options) {
  std::vector<std::string> arguments{options.program.string(), "--serve", "--memory",
                                     std::to_string(options.memory_bytes)};
  if (options.background) arguments.emplace_back("--background");
  if (options.stoppable) arguments.emplace_back("--stoppable");
  if (options.live) arguments.emplace_back("--live");
  for (const std::string& folder : options.readable) {
    arguments.emplace_back("--read");
    arguments.push_back(folder);
  }
  return arguments;
}

// The child has null for input and output, and `fd` as kWorkerDescriptor; nothing else of ours is
// inherited, since every descriptor here is opened close-on-exec.
class SpawnActions {
 public:
  explicit SpawnActions(int fd) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, fd, kWorkerDescriptor);
  }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// A group of its own: what it forks is stopped and ended together with it. SIGCONT is blocked,
// which lets a stopped process go on all the same: while one forks, Linux keeps the group's signals
// for the child, and a SIGCONT that is ignored does not undo a SIGSTOP kept before it, so that the
// child would stand still for good.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    ::sigaddset(&blocked, SIGCONT);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setsigmask(&attributes_, &blocked);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

Error cannot_start(const WorkerOptions& options, int error) {
  return {error == ENOENT ? Errc::kNotFound : Errc::kIo,
          "starting " + options.program.string() + ": " + std::strerror(error)};
}

std::string end_as_text(int status) {
  if (WIFEXITED(status)) {
    return "engram-clang-worker ended with status " + std::to_string(WEXITSTATUS(status));
  }
  const int signal = WTERMSIG(status);
  if (signal == SIGXCPU || signal == SIGALRM) return "it took more processor time than allowed";
  return std::string("engram-clang-worker crashed: ") + ::strsignal(signal);
}

// One that lives on is not waited for.
void wait_for_end(pid_t pid, int milliseconds) {
  const FileDescriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  pollfd waited{process.get(), POLLIN, 0};
  while (::poll(&waited, 1, milliseconds) < 0 && errno == EINTR) {
  }
}

// A worker that ends of SIGTERM waits for its copies, so that their processor time is known.
void ask_to_end(pid_t group) {
  constexpr int kMilliseconds = 2000;
  ::kill(-group, SIGTERM);
  ::kill(-group, SIGCONT);
  wait_for_end(group, kMilliseconds);
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const WorkerOptions& options) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return cannot_start(options, errno);
  }
  FileDescriptor ours(ends[0]);
  // dup2 of a descriptor onto itself would leave it close-on-exec, hence never 3.
  const FileDescriptor theirs(ends[1] == kWorkerDescriptor
                                  ? ::fcntl(ends[1], F_DUPFD_CLOEXEC, kWorkerDescriptor + 1)
                                  : ends[1]);
  if (ends[1] == kWorkerDescriptor) ::close(ends[1]);
  std::vector<std::string> arguments = arguments_of(options);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  char* environment[] = {nullptr};
  const SpawnActions actions(theirs.get());
  pid_t pid = -1;
  const SpawnAttributes attributes;
  const int error = ::posix_spawn(&pid, options.program.c_str(), actions.get(), attributes.get(),
                                  argv.data(), environment);
  if (error != 0) return cannot_start(options, error);
  return std::unique_ptr<WorkerProcess>(
      new WorkerProcess(options, pid, ::fcntl(ours.get(), F_DUPFD_CLOEXEC, 0)));
}

WorkerProcess::~WorkerProcess() {
  if (pid_ <= 0) return;
  // One that waits ends by itself, and its children's processor time is known.
  if (waits_) ::shutdown(fd_.get(), SHUT_RDWR);
  static_cast<void>(end_of({}, !waits_));
}

Result<std::string> WorkerProcess::exchange(std::string_view request,
                                            const std::function<void()>& sent) {
  const int stretch = options_.stoppable ? WorkerShare::kStretch : 1;
  const auto deadline = std::chrono::steady_clock::now() + stretch * options_.reply_time;
  ENGRAM_TRY_VOID(send_message(fd_.get(), request, deadline));
  if (sent) sent();
  return receive_message(fd_.get(), options_.reply_limit, deadline);
}

Result<std::string> WorkerProcess::ask_bytes(std::string_view request, std::stop_token stop,
                                             const std::function<void()>& sent) {
  if (pid_ <= 0) return Error{Errc::kIo, "engram-clang-worker has ended"};
  std::optional<Result<std::string>> reply;
  {
    const std::stop_callback wake(stop, [this] { ::shutdown(fd_.get(), SHUT_RDWR); });
    waits_ = false;
    reply.emplace(exchange(request, sent));
    waits_ = static_cast<bool>(*reply);
  }
  if (*reply) return std::move(*reply);
  if (stop.stop_requested()) {
    static_cast<void>(end_of({}, true));
    return Error{Errc::kCancelled, "cancelled"};
  }
  const Errc code = reply->error().code;
  return end_of(reply->error(), code == Errc::kBusy || code == Errc::kCorrupt);
}

Result<UnitReply> WorkerProcess::ask(const UnitRequest& request, std::stop_token stop) {
  ENGRAM_TRY(body, ask_bytes(encode_request(request), std::move(stop)));
  auto reply = decode_reply(body);
  if (!reply) return end(reply.error());
  return reply;
}

void WorkerProcess::ask_to_give_up() {
  const std::string nothing = message_head(0);
  // If there is no room for eight bytes, it does not read, and will not give up either.
  static_cast<void>(::send(fd_.get(), nothing.data(), nothing.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
}

// What it died of says more than the broken connection; unless it was us.
Error WorkerProcess::end_of(Error error, bool killed_by_us) {
  constexpr int kCrashing = 5000;  // milliseconds: descriptors are closed before it has ended
  killed_by_us ? ask_to_end(pid_) : wait_for_end(pid_, kCrashing);
  ::kill(-pid_, SIGKILL);  // nothing to those that have ended
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  if (!killed_by_us) error.message = end_as_text(status);
  return error;
}

std::filesystem::path worker_beside_this_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "engram-clang-worker" : self.parent_path() / "engram-clang-worker";
}

std::vector<std::string> toolchain_folders() {
  std::vector<std::string> folders;
  for (const char* folder : {"/usr/include", "/usr/local/include", "/usr/lib/gcc", "/usr/lib/clang",
                             "/usr/lib/llvm-19/include"}) {
    std::error_code error;
    if (std::filesystem::is_directory(folder, error)) folders.emplace_back(folder);
  }
  return folders;
}

}  // namespace engram
