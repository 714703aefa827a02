#include "indexer/semantic/header_claims.h"

#include <algorithm>

namespace engram {

std::vector<ViewKey> HeaderClaims::told_by(const UnitFacts& facts) {
  std::vector<ViewKey> keys;
  for (const FileView& view : facts.views) {
    if (view.told == ViewTold::kHere && !facts.bodies_skipped) keys.push_back(view.key);
  }
  return keys;
}

void HeaderClaims::take(const std::vector<ViewKey>& keys) {
  const MutexLock lock(mutex_);
  for (const ViewKey& key : keys) {
    if (held_.insert(key).second) in_order_.push_back(key);
  }
}

std::vector<ViewKey> HeaderClaims::after(std::size_t known) const {
  const MutexLock lock(mutex_);
  const auto first =
      in_order_.begin() + static_cast<std::ptrdiff_t>(std::min(known, in_order_.size()));
  return {first, in_order_.end()};
}

std::size_t HeaderClaims::size() const {
  const MutexLock lock(mutex_);
  return in_order_.size();
}

bool HeaderClaims::cover(const UnitFacts& facts) const {
  const MutexLock lock(mutex_);
  for (const FileView& view : facts.views) {
    if (view.told == ViewTold::kElsewhere && !held_.contains(view.key)) return false;
  }
  return true;
}

}  // namespace engram
