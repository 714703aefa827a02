// indexer/scan/watcher.h: tells when files of a workspace change (inotify).
//
// Watches the directories a scan enters, and new ones as they come. What it reports are hints:
// which paths to look at again (update_files), or to look at everything (index_workspace) when
// events were lost, ignore rules or the branch changed. Correctness never rests on events; a scan
// finds what they missed.
//
// Threads: `on_change` runs on the watcher's own thread, one call at a time; the destructor waits
// for it.  Errors: kIo no inotify; errors of the scan. A directory that cannot be watched (the
// system's limit) is counted in `problem()`, not an error.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "indexer/scan/change_batch.h"
#include "indexer/scan/scanner.h"

namespace engram {

struct WatchOptions {
  ScanOptions scan{};
  ChangeBatch::Options batch{};
};

class Watcher {
 public:
  // Returns once every directory is watched: changes from then on are reported. Takes as long as
  // a scan.
  static Result<std::unique_ptr<Watcher>> start(const std::filesystem::path& root,
                                                const WatchOptions& options,
                                                std::function<void(const WatchBatch&)> on_change);
  virtual ~Watcher() = default;

  virtual std::size_t watched_directories() const = 0;
  virtual std::string problem() const = 0;  // one line for a person, or empty
};

}  // namespace engram
