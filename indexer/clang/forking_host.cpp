#include "indexer/clang/forking_host.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/file_descriptor.h"
#include "indexer/clang/worker_sandbox.h"
#include "indexer/semantic/message_channel.h"
#include "memory/byte_codec.h"

namespace engram {

bool send_names(int fd, char what, const std::vector<std::string>& names) {
  std::string body(1, what);
  append_varint(body, names.size());
  for (const std::string& name : names) append_bytes(body, name);
  return send_whole(fd, body);
}

std::vector<std::string> names_in(std::string_view body) {
  ByteReader in(body.substr(1));
  std::vector<std::string> names(in.count());
  for (std::string& name : names) name = in.bytes();
  return names;
}

std::vector<std::string> as_names(const ToldDifferences& told) {
  std::vector<std::string> names;
  for (const auto& [difference, view] : told) {
    names.push_back(difference.first);
    names.push_back(difference.second);
    names.emplace_back(view.bytes.begin(), view.bytes.end());
  }
  return names;
}

void add_told(const std::vector<std::string>& names, ToldDifferences& told) {
  for (std::size_t i = 0; i + 2 < names.size(); i += 3) {
    if (names[i + 2].size() != sizeof(ViewKey)) continue;  // of a process that read hostile text
    std::copy_n(names[i + 2].begin(), sizeof(ViewKey),
                told[{names[i], names[i + 1]}].bytes.begin());
  }
}

pid_t fork_copy() {
  const pid_t parent = ::getpid();
  const pid_t copy = ::fork();
  if (copy == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);
  }
  return copy;
}

int wait_for_copy(pid_t copy) {
  int status = 0;
  while (::waitpid(copy, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? kSignalStatus + WTERMSIG(status) : WEXITSTATUS(status);
}

PrefixHost::Next ForkingHost::next(const std::vector<std::string>& unfit) {
  ::alarm(0);
  if (!send_names(out_, unfit.empty() ? kReady : kUnfit, unfit) || !unfit.empty()) ::_exit(0);
  while (true) {
    const auto message = receive_message(in_, kMaxPrefixMessage);
    if (!message || message->empty() || message->front() == kEnd) ::_exit(0);
    if (message->front() == kTold) {
      add_told(names_in(*message), told_);
      continue;
    }
    const pid_t copy = fork_copy();
    if (copy < 0) ::_exit(1);
    if (copy == 0) return begin(*message);
    if (const int status = wait_for_copy(copy); status != 0) ::_exit(status);
  }
}

PrefixHost::Next ForkingHost::begin(const std::string& message) {
  constexpr std::uint32_t kSecondsForHeaders = 60;
  if (message.front() == kMoreHeaders) {
    limit_time(kSecondsForHeaders, stretch_);
    return {std::nullopt, names_in(message)};
  }
  if (!give_up_processes()) ::_exit(1);
  auto request = decode_request(std::string_view(message).substr(1));
  if (!request) ::_exit(1);
  held_.add(request->newly_held);
  limit_time(request->cpu_seconds, stretch_);
  return {*std::move(request), {}};
}

void ForkingHost::give_up(const std::vector<std::string>& names) {
  ::_exit(send_names(out_, kWhole, names) ? 0 : 1);
}

std::vector<ViewKey> ForkingHost::differs(const std::vector<Difference>& differences) {
  std::vector<ViewKey> views;
  std::vector<std::string> names;
  for (const Difference& difference : differences) {
    const auto told = told_.find({difference.path, difference.how});
    if (told != told_.end() && held_.has(told->second)) views.push_back(told->second);
    names.push_back(difference.path);
    names.push_back(difference.how);
  }
  if (views.size() == differences.size()) return views;
  ::_exit(send_names(out_, kDiffers, names) ? 0 : 1);
}

}  // namespace engram
