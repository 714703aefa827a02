#include "memory/lease.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include "memory/catalogue.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLeaseName = "lease";
constexpr std::size_t kMaxHolderBytes = 512;

struct flock whole_file(short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::string own_command() {
  std::ifstream file("/proc/self/comm");
  std::string name;
  std::getline(file, name);
  return name.empty() ? "engram" : name;
}

std::optional<LeaseHolder> parse_holder(std::string_view text) {
  LeaseHolder holder;
  const auto [rest, ec] = std::from_chars(text.data(), text.data() + text.size(), holder.pid);
  if (ec != std::errc{} || holder.pid <= 0) return std::nullopt;
  holder.command = text.substr(static_cast<std::size_t>(rest - text.data()));
  while (!holder.command.empty() && holder.command.front() == ' ') holder.command.erase(0, 1);
  holder.command = holder.command.substr(0, holder.command.find('\n'));
  return holder;
}

std::optional<LeaseHolder> holder_of(int fd) {
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return std::nullopt;
  std::array<char, kMaxHolderBytes> text{};
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  const auto holder =
      parse_holder({text.data(), n > 0 ? static_cast<std::size_t>(n) : std::size_t{0}});
  return holder ? holder : LeaseHolder{0, "another program"};
}

Error cannot(const char* what, const fs::path& file) {
  return {Errc::kIo, fmt::format("cannot {} '{}': {}", what, file.string(), std::strerror(errno))};
}

}  // namespace

Result<WriteLease> WriteLease::acquire(const fs::path& directory) {
  const fs::path file = directory / kLeaseName;
  WriteLease lease(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lease.fd_ < 0) return cannot("take the write lease", file);
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(lease.fd_, F_OFD_SETLK, &lock) != 0) {
    if (errno != EAGAIN && errno != EACCES) return cannot("take the write lease", file);
    const LeaseHolder holder = holder_of(lease.fd_).value_or(LeaseHolder{0, "another program"});
    return Error{Errc::kBusy,
                 fmt::format("the store '{}' is being written by process {} ({}); wait for it, or "
                             "use --store DIR",
                             directory.string(), holder.pid, holder.command)};
  }
  const std::string text = fmt::format("{} {}\n", ::getpid(), own_command());
  if (::ftruncate(lease.fd_, 0) != 0 ||
      ::pwrite(lease.fd_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    // Only the holder's name is lost; the lock itself stands.
    static_cast<void>(::ftruncate(lease.fd_, 0) == 0);
  }
  return lease;
}

WriteLease::WriteLease(WriteLease&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

WriteLease::~WriteLease() {
  if (fd_ >= 0) ::close(fd_);
}

std::optional<LeaseHolder> lease_holder(const fs::path& directory) {
  const fs::path file = directory / kLeaseName;
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  const auto holder = holder_of(fd);
  ::close(fd);
  return holder;
}

namespace {

// The type of the mount that holds `directory`: the longest mount point above it.
std::string mount_type(const fs::path& directory) {
  std::error_code ec;
  const std::string wanted = fs::canonical(directory, ec).string() + '/';
  std::ifstream mounts("/proc/self/mounts");
  std::string device, point, type, rest, best_type;
  std::size_t best = 0;
  while (mounts >> device >> point >> type && std::getline(mounts, rest)) {
    if (point.back() != '/') point += '/';
    if (!wanted.starts_with(point) || point.size() < best) continue;
    best = point.size();
    best_type = type;
  }
  return best_type;
}

}  // namespace

std::string network_file_system_name(long magic, std::string_view type) {
  switch (static_cast<unsigned long>(magic) & 0xffffffffu) {
    case 0x6969:
      return "NFS";
    case 0x517b:
    case 0xff534d42:
    case 0xfe534d42:
      return "SMB";
    case 0x00c36400:
      return "Ceph";
    case 0x5346414f:
    case 0x6b414653:
      return "AFS";
    case 0x73757245:
      return "Coda";
    case 0x01021997:
      return "9P";
    case 0x0bd00bd0:
      return "Lustre";
    case 0x47504653:
      return "GPFS";
    default:
      break;
  }
  for (const char* fuse : {"fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.glusterfs", "fuse.ceph",
                           "fuse.davfs", "fuse.smbnetfs", "fuse.gcsfuse"}) {
    if (type == fuse) return std::string(type.substr(5));
  }
  return {};
}

Result<void> refuse_network_file_system(const fs::path& directory) {
  struct statfs status{};
  if (::statfs(directory.c_str(), &status) != 0) return {};  // opening will say why
  const std::string name =
      network_file_system_name(static_cast<long>(status.f_type), mount_type(directory));
  if (name.empty()) return {};
  return Error{Errc::kIo, fmt::format("cannot write a store in '{}': it is on a network file "
                                      "system ({}); use --store DIR on a local disk",
                                      directory.string(), name)};
}

}  // namespace engram
