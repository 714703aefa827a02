#include "memory/semantic/semantic_archive.h"

#include "core/path.h"
#include "memory/semantic/semantic_schema.h"

namespace engram {

namespace fs = std::filesystem;

Result<bool> copy_semantic_store(const fs::path& store, const fs::path& file) {
  const auto db = open_database_for_reading(semantic_directory(store), kSemanticSchema);
  if (!db) {
    if (db.error().code == Errc::kNotFound || db.error().code == Errc::kCorrupt) return false;
    return db.error();
  }
  ENGRAM_TRY(copy, Database::open(file, Database::Mode::kWrite));
  ENGRAM_TRY_VOID(copy->execute("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF"));
  ENGRAM_TRY_VOID((*db)->copy_to(*copy));
  return true;
}

Result<void> check_semantic_store(const fs::path& file) {
  ENGRAM_TRY(db, Database::open(file, Database::Mode::kReadImmutable));
  ENGRAM_TRY_VOID(validate_database(*db, file, kSemanticSchema));
  Query rows(*db, "SELECT path FROM sources");
  while (rows.next()) {
    const std::string path = rows.text(0);
    if (!path.starts_with('/') && !is_safe_relative_path(path)) {
      return Error{Errc::kCorrupt, "a path of the compiler's facts leaves the workspace"};
    }
  }
  return rows.done();
}

Result<void> replace_semantic_store(const fs::path& file, const fs::path& store) {
  const fs::path directory = semantic_directory(store);
  ENGRAM_TRY(source, Database::open(file, Database::Mode::kReadImmutable));
  auto destination = open_database_for_writing(directory, kSemanticSchema);
  if (!destination && destination.error().code == Errc::kCorrupt) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::error_code ec;
      fs::remove(directory / (std::string(kSemanticSchema.file) + suffix), ec);
    }
    destination = open_database_for_writing(directory, kSemanticSchema);
  }
  if (!destination) return destination.error();
  ENGRAM_TRY_VOID(source->copy_to(**destination));
  static_cast<void>((*destination)->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  return {};
}

}  // namespace engram
