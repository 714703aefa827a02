// memory/schema.h: the tables of a store, and the check that a file is one. Private to memory/.
//
// docs/formats/catalogue.md explains every table. A file whose schema is not exactly ours, or of
// another version, is refused: a store is a cache and is rebuilt, never guessed at.
//
// Threads: as Database.  Errors: kCorrupt with a message that says the store will be rebuilt.
#pragma once

#include <filesystem>

#include "core/result.h"
#include "memory/sqlite.h"

namespace engram {

inline constexpr std::int64_t kSchemaVersion = 1;
inline constexpr const char* kDatabaseName = "catalogue.db";

// What a database must be. Its `meta` says 'schema' = version.
struct DatabaseSchema {
  const char* file;
  std::int64_t version;
  const char* tables;
  const char* first_rows;  // of a new one
  const char* page_size;   // the pragma: small for many blobs of some kilobytes each
};
extern const DatabaseSchema kCatalogueSchema;

// Opens for writing; makes an empty store when the file is missing or empty.
Result<std::unique_ptr<Database>> open_database_for_writing(
    const std::filesystem::path& directory, const DatabaseSchema& schema = kCatalogueSchema);
// kNotFound when there is no store. On a read-only mount the file is taken as immutable.
Result<std::unique_ptr<Database>> open_database_for_reading(
    const std::filesystem::path& directory, const DatabaseSchema& schema = kCatalogueSchema);
// Is `database` a sound store? Reads all of it. `file` is what messages call it.
Result<void> validate_database(Database& database, const std::filesystem::path& file,
                               const DatabaseSchema& schema = kCatalogueSchema);

}  // namespace engram
