#include "core/mapped_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <utility>

namespace engram {
namespace {

// What the signal handler reads: only lock-free atomics, since it may interrupt anything.
struct Guard {
  std::atomic<std::uintptr_t> begin{0};  // 0: free
  std::atomic<std::uintptr_t> end{0};
  std::atomic<bool> faulted{false};
};
constexpr std::size_t kMaxGuards = 64;
constexpr std::size_t kUnguarded = kMaxGuards;

constexpr std::size_t kReadAhead = std::size_t{128} << 10;

std::array<Guard, kMaxGuards> guards;
std::atomic<std::uintptr_t> page_size{4096};
struct sigaction previous_action;

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Guard& guard : guards) {
    const std::uintptr_t begin = guard.begin.load();
    if (begin == 0 || address < begin || address >= guard.end.load()) continue;
    // From here to the end at once: a page each would run into the limit on mappings.
    const std::uintptr_t page = address & ~(page_size.load() - 1);
    // Writable, for a guarded mapping may be.
    void* mapped = ::mmap(reinterpret_cast<void*>(page), guard.end.load() - page,
                          PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (mapped == MAP_FAILED) break;
    guard.faulted.store(true);
    return;  // the faulting instruction runs again and reads zeros
  }
  if ((previous_action.sa_flags & SA_SIGINFO) != 0 && previous_action.sa_sigaction != nullptr) {
    previous_action.sa_sigaction(signal, info, context);
    return;
  }
  // Not ours: let the previous disposition act when the instruction runs again.
  ::sigaction(SIGBUS, &previous_action, nullptr);
}

// For whole pages, those at the ends included. Advice: that it cannot be taken is no error.
void advise(std::span<const std::byte> of, int advice) {
  if (of.empty()) return;
  const std::uintptr_t page = page_size.load();
  const auto begin = reinterpret_cast<std::uintptr_t>(of.data()) & ~(page - 1);
  const auto end = reinterpret_cast<std::uintptr_t>(of.data() + of.size());
  ::madvise(reinterpret_cast<void*>(begin), end - begin, advice);
}

void install_handler_once() {
  static std::once_flag once;
  std::call_once(once, [] {
    page_size.store(static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE)));
    struct sigaction action = {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, &previous_action);
  });
}

std::size_t guard_range(std::span<const std::byte> bytes) {
  install_handler_once();
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  for (std::size_t i = 0; i < kMaxGuards; ++i) {
    if (guards[i].begin.load() != 0) continue;
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
    const std::uintptr_t page = page_size.load();
    guards[i].faulted.store(false);
    guards[i].end.store((begin + bytes.size() + page - 1) & ~(page - 1));
    guards[i].begin.store(begin);
    return i;
  }
  return kUnguarded;  // still usable; a truncation is then fatal, as for any mapped file
}

std::string reason() { return std::strerror(errno); }

}  // namespace

MappingGuard::MappingGuard(std::span<const std::byte> mapping, int descriptor)
    : bytes_(mapping.size()), descriptor_(descriptor), slot_(guard_range(mapping)) {}

MappingGuard::~MappingGuard() {
  if (slot_ < kMaxGuards) guards[slot_].begin.store(0);
}

bool MappingGuard::damaged() const {
  if (slot_ < kMaxGuards && guards[slot_].faulted.load()) return true;
  struct stat status = {};
  return ::fstat(descriptor_, &status) == 0 && static_cast<std::uint64_t>(status.st_size) < bytes_;
}

MappedFile::MappedFile(std::filesystem::path path, int descriptor, std::span<const std::byte> bytes)
    : path_(std::move(path)),
      descriptor_(descriptor),
      bytes_(bytes),
      guard_(std::in_place, bytes, descriptor) {}

MappedFile::~MappedFile() {
  guard_.reset();
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  ::close(descriptor_);
}

// While the descriptor is open, no other file gets this one's inode.
bool MappedFile::is_at(const std::filesystem::path& path) const {
  struct stat mine = {}, there = {};
  return ::fstat(descriptor_, &mine) == 0 && ::stat(path.c_str(), &there) == 0 &&
         mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

void MappedFile::expect_scattered_reads(std::span<const std::byte> of) { advise(of, MADV_RANDOM); }

void MappedFile::read_ahead(std::span<const std::byte> of) {
  while (!of.empty()) {  // of more the kernel may take only the first part
    const std::size_t n = std::min(of.size(), kReadAhead);
    advise(of.first(n), MADV_WILLNEED);
    of = of.subspan(n);
  }
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    const bool absent = errno == ENOENT || errno == ENOTDIR;
    return Error{absent ? Errc::kNotFound : Errc::kIo,
                 "cannot open " + path.string() + ": " + reason()};
  }
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
    ::close(descriptor);
    return Error{Errc::kInvalidArgument,
                 "cannot map " + path.string() + ": not a regular file, or empty"};
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data == MAP_FAILED) {
    Error error{Errc::kIo, "cannot map " + path.string() + ": " + reason()};
    ::close(descriptor);
    return error;
  }
  const std::span<const std::byte> bytes(static_cast<const std::byte*>(data), size);
  return std::shared_ptr<const MappedFile>(new MappedFile(path, descriptor, bytes));
}

}  // namespace engram
