#include "lsp/local_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/file_descriptor.h"

namespace engram::lsp {

namespace {

Error failure(const std::filesystem::path& path, const char* why) {
  return {Errc::kIo, fmt::format("cannot listen on the socket '{}': {}", path.string(), why)};
}

bool somebody_listens(const sockaddr_un& address) {
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

Result<void> clear_stale(const std::filesystem::path& path, const sockaddr_un& address) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) {
    return Error{Errc::kInvalidArgument, failure(path, "another file is there").message};
  }
  if (somebody_listens(address)) {
    return Error{Errc::kBusy, failure(path, "another server listens there").message};
  }
  ::unlink(path.c_str());
  return {};
}

}  // namespace

Result<int> accept_one_client(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.empty() || name.size() >= sizeof address.sun_path) {
    return Error{Errc::kInvalidArgument,
                 failure(path, "its name must have 1 to 107 bytes").message};
  }
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  ENGRAM_TRY_VOID(clear_stale(path, address));

  const FileDescriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const mode_t mask = ::umask(0177);
  const int bound =
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int why = errno;
  ::umask(mask);
  if (bound != 0) return failure(path, std::strerror(why));
  int client = -1;
  if (::listen(listener.get(), 1) == 0) {
    do {
      client = ::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
    } while (client < 0 && errno == EINTR);
  }
  const int accept_error = errno;
  ::unlink(path.c_str());
  if (client < 0) return failure(path, std::strerror(accept_error));
  return client;
}

}  // namespace engram::lsp
