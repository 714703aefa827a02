#include "indexer/scan/change_batch.h"

#include <algorithm>
#include <utility>

namespace engram {

void ChangeBatch::note(Clock::time_point now) {
  if (!first_) first_ = now;
  last_ = now;
}

void ChangeBatch::add(std::string path, Clock::time_point now) {
  note(now);
  if (rescan_) return;
  paths_.insert(std::move(path));
  if (paths_.size() > options_.max_paths) ask_rescan(now);
}

void ChangeBatch::ask_rescan(Clock::time_point now) {
  note(now);
  rescan_ = true;
  paths_.clear();
}

std::optional<ChangeBatch::Clock::time_point> ChangeBatch::due() const {
  if (!first_) return std::nullopt;
  const auto latest = *first_ + options_.longest;
  return git_busy_ ? latest : std::min(latest, last_ + options_.quiet);
}

std::optional<WatchBatch> ChangeBatch::take_due(Clock::time_point now) {
  const auto when = due();
  if (!when || now < *when) return std::nullopt;
  WatchBatch batch{{paths_.begin(), paths_.end()}, rescan_};
  paths_.clear();
  rescan_ = false;
  first_.reset();
  return batch;
}

}  // namespace engram
