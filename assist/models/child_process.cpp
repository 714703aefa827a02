#include "assist/models/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <string_view>

#include "core/atomic_file.h"

extern char** environ;

namespace engram {

namespace {

constexpr long kPollMilliseconds = 50;
constexpr int kPollsBeforeKill = 40;  // two seconds of grace

void wait_a_little() {
  const timespec pause{0, kPollMilliseconds * 1'000'000};
  ::nanosleep(&pause, nullptr);
}

std::vector<std::string> environment_with(const std::string& name, const std::string& value) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with(name + "=")) all.emplace_back(*entry);
  }
  all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> all;
  for (auto& s : strings) all.push_back(s.data());
  all.push_back(nullptr);
  return all;
}

std::string last_line(const std::filesystem::path& output) {
  const auto text = read_file(output, 1u << 20);
  if (!text) return {};
  std::string_view rest = *text;
  while (!rest.empty() && (rest.back() == '\n' || rest.back() == ' ')) rest.remove_suffix(1);
  const auto newline = rest.rfind('\n');
  if (newline != std::string_view::npos) rest.remove_prefix(newline + 1);
  return std::string(rest.substr(0, 300));
}

Result<pid_t> spawn(const ChildProcess& child, const std::filesystem::path& output) {
  auto command = child.command;
  auto environment = environment_with("TMPDIR", child.directory.string());
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addchdir_np(&actions, child.directory.c_str());
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, command[0].c_str(), &actions, &attributes,
                                   pointers(command).data(), pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return Error{error == ENOENT ? Errc::kNotFound : Errc::kIo,
                 fmt::format("cannot run {}: {}", command[0], ::strerror(error))};
  }
  return pid;
}

void end_group(pid_t pid) {
  ::kill(-pid, SIGTERM);
  for (int i = 0; i < kPollsBeforeKill; ++i) {
    if (::waitpid(pid, nullptr, WNOHANG) == pid) return;
    wait_a_little();
  }
  ::kill(-pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace

Result<void> run_child(const ChildProcess& child, std::stop_token stop) {
  const auto output = child.directory / "output.log";
  ENGRAM_TRY(pid, spawn(child, output));
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) break;
    if (ended < 0 && errno != EINTR) {
      return Error{Errc::kIo, fmt::format("lost track of {}", child.command[0])};
    }
    if (stop.stop_requested()) {
      end_group(pid);
      return Error{Errc::kCancelled, "cancelled"};
    }
    if (child.on_wait) child.on_wait();
    wait_a_little();
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string line = last_line(output);
  return Error{Errc::kIo,
               fmt::format("{} failed{}{}", child.command[0], line.empty() ? "" : ": ", line)};
}

}  // namespace engram
