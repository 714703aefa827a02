#include "memory/semantic/stored_unit.h"

#include <algorithm>

#include "memory/byte_codec.h"
#include "memory/stored_rows.h"

namespace engram {

namespace {

Error damaged_unit(const std::string& file) {
  return {Errc::kCorrupt, "what is stored about the translation unit '" + file +
                              "' is damaged; index again to rebuild it"};
}

std::string encode_inputs(const std::vector<UnitInput>& inputs) {
  std::string out;
  append_varint(out, inputs.size());
  SourceNumber last = 0;
  for (const UnitInput& input : inputs) {
    append_varint(out, input.source - last);
    append_varint(out, input.view);
    last = input.source;
  }
  return out;
}

bool decode_inputs(std::string_view blob, std::vector<UnitInput>& inputs) {
  ByteReader in(blob);
  std::uint64_t source = 0;
  for (std::size_t n = in.count(2); n > 0 && in.ok(); --n) {
    const std::uint64_t step = in.varint32();
    source += step;
    const std::uint32_t view = in.varint32();
    if (source >= kNoNumber || (step == 0 && !inputs.empty() && view < inputs.back().view))
      in.fail();
    if (in.ok()) inputs.push_back({static_cast<SourceNumber>(source), view});
  }
  return in.ok() && in.at_end();
}

}  // namespace

Result<std::vector<StoredUnit>> stored_units(Database& db) {
  std::vector<StoredUnit> units;
  Query rows(db,
             "SELECT file, command, state, bodies_skipped, errors, reason, inputs FROM units "
             "ORDER BY file, command");
  while (rows.next()) {
    StoredUnit stored;
    SemanticUnit& unit = stored.unit;
    unit.file = rows.text(0);
    const std::string_view command = rows.blob(1);
    const std::int64_t state = rows.integer(2);
    if (command.size() != unit.command.bytes.size() || state < 0 ||
        state > static_cast<int>(UnitState::kQuarantined) ||
        !decode_inputs(rows.blob(6), stored.inputs)) {
      return damaged_unit(unit.file);
    }
    std::copy(command.begin(), command.end(), unit.command.bytes.begin());
    unit.state = static_cast<UnitState>(state);
    unit.bodies_skipped = rows.integer(3) != 0;
    unit.errors = static_cast<std::uint32_t>(rows.integer(4));
    unit.reason = rows.text(5);
    units.push_back(std::move(stored));
  }
  ENGRAM_TRY_VOID(rows.done());
  return units;
}

Result<void> write_unit(Database& db, const StoredUnit& stored) {
  const SemanticUnit& unit = stored.unit;
  ENGRAM_TRY_VOID(delete_unit(db, unit.file, unit.command));
  return Query(db,
               "INSERT INTO units(file, command, state, bodies_skipped, errors, reason, inputs) "
               "VALUES(?, ?, ?, ?, ?, ?, ?)",
               unit.file, sha_blob(unit.command), static_cast<int>(unit.state),
               unit.bodies_skipped ? 1 : 0, unit.errors, unit.reason,
               Blob{encode_inputs(stored.inputs)})
      .run();
}

Result<void> delete_unit(Database& db, std::string_view file, const Sha256& command) {
  return Query(db, "DELETE FROM units WHERE file = ? AND command = ?", file, sha_blob(command))
      .run();
}

}  // namespace engram
