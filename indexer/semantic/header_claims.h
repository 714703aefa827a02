// indexer/semantic/header_claims.h: which views of headers have been told, so that no other unit
// tells them again.
//
// The supervisor alone says what is held; workers are sent the list and believed nothing. A view is
// taken when the unit that told it has come back whole and been handed on: one whose worker crashed
// or that was told with errors or without bodies takes none. Two workers may tell one view at the
// same time: the facts are equal.
//
// A claim holds as long as somebody keeps what was told: who stores it starts the next run with the
// views of the units that stay as they are, and forgets a view's facts only when no unit relies on
// them any more.
//
// Threads: thread-safe.  Errors: none.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "core/sync.h"
#include "memory/semantic/unit_facts.h"

namespace engram {

class HeaderClaims {
 public:
  HeaderClaims() = default;
  explicit HeaderClaims(const std::vector<HeldView>& held) { take(held); }

  // What these facts tell that others may rely on.
  static std::vector<HeldView> told_by(const UnitFacts& facts);
  void take(const std::vector<HeldView>& views);

  // The keys taken after the first `known` were; what a worker has not been sent yet.
  std::vector<ViewKey> after(std::size_t known) const;
  std::size_t size() const;
  // Whether everything the facts call told elsewhere is held, and of that file.
  bool cover(const UnitFacts& facts) const;

 private:
  mutable Mutex mutex_;
  std::vector<ViewKey> in_order_ ENGRAM_GUARDED_BY(mutex_);
  std::map<ViewKey, Sha256> held_ ENGRAM_GUARDED_BY(mutex_);  // and whose
};

}  // namespace engram
