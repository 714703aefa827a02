#include "memory/schema.h"

#include <fmt/format.h>
#include <unistd.h>

#include <map>
#include <string>

#include "core/sync.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE contents(
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL,
  language TEXT NOT NULL,
  certainty INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  error_bytes INTEGER NOT NULL,
  symbol_count INTEGER NOT NULL,
  reference_count INTEGER NOT NULL,
  chunk_count INTEGER NOT NULL,
  UNIQUE(sha256, language)
) STRICT;
CREATE TABLE content_text(content INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT;
CREATE TABLE content_trigrams(content INTEGER PRIMARY KEY, filter BLOB NOT NULL) STRICT;
CREATE TABLE content_symbols(content INTEGER PRIMARY KEY, symbols BLOB NOT NULL) STRICT;
CREATE TABLE content_references(content INTEGER PRIMARY KEY, postings BLOB NOT NULL) STRICT;
CREATE TABLE content_chunks(content INTEGER PRIMARY KEY, chunks BLOB NOT NULL) STRICT;
CREATE TABLE content_comments(content INTEGER PRIMARY KEY, words BLOB NOT NULL) STRICT;
CREATE TABLE files(
  path TEXT PRIMARY KEY,
  content INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  size INTEGER NOT NULL,
  language TEXT NOT NULL,
  flags INTEGER NOT NULL,
  licence TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_content ON files(content);
CREATE TABLE skipped(path TEXT PRIMARY KEY, reason TEXT NOT NULL, detail TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE segments(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE term_blocks(
  id INTEGER PRIMARY KEY,
  segment INTEGER NOT NULL,
  first_term BLOB NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE INDEX term_blocks_by_term ON term_blocks(segment, first_term);
CREATE VIRTUAL TABLE words_fts USING fts5(identifiers, comments, content='', columnsize=0, detail=column, tokenize='ascii');
)sql";

constexpr const char* kSchemaRows =
    "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name";

Error not_a_store(const fs::path& file, std::string_view why) {
  return {Errc::kCorrupt,
          fmt::format("cannot use the store '{}': {}; it will be rebuilt by indexing again",
                      file.string(), why)};
}

Result<std::string> schema_text(Database& db) {
  std::string text;
  Query rows(db, kSchemaRows);
  while (rows.next()) {
    for (int column = 0; column < 4; ++column) {
      text += rows.blob(column);
      text += '\x1f';
    }
  }
  ENGRAM_TRY_VOID(rows.done());
  return text;
}

Result<void> create_schema(Database& db, const DatabaseSchema& schema) {
  ENGRAM_TRY(transaction, Transaction::begin(db, true));
  ENGRAM_TRY_VOID(db.execute(schema.tables));
  ENGRAM_TRY_VOID(
      Query(db, "INSERT INTO meta VALUES('schema', ?)", std::to_string(schema.version)).run());
  ENGRAM_TRY_VOID(db.execute(schema.first_rows));
  return transaction->commit();
}

Result<std::string> make_schema_text(const DatabaseSchema& schema) {
  ENGRAM_TRY(db, Database::open({}, Database::Mode::kMemory));
  ENGRAM_TRY_VOID(db->execute(schema.tables));
  return schema_text(*db);
}

// Made once a schema.
Result<std::string> expected_schema_text(const DatabaseSchema& schema) {
  static Mutex mutex;
  static std::map<const DatabaseSchema*, std::string> made;
  const MutexLock lock(mutex);
  if (const auto it = made.find(&schema); it != made.end()) return it->second;
  ENGRAM_TRY(text, make_schema_text(schema));
  return made[&schema] = text;
}

Result<void> check_schema(Database& db, const fs::path& file, const DatabaseSchema& schema) {
  ENGRAM_TRY(have, schema_text(db));
  if (have.find("\x1fmeta\x1f") == std::string::npos) {
    return not_a_store(file, "it is a database of another program");
  }
  std::string version;
  Query row(db, "SELECT value FROM meta WHERE key = 'schema'");
  if (row.next()) version = row.text(0);
  ENGRAM_TRY_VOID(row.done());
  if (version != std::to_string(schema.version)) {
    return not_a_store(file, fmt::format("it has format '{:.20}' and this program writes format {}",
                                         version, schema.version));
  }
  const Result<std::string> expected = expected_schema_text(schema);
  if (!expected) return expected.error();
  if (have != *expected) return not_a_store(file, "its tables are not those of its format");
  return {};
}

bool has_bytes(const fs::path& file) {
  std::error_code ec;
  const auto size = fs::file_size(file, ec);
  return !ec && size > 0;
}

}  // namespace

const DatabaseSchema kCatalogueSchema = {
    kDatabaseName, kSchemaVersion, kSchema,
    "INSERT INTO meta VALUES('next_content', '1');"
    "INSERT INTO words_fts(words_fts, rank) VALUES('pgsz', 4000)",
    "PRAGMA page_size = 8192"};

Result<std::unique_ptr<Database>> open_database_for_writing(const fs::path& directory,
                                                            const DatabaseSchema& schema) {
  const fs::path file = directory / schema.file;
  const bool fresh = !has_bytes(file);
  ENGRAM_TRY(db, Database::open(file, Database::Mode::kWrite));
  if (fresh) ENGRAM_TRY_VOID(db->execute(schema.page_size));
  // NORMAL: a commit survives kill -9; a power cut may lose the last ones, never half of one.
  ENGRAM_TRY_VOID(
      db->execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                  "PRAGMA cell_size_check = ON; PRAGMA cache_size = -16384;"
                  "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 2000;"
                  "PRAGMA journal_size_limit = 67108864"));
  if (fresh) {
    ENGRAM_TRY_VOID(create_schema(*db, schema));
  } else {
    ENGRAM_TRY_VOID(check_schema(*db, file, schema));
  }
  return db;
}

Result<std::unique_ptr<Database>> open_database_for_reading(const fs::path& directory,
                                                            const DatabaseSchema& schema) {
  const fs::path file = directory / schema.file;
  if (!has_bytes(file)) {
    return Error{Errc::kNotFound, fmt::format("there is no store in '{}'; run 'engram index' first",
                                              directory.string())};
  }
  // WAL needs a shared-memory file beside the database. Where none can be made, the store is at
  // rest (a read-only mount, another user's) and the file alone is the truth.
  const bool writable = ::access(directory.c_str(), W_OK) == 0;
  const bool at_rest = !writable && !has_bytes(directory / (std::string(schema.file) + "-wal"));
  ENGRAM_TRY(
      db, Database::open(file, at_rest ? Database::Mode::kReadImmutable : Database::Mode::kRead));
  ENGRAM_TRY_VOID(db->execute("PRAGMA cell_size_check = ON; PRAGMA cache_size = -32768"));
  ENGRAM_TRY_VOID(check_schema(*db, file, schema));
  return db;
}

Result<void> validate_database(Database& db, const fs::path& file, const DatabaseSchema& schema) {
  ENGRAM_TRY_VOID(check_schema(db, file, schema));
  std::string answer;
  Query check(db, "PRAGMA integrity_check(1)");
  if (check.next()) answer = check.text(0);
  ENGRAM_TRY_VOID(check.done());
  if (answer != "ok") return not_a_store(file, "its pages are damaged");
  return {};
}

}  // namespace engram
