#include "memory/semantic/semantic_schema.h"

namespace engram {

namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE units(
  id INTEGER PRIMARY KEY,
  file TEXT NOT NULL,
  command BLOB NOT NULL,
  state INTEGER NOT NULL,
  bodies_skipped INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  reason TEXT NOT NULL,
  inputs BLOB NOT NULL,
  UNIQUE(file, command)
) STRICT;
CREATE TABLE sources(
  number INTEGER PRIMARY KEY,
  path TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  size INTEGER NOT NULL,
  system INTEGER NOT NULL,
  uses INTEGER NOT NULL
) STRICT;
CREATE INDEX sources_by_path ON sources(path);
CREATE TABLE source_pools(number INTEGER PRIMARY KEY, pool BLOB NOT NULL) STRICT;
CREATE TABLE source_views(number INTEGER PRIMARY KEY, views BLOB NOT NULL) STRICT;
CREATE TABLE symbol_blocks(block INTEGER PRIMARY KEY, keys BLOB NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE free_symbols(
  block INTEGER PRIMARY KEY,
  listed BLOB NOT NULL,
  unlisted BLOB NOT NULL
) STRICT;
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
)sql";

}  // namespace

const DatabaseSchema kSemanticSchema = {"semantic.db", 5, kTables,
                                        "INSERT INTO meta VALUES('next_source', '0')",
                                        "PRAGMA page_size = 1024"};

std::filesystem::path semantic_directory(const std::filesystem::path& store) {
  return store / "semantic";
}

std::string source_term(SymbolNumber number) {
  std::string term;
  for (int shift = 24; shift >= 0; shift -= 8) {
    term.push_back(static_cast<char>(number >> shift & 0xff));
  }
  return term;
}

}  // namespace engram
