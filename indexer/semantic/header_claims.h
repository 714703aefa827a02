// indexer/semantic/header_claims.h: which views of headers have been told, so that no other unit
// tells them again.
//
// The supervisor alone says what is held; workers are sent the list and believed nothing. A view is
// taken when the unit that told it has come back whole and been handed on: one whose worker crashed
// or that was told with errors or without bodies takes none. Two workers may tell one view at the
// same time: the facts are equal.
//
// A claim holds as long as somebody keeps what was told: who stores it starts the next run with the
// keys in the store, and forgets a view's facts only when no unit lists the view any more.
//
// Threads: thread-safe.  Errors: none.
#pragma once

#include <cstddef>
#include <set>
#include <vector>

#include "core/sync.h"
#include "memory/semantic/unit_facts.h"

namespace engram {

class HeaderClaims {
 public:
  HeaderClaims() = default;
  explicit HeaderClaims(const std::vector<ViewKey>& held) { take(held); }

  // The keys told by these facts that others may rely on.
  static std::vector<ViewKey> told_by(const UnitFacts& facts);
  void take(const std::vector<ViewKey>& keys);

  // Those taken after the first `known` were; what a worker has not been sent yet.
  std::vector<ViewKey> after(std::size_t known) const;
  std::size_t size() const;
  // Whether everything the facts call told elsewhere is held.
  bool cover(const UnitFacts& facts) const;

 private:
  mutable Mutex mutex_;
  std::vector<ViewKey> in_order_ ENGRAM_GUARDED_BY(mutex_);
  std::set<ViewKey> held_ ENGRAM_GUARDED_BY(mutex_);
};

}  // namespace engram
