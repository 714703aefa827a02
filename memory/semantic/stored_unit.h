// memory/semantic/stored_unit.h: translation units as rows. Private to memory/.
//
// Threads: as Database.  Errors: those of Database; kCorrupt.
#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/semantic/source_pool.h"
#include "memory/sqlite.h"

namespace engram {

struct UnitInput {
  SourceNumber source = kNoNumber;
  std::uint32_t view = 0;  // what the unit told of it, or relies on
  friend auto operator<=>(const UnitInput&, const UnitInput&) = default;
};

struct StoredUnit {
  SemanticUnit unit;
  std::vector<UnitInput> inputs;  // ascending; of a source perhaps two: a view shared, one its own
};

Result<std::vector<StoredUnit>> stored_units(Database& db);
Result<void> write_unit(Database& db, const StoredUnit& unit);
Result<void> delete_unit(Database& db, std::string_view file, const Sha256& command);

}  // namespace engram
