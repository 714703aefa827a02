// indexer/file_indexer.h: one file, from the disk to what the store writes.
//
// Read, hash, judge the contents, and unless the store knows them already: parse and prepare. All
// heavy work of indexing is here, on the worker pool; whatever goes wrong with a file is its
// outcome, never an error of the run.
//
// Threads: index_file is thread-safe, provided `is_known` is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "core/hash.h"
#include "indexer/scan/licence.h"
#include "indexer/scan/workspace_file.h"
#include "indexer/syntax/extract.h"
#include "indexer/work_plan.h"
#include "memory/prepared_file.h"

namespace engram {

struct FileOutcome {
  enum class Kind : std::uint8_t {
    kParsed,     // `prepared` is new
    kKnown,      // the store has these contents: link them
    kSame,       // the contents are those stored for this path: new mtime and flags only
    kLeftOut,    // `listed` says why
    kGone,       // vanished since the scan
    kCancelled,  // stopped half-way
  };
  Kind kind = Kind::kCancelled;
  FileEntry entry;
  Sha256 content{};
  PreparedFile prepared;
  std::optional<SkippedFile> listed;  // also for files that hit a cap and are stored all the same
  std::uint64_t scanned_bytes = 0;    // as the plan counted it
  std::uint64_t number = 0;           // order of reading, set by the run

  std::size_t memory() const;  // about, for bounding what waits
};

class FileIndexer {
 public:
  using IsKnown = std::function<bool(const Sha256& content, std::string_view language)>;

  FileIndexer(const WorkspaceRoot& root, const LicenceMap& licences, std::uint64_t max_file_bytes,
              const ExtractLimits& limits, IsKnown is_known);

  FileOutcome index_file(const WorkItem& item, std::stop_token stop) const;

 private:
  void read_and_judge(const WorkItem& item, FileOutcome& out, std::stop_token stop) const;
  void extract(std::string_view text, FileOutcome& out, std::stop_token stop) const;

  const WorkspaceRoot& root_;
  const LicenceMap& licences_;
  std::uint64_t max_file_bytes_;
  ExtractLimits limits_;
  IsKnown is_known_;
};

}  // namespace engram
