// engine/host/repack_cache.h: packed weights kept in the user's cache, mapped instead of packed
// again.
//
// A file is one header page and the packed matrices; it is named after what was packed (a hash of
// the GGUF's tensor table, size, modification time and sampled contents) and the layout's version,
// so a changed model or a newer Engram makes a new one. It appears complete or not at all. Files
// that are not this user's own, or that differ from what is expected in one byte of the header, are
// ignored. Oldest files go when the directory holds more than kMostBytes. Format:
// docs/formats/repack.md.
//
// Threads: thread-safe; several processes may write the same file, the last rename wins.
// Errors: none that matter: without a cache the weights are packed in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/mapped_file.h"
#include "core/result.h"
#include "engine/gguf.h"

namespace engram {

struct RepackIdentity {
  std::string key;          // names the file
  std::uint64_t bytes = 0;  // of the packed matrices
};
RepackIdentity repack_identity(const GgufFile& file, std::span<const GgufTensor* const> sources,
                               std::uint64_t packed_bytes);

// Files of a directory against the hash that was kept when each was written. What differs is
// removed: it is made again from the model.
struct RepackCheck {
  std::size_t intact = 0;
  std::size_t unchecked = 0;  // written before hashes were kept
  std::vector<std::filesystem::path> damaged;
};
RepackCheck check_repacked(const std::filesystem::path& directory);

class RepackCache {
 public:
  static constexpr std::uint64_t kMostBytes = 32ULL << 30U;

  explicit RepackCache(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // The matrices of a whole, fitting file; nullptr when there is none.
  struct Mapped {
    std::shared_ptr<const MappedFile> file;
    std::span<const std::byte> matrices;
  };
  std::optional<Mapped> find(const RepackIdentity& identity) const;

  // A file being written: memory to pack into, backed by disk space already reserved.
  class Draft {
   public:
    ~Draft();  // waits for finish(); removes what was not finished
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    std::span<std::byte> matrices() const { return matrices_; }
    const std::filesystem::path& path() const { return final_; }
    bool damaged() const { return guard_ && guard_->damaged(); }  // as MappedFile's
    // Writes to disk and gives the file its name, in the background; the memory stays usable.
    void finish();

   private:
    friend class RepackCache;
    Draft() = default;
    std::filesystem::path temporary_, final_;
    int descriptor_ = -1;
    std::span<std::byte> whole_, matrices_;
    std::optional<MappingGuard> guard_;
    std::jthread writer_;
  };
  // kIo when it cannot be written: no such directory, disk full, not enough room beside it.
  Result<std::unique_ptr<Draft>> begin(const RepackIdentity& identity) const;

 private:
  std::filesystem::path path_of(const RepackIdentity& identity) const;
  void make_room(std::uint64_t bytes) const;

  std::filesystem::path directory_;
};

}  // namespace engram
