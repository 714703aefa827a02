#include "indexer/scan/workspace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/file_descriptor.h"

namespace engram {

namespace {

Error file_error(const std::string& path, int code) {
  Errc kind = Errc::kIo;
  if (code == ENOENT || code == ENOTDIR) kind = Errc::kNotFound;
  if (code == ELOOP || code == EXDEV) kind = Errc::kInvalidArgument;
  return {kind, fmt::format("cannot read '{}': {}", path, std::strerror(code))};
}

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// Without openat2 (old kernels, some sandboxes): one component after the other.
int open_stepwise(int root_fd, const char* relative, int flags) {
  std::string_view rest = relative;
  int at = ::fcntl(root_fd, F_DUPFD_CLOEXEC, 0);
  while (at >= 0) {
    const std::size_t slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    const bool last = slash == std::string_view::npos;
    const int next =
        ::openat(at, name.c_str(),
                 last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const int code = errno;
    ::close(at);
    errno = code;
    if (last) return next;
    at = next;
    rest.remove_prefix(slash + 1);
  }
  return -1;
}

}  // namespace

int open_beneath(int root_fd, const char* relative, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags | O_CLOEXEC));
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, root_fd, relative, &how, sizeof how);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) return static_cast<int>(fd);
  return open_stepwise(root_fd, relative, flags | O_CLOEXEC);
}

Result<WorkspaceRoot> WorkspaceRoot::open(const std::filesystem::path& root) {
  const int fd = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    const int code = errno;
    const Errc kind = code == ENOENT    ? Errc::kNotFound
                      : code == ENOTDIR ? Errc::kInvalidArgument
                                        : Errc::kIo;
    return Error{kind, fmt::format("cannot open the workspace '{}': {}", root.string(),
                                   std::strerror(code))};
  }
  return WorkspaceRoot(fd, root);
}

WorkspaceRoot::WorkspaceRoot(WorkspaceRoot&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

WorkspaceRoot& WorkspaceRoot::operator=(WorkspaceRoot&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

WorkspaceRoot::~WorkspaceRoot() {
  if (fd_ >= 0) ::close(fd_);
}

Result<WorkspaceRoot::Status> WorkspaceRoot::status(const std::string& relative) const {
  const FileDescriptor file(open_beneath(fd_, relative.c_str(), O_PATH));
  struct stat s{};
  if (file.get() < 0 || ::fstat(file.get(), &s) != 0) return file_error(relative, errno);
  return Status{S_ISDIR(s.st_mode), S_ISREG(s.st_mode), static_cast<std::uint64_t>(s.st_size),
                nanoseconds(s.st_mtim)};
}

Result<WorkspaceRoot::Contents> WorkspaceRoot::read(const std::string& relative,
                                                    std::uint64_t max_bytes) const {
  const FileDescriptor file(open_beneath(fd_, relative.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY));
  struct stat s{};
  if (file.get() < 0 || ::fstat(file.get(), &s) != 0) return file_error(relative, errno);
  if (!S_ISREG(s.st_mode)) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot read '{}': not a regular file", relative)};
  }
  Contents contents;
  contents.mtime_ns = nanoseconds(s.st_mtim);
  // One byte more than expected: the end shows in the same call; a file that grows is still read.
  contents.text.resize(static_cast<std::size_t>(std::min<std::uint64_t>(
                           static_cast<std::uint64_t>(s.st_size), max_bytes)) +
                       1);
  std::size_t used = 0;
  while (true) {
    if (used == contents.text.size()) contents.text.resize(used + used / 2 + 4096);
    const ssize_t n = ::read(file.get(), contents.text.data() + used, contents.text.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return file_error(relative, errno);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (used > max_bytes) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("cannot read '{}': larger than {} bytes", relative, max_bytes)};
    }
  }
  contents.text.resize(used);
  contents.size = used;
  return contents;
}

}  // namespace engram
