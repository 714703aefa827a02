#include "indexer/semantic/file_hashes.h"

#include <sys/stat.h>
#include <time.h>

namespace engram {

namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::optional<HashedFile> FileHashes::of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  const Stamp stamp{static_cast<std::uint64_t>(status.st_size), status.st_ino, status.st_dev,
                    nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
  const auto it = known_.find(path);
  if (it != known_.end() && it->second.stamp == stamp) return it->second.file;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const auto hash = sha256_file(path);
  if (!hash) return std::nullopt;
  const HashedFile file{*hash, stamp.size};
  constexpr std::int64_t kSettled = 1'000'000'000;
  if (nanoseconds(now) - stamp.changed_ns > kSettled) {
    known_.insert_or_assign(path, Known{stamp, file});
  } else if (it != known_.end()) {
    known_.erase(it);
  }
  return file;
}

}  // namespace engram
