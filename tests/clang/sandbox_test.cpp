// What a worker that a repository has taken over could still do. Each attempt runs in a process
// that has entered the sandbox, as plain system calls: Clang's own care is not in the way.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

#include "indexer/clang/worker_sandbox.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace engram {

namespace {

constexpr int kNoSandbox = 120, kNoLandlock = 121, kSucceeded = 0;

// 0, or the errno with which `attempt` (a system call's answer, below zero for failure) failed.
int in_sandbox(const std::vector<std::string>& roots, const std::function<long()>& attempt) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto state = enter_sandbox(roots, 0);
    if (!state) ::_exit(kNoSandbox);
    if (!state->files_by_kernel) ::_exit(kNoLandlock);
    errno = 0;
    ::_exit(attempt() >= 0 ? kSucceeded : errno);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNoLandlock) SKIP("this kernel has no Landlock");
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("sandbox: what parsing needs still works", "[clang]") {
  TemporaryDirectory folder;
  folder.write("sub/a.h", "int a;");
  const std::string root = folder.path().string(), file = root + "/sub/a.h";
  CHECK(in_sandbox({root}, [&] { return ::open(file.c_str(), O_RDONLY | O_CLOEXEC); }) == 0);
  CHECK(in_sandbox({root}, [&] { return ::open(root.c_str(), O_RDONLY | O_DIRECTORY); }) == 0);
  CHECK(in_sandbox({root}, [] {
          int answer = -1;
          std::thread([&] { answer = 0; }).join();
          return answer;
        }) == 0);
}

TEST_CASE("sandbox: a folder that is not there is not in the way", "[clang]") {
  TemporaryDirectory folder;
  CHECK(in_sandbox({folder.path().string() + "/gone"}, [] { return 0L; }) == 0);
}

TEST_CASE("sandbox: the kernel refuses what parsing never does", "[clang]") {
  TemporaryDirectory folder, outside;
  folder.write("a.h", "int a;");
  outside.write("secret", "secret");
  const std::string inside = (folder.path() / "a.h").string();
  const std::string secret = (outside.path() / "secret").string();
  const std::string fresh = (folder.path() / "fresh").string();
  const std::string link = (folder.path() / "link").string();
  std::filesystem::create_symlink(secret, link);
  const pid_t parent = ::getpid();
  struct Attempt {
    const char* what;
    std::function<long()> call;
    int error;
  };
  const Attempt attempts[] = {
      {"read outside", [&] { return ::open(secret.c_str(), O_RDONLY); }, EACCES},
      {"read outside by a link", [&] { return ::open(link.c_str(), O_RDONLY); }, EACCES},
      {"read /etc/passwd", [] { return ::open("/etc/passwd", O_RDONLY); }, EACCES},
      {"list a folder outside", [&] { return ::open(outside.path().c_str(), O_DIRECTORY); },
       EACCES},
      {"write inside", [&] { return ::open(inside.c_str(), O_WRONLY); }, EPERM},
      {"make a file", [&] { return ::open(fresh.c_str(), O_RDWR | O_CREAT, 0600); }, EPERM},
      {"empty a file", [&] { return ::truncate(inside.c_str(), 0); }, EPERM},
      {"remove a file", [&] { return ::unlink(inside.c_str()); }, EPERM},
      {"rename a file", [&] { return ::rename(inside.c_str(), fresh.c_str()); }, EPERM},
      {"make a folder", [&] { return ::mkdir(fresh.c_str(), 0700); }, EPERM},
      {"change rights", [&] { return ::chmod(inside.c_str(), 0777); }, EPERM},
      {"open a socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0); }, EPERM},
      {"open a local socket", [] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }, EPERM},
      {"run a program",
       [] {
         const char* const argv[] = {"/bin/true", nullptr};
         return ::execv("/bin/true", const_cast<char* const*>(argv));
       },
       EPERM},
      {"make a process", [] { return ::fork(); }, EPERM},
      {"make one by hand",
       [] { return ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0); }, EPERM},
      {"make one the new way", [] { return ::syscall(SYS_clone3, nullptr, 0); }, ENOSYS},
      {"kill who started it", [&] { return ::kill(parent, 0); }, EPERM},
      {"signal a thread elsewhere", [&] { return ::syscall(SYS_tgkill, parent, parent, 0); },
       EPERM},
      {"trace", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }, EPERM},
      {"read another's memory",
       [] { return ::syscall(SYS_process_vm_readv, 1, nullptr, 0, nullptr, 0, 0); }, EPERM},
      {"use io_uring", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr); }, EPERM},
      {"load a filter", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }, EPERM},
  };
  for (const Attempt& a : attempts) {
    INFO(a.what);
    CHECK(in_sandbox({folder.path().string()}, a.call) == a.error);
  }
  CHECK(std::filesystem::file_size(inside) == 6);
  CHECK_FALSE(std::filesystem::exists(fresh));
}

TEST_CASE("sandbox: who forks for each unit may copy itself until it gives that up", "[clang]") {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!enter_sandbox({}, 0, Processes::kCopiesOfItself)) ::_exit(kNoSandbox);
    const pid_t copy = ::fork();
    if (copy == 0) {
      if (!give_up_processes()) ::_exit(1);
      bool refused = ::fork() < 0 && errno == EPERM;
      refused = refused && ::syscall(SYS_clone3, nullptr, 0) < 0;
      refused = refused && ::prctl(PR_SET_PDEATHSIG, SIGKILL) < 0;
      std::thread([&] { refused = refused && ::getpid() > 0; }).join();
      ::_exit(refused ? 7 : 8);
    }
    int status = 0;
    if (copy < 0 || ::waitpid(copy, &status, 0) != copy) ::_exit(2);
    // A process that shares memory is no copy.
    if (::syscall(SYS_clone, CLONE_VM | SIGCHLD, nullptr, nullptr, nullptr, 0) >= 0) ::_exit(3);
    const char* const argv[] = {"/bin/true", nullptr};
    ::execv("/bin/true", const_cast<char* const*>(argv));
    ::_exit(errno == EPERM ? WEXITSTATUS(status) : 4);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("sandbox: a limit in seconds of processor time ends the process", "[clang]") {
  const pid_t child = ::fork();
  if (child == 0) {
    limit_time(0);
    volatile std::uint64_t spin = 0;
    while (true) spin = spin + 1;
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGXCPU);
}

TEST_CASE("sandbox: one that is stopped now and then has longer on the clock", "[clang]") {
  const auto left = [](std::uint32_t stretch) {
    const pid_t child = ::fork();
    if (child == 0) {
      limit_time(2, stretch);
      ::_exit(static_cast<int>(::alarm(0)));
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
  };
  CHECK(left(1) > 10);
  CHECK(left(1) <= 20);
  CHECK(left(5) > 90);
  CHECK(left(5) <= 100);
}

}  // namespace engram
