#include "indexer/semantic/header_claims.h"

#include <algorithm>

namespace engram {

namespace {

Sha256 owner(const std::string& path, const Sha256& content) {
  return sha256(content.hex() + path);
}

}  // namespace

std::vector<HeldView> HeaderClaims::told_by(const UnitFacts& facts) {
  std::vector<HeldView> views;
  for (const FileView& view : facts.views) {
    if (view.told != ViewTold::kHere || facts.bodies_skipped) continue;
    views.push_back({view.key, facts.files[view.file].path, facts.files[view.file].content});
  }
  return views;
}

void HeaderClaims::take(const std::vector<HeldView>& views) {
  const MutexLock lock(mutex_);
  for (const HeldView& view : views) {
    if (held_.emplace(view.key, owner(view.path, view.content)).second) {
      in_order_.push_back(view.key);
    }
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
    if (view.told != ViewTold::kElsewhere) continue;
    const auto held = held_.find(view.key);
    const UnitFile& file = facts.files[view.file];
    if (held == held_.end() || held->second != owner(file.path, file.content)) return false;
  }
  return true;
}

}  // namespace engram
