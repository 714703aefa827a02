#include "core/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/file_descriptor.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

Error system_error(const char* attempt, const fs::path& path) {
  const int code = errno;
  return {code == ENOENT ? Errc::kNotFound : Errc::kIo,
          fmt::format("cannot {} '{}': {}", attempt, path.string(), std::strerror(code))};
}

}  // namespace

Result<std::string> read_file(const fs::path& path, std::size_t max_bytes) {
  // O_NONBLOCK: opening a FIFO must not hang; it is refused below as not regular.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return system_error("read", path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_error("read", path);
  if (!S_ISREG(status.st_mode)) {
    return Error{Errc::kInvalidArgument,
                 fmt::format("cannot read '{}': it is not a regular file", path.string())};
  }
  std::string contents;
  contents.reserve(std::min(static_cast<std::size_t>(status.st_size), max_bytes) + 1);
  while (true) {
    constexpr std::size_t kBlock = 1 << 16;
    const std::size_t old_size = contents.size();
    const std::size_t reserved = contents.capacity() - old_size;
    const std::size_t room = reserved > 0 ? reserved : kBlock;  // it has grown, or tells no size
    contents.resize(old_size + room);
    const ssize_t n = ::read(file.get(), contents.data() + old_size, room);
    if (n < 0 && errno == EINTR) {
      contents.resize(old_size);
      continue;
    }
    if (n < 0) return system_error("read", path);
    contents.resize(old_size + static_cast<std::size_t>(n));
    if (contents.size() > max_bytes) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("cannot read '{}': larger than {} bytes", path.string(), max_bytes)};
    }
    if (n == 0) return contents;
  }
}

Result<void> write_file_atomically(const fs::path& path, std::string_view contents, unsigned mode) {
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0) mode = status.st_mode & 07777;
  std::string temporary = (directory / (path.filename().string() + ".XXXXXX")).string();
  FileDescriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return system_error("write", path);
  const bool written = write_all(file.get(), contents) && ::fchmod(file.get(), mode) == 0 &&
                       ::fsync(file.get()) == 0 && file.close() &&
                       ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!written) {
    const Error error = system_error("write", path);
    ::unlink(temporary.c_str());
    return error;
  }
  const FileDescriptor parent(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() >= 0) ::fsync(parent.get());
  return {};
}

Result<void> make_private_directory(const fs::path& path) {
  std::error_code ec;
  if (fs::is_directory(path, ec)) return {};
  if (path.has_parent_path() && path.parent_path() != path) {
    ENGRAM_TRY_VOID(make_private_directory(path.parent_path()));
  }
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_error("make the directory", path);
  }
  if (!fs::is_directory(path, ec)) {
    return Error{Errc::kIo,
                 fmt::format("cannot make the directory '{}': a file is there", path.string())};
  }
  return {};
}

}  // namespace engram
