#include "memory/content_text.h"

#include "memory/schema.h"
#include "memory/stored_rows.h"

namespace engram {

Result<std::optional<std::string>> content_text(const std::filesystem::path& store,
                                                const Sha256& content) {
  ENGRAM_TRY(db, open_database_for_reading(store));
  Query row(*db, "SELECT id FROM contents WHERE sha256 = ?", sha_blob(content));
  const std::optional<std::uint64_t> id = row.next() ? std::optional(row.id(0)) : std::nullopt;
  ENGRAM_TRY_VOID(row.done());
  if (!id) return std::optional<std::string>();
  ENGRAM_TRY(found, stored_content(*db, *id));
  if (!found) return std::optional<std::string>();
  ENGRAM_TRY(text, stored_text(*db, *found));
  return std::optional(std::move(text));
}

}  // namespace engram
