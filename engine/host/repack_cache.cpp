#include "engine/host/repack_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/atomic_file.h"
#include "core/hash.h"
#include "core/log.h"
#include "kernels/pack.h"

namespace engram {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeaderBytes = 4096;
constexpr std::string_view kMagic = "ENGRAM-REPACK\n";
constexpr std::string_view kTemporaryMark = ".writing-";
constexpr std::string_view kHashMark = ".xxh3";  // beside a file: the hash of all of it
constexpr std::size_t kSamples = 64, kSampleBytes = 1024;

// Text, so that `head -c 200` tells what a file is; padded with zeros.
std::array<char, kHeaderBytes> header_of(const RepackIdentity& identity) {
  std::array<char, kHeaderBytes> header{};
  const std::string text = fmt::format("{}layout {}\nkey {}\nbytes {}\n", kMagic,
                                       kPackedLayoutVersion, identity.key, identity.bytes);
  std::memcpy(header.data(), text.data(), text.size());
  return header;
}

bool is_own_file(const fs::path& path) {
  struct stat info{};
  constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;
  return ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == ::geteuid() &&
         (info.st_mode & kOthersWrite) == 0;
}

std::int64_t modification_time(const fs::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return 0;
  return static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

fs::path hash_path(const fs::path& path) { return path.string() + std::string(kHashMark); }

std::string hash_line(std::span<const std::byte> whole) {
  return fmt::format("{:016x}\n", xxh3(as_text(whole)));
}

// A kilobyte from the middle of some tensors: catches a file replaced in place with its time kept.
std::uint64_t hash_samples(std::span<const GgufTensor* const> sources) {
  std::uint64_t hash = 0;
  const std::size_t step = std::max<std::size_t>(sources.size() / kSamples, 1);
  for (std::size_t i = 0; i < sources.size(); i += step) {
    const auto data = sources[i]->data;
    const std::size_t begin = data.size() / 2;
    hash = xxh3(as_text(data.subspan(begin, std::min(kSampleBytes, data.size() - begin))), hash);
  }
  return hash;
}

}  // namespace

RepackIdentity repack_identity(const GgufFile& file, std::span<const GgufTensor* const> sources,
                               std::uint64_t packed_bytes) {
  std::string table =
      fmt::format("{} {} {}\n", file.size_bytes(), modification_time(file.path()), packed_bytes);
  for (const GgufTensor* tensor : sources) {
    table += fmt::format("{} {} {} {}\n", tensor->name, static_cast<std::uint32_t>(tensor->type),
                         tensor->shape[0], tensor->rows());
  }
  return {fmt::format("{:016x}{:016x}", xxh3(table), xxh3(table, hash_samples(sources))),
          packed_bytes};
}

RepackCheck check_repacked(const fs::path& directory) {
  RepackCheck check;
  std::vector<fs::path> paths;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().extension() == ".repack" && is_own_file(entry.path())) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    const auto kept = read_file(hash_path(path), 64);
    const auto file = MappedFile::open(path);
    if (!kept || !file) {
      ++check.unchecked;
    } else if (*kept == hash_line((*file)->bytes())) {
      ++check.intact;
    } else {
      fs::remove(path, ignored);
      fs::remove(hash_path(path), ignored);
      check.damaged.push_back(path);
    }
  }
  return check;
}

fs::path RepackCache::path_of(const RepackIdentity& identity) const {
  return directory_ / fmt::format("{}-v{}.repack", identity.key, kPackedLayoutVersion);
}

std::optional<RepackCache::Mapped> RepackCache::find(const RepackIdentity& identity) const {
  const fs::path path = path_of(identity);
  if (!is_own_file(path)) return std::nullopt;
  auto file = MappedFile::open(path);
  if (!file) return std::nullopt;
  const auto bytes = (*file)->bytes();
  if (bytes.size() != kHeaderBytes + identity.bytes) return std::nullopt;
  const auto expected = header_of(identity);
  if (std::memcmp(bytes.data(), expected.data(), kHeaderBytes) != 0) return std::nullopt;
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);  // used now; a failure only ages it
  ::madvise(const_cast<std::byte*>(bytes.data()), bytes.size(), MADV_WILLNEED);
  return Mapped{*file, bytes.subspan(kHeaderBytes)};
}

// Removes drafts of dead processes and, oldest first, files until `bytes` more fit.
void RepackCache::make_room(std::uint64_t bytes) const {
  struct Entry {
    fs::path path;
    std::int64_t used;
    std::uint64_t size;
  };
  std::vector<Entry> entries;
  std::uint64_t total = bytes;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (const auto mark = name.find(kTemporaryMark); mark != std::string::npos) {
      const std::string process = name.substr(mark + kTemporaryMark.size());
      if (!fs::exists("/proc/" + process, ignored)) fs::remove(entry.path(), ignored);
    } else if (name.ends_with(".repack") && is_own_file(entry.path())) {
      entries.push_back({entry.path(), modification_time(entry.path()), entry.file_size(ignored)});
      total += entries.back().size;
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& entry : entries) {
    if (total <= kMostBytes) break;
    fs::remove(entry.path, ignored);
    fs::remove(hash_path(entry.path), ignored);
    total -= entry.size;
  }
}

Result<std::unique_ptr<RepackCache::Draft>> RepackCache::begin(
    const RepackIdentity& identity) const {
  const auto failed = [&](std::string_view why) {
    return Error{Errc::kIo,
                 fmt::format("cannot keep packed weights in {}: {}", directory_.string(), why)};
  };
  ENGRAM_TRY_VOID(make_private_directory(directory_));
  make_room(identity.bytes);
  std::error_code error;
  const std::uint64_t free = fs::space(directory_, error).available;
  const std::uint64_t bytes = kHeaderBytes + identity.bytes;
  if (error || free < bytes + bytes / 4) return failed("not enough free disk space");

  std::unique_ptr<Draft> draft(new Draft);
  draft->final_ = path_of(identity);
  draft->temporary_ = draft->final_.string() + fmt::format("{}{}", kTemporaryMark, ::getpid());
  draft->descriptor_ =
      ::open(draft->temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (draft->descriptor_ < 0) {
    draft->temporary_.clear();  // somebody else's
    return failed(std::strerror(errno));
  }
  // Reserved now, so that writing through the mapping cannot run out of disk.
  const int reserved = ::posix_fallocate(draft->descriptor_, 0, static_cast<off_t>(bytes));
  if (reserved != 0) return failed(std::strerror(reserved));
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, draft->descriptor_, 0);
  if (memory == MAP_FAILED) return failed(std::strerror(errno));
  draft->whole_ = {static_cast<std::byte*>(memory), bytes};
  draft->matrices_ = draft->whole_.subspan(kHeaderBytes);
  draft->guard_.emplace(draft->whole_, draft->descriptor_);
  const auto header = header_of(identity);
  std::memcpy(draft->whole_.data(), header.data(), header.size());
  return draft;
}

void RepackCache::Draft::finish() {
  writer_ = std::jthread([this] {
    const auto hashed = write_file_atomically(hash_path(final_), hash_line(whole_));
    if (!hashed) log_info("{}", hashed.error().message);
    if (::fsync(descriptor_) == 0 && ::rename(temporary_.c_str(), final_.c_str()) == 0) {
      temporary_.clear();
      return;
    }
    log_info("packed weights are not kept in {}: {}", final_.string(), std::strerror(errno));
  });
}

RepackCache::Draft::~Draft() {
  if (writer_.joinable()) writer_.join();
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  guard_.reset();
  if (!whole_.empty()) ::munmap(whole_.data(), whole_.size());
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace engram
