#include "memory/stored_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/path.h"
#include "memory/compression.h"
#include "memory/facts_codec.h"

namespace engram {

namespace {

Error damaged(std::string_view what) {
  return {Errc::kCorrupt,
          fmt::format("the store is damaged ({}); index again to rebuild it", what)};
}

Sha256 sha_from(std::string_view bytes) {
  Sha256 sha;
  if (bytes.size() == sha.bytes.size()) std::copy(bytes.begin(), bytes.end(), sha.bytes.begin());
  return sha;
}

// Columns: path, mtime_ns, size, language, flags, licence, sha256.
Result<IndexedFile> file_from(const Query& row) {
  IndexedFile f;
  f.entry.path = row.text(0);
  f.entry.mtime_ns = row.integer(1);
  f.entry.size = row.id(2);
  f.entry.language = row.text(3);
  f.entry.flags = static_cast<std::uint32_t>(row.integer(4));
  f.entry.licence = row.text(5);
  f.content = sha_from(row.blob(6));
  if (!is_safe_relative_path(f.entry.path)) return damaged("a path leaves the workspace");
  return f;
}

// Columns: id, language, certainty, bytes, lines, error_bytes, chunk_count, sha256.
Result<StoredContent> content_from(const Query& row) {
  StoredContent c;
  c.id = row.id(0);
  c.language = row.text(1);
  const std::int64_t certainty = row.integer(2);
  c.certainty = static_cast<Certainty>(certainty);
  c.bytes = row.id(3);
  c.lines = static_cast<std::uint32_t>(row.integer(4));
  c.error_bytes = static_cast<std::uint32_t>(row.integer(5));
  c.chunk_count = row.id(6);
  c.sha256 = sha_from(row.blob(7));
  if (certainty < 0 || certainty > static_cast<int>(Certainty::kSemantic) ||
      c.bytes > kMaxBlobBytes || c.chunk_count > kMaxBlobBytes) {
    return damaged("a content's row makes no sense");
  }
  return c;
}

Result<std::string> blob_of(Database& db, const char* sql, const StoredContent& content) {
  Query row(db, sql, content.id);
  if (!row.next()) {
    ENGRAM_TRY_VOID(row.done());
    return damaged("a content is missing");
  }
  return row.text(0);
}

}  // namespace

Result<std::vector<IndexedFile>> stored_files(Database& db) {
  std::vector<IndexedFile> files;
  Query rows(db,
             "SELECT path, mtime_ns, size, f.language, flags, licence, sha256 FROM files f "
             "JOIN contents c ON c.id = f.content ORDER BY path");
  while (rows.next()) {
    ENGRAM_TRY(file, file_from(rows));
    files.push_back(std::move(file));
  }
  ENGRAM_TRY_VOID(rows.done());
  return files;
}

Result<std::optional<IndexedFile>> stored_file(Database& db, std::string_view path) {
  std::optional<IndexedFile> found;
  Query row(db,
            "SELECT path, mtime_ns, size, f.language, flags, licence, sha256 FROM files f "
            "JOIN contents c ON c.id = f.content WHERE path = ?",
            path);
  if (row.next()) {
    ENGRAM_TRY(file, file_from(row));
    found = std::move(file);
  }
  ENGRAM_TRY_VOID(row.done());
  return found;
}

Result<std::optional<std::uint64_t>> content_of_path(Database& db, std::string_view path) {
  std::optional<std::uint64_t> id;
  Query row(db, "SELECT content FROM files WHERE path = ?", path);
  if (row.next()) id = row.id(0);
  ENGRAM_TRY_VOID(row.done());
  return id;
}

Result<std::vector<StoredPath>> paths_of_content(Database& db, std::uint64_t content) {
  std::vector<StoredPath> paths;
  Query rows(db, "SELECT path, flags FROM files WHERE content = ? ORDER BY path", content);
  while (rows.next()) {
    paths.push_back({rows.text(0), static_cast<std::uint32_t>(rows.integer(1))});
    if (!is_safe_relative_path(paths.back().path)) return damaged("a path leaves the workspace");
  }
  ENGRAM_TRY_VOID(rows.done());
  return paths;
}

Result<std::optional<StoredContent>> stored_content(Database& db, std::uint64_t id) {
  std::optional<StoredContent> found;
  Query row(db,
            "SELECT id, language, certainty, bytes, lines, error_bytes, chunk_count, sha256 "
            "FROM contents WHERE id = ?",
            id);
  if (row.next()) {
    ENGRAM_TRY(content, content_from(row));
    found = std::move(content);
  }
  ENGRAM_TRY_VOID(row.done());
  return found;
}

Result<std::optional<StoredContent>> content_of_chunk(Database& db, std::uint64_t chunk) {
  std::optional<StoredContent> found;
  Query row(db,
            "SELECT id, language, certainty, bytes, lines, error_bytes, chunk_count, sha256 "
            "FROM contents WHERE id <= ? ORDER BY id DESC LIMIT 1",
            chunk);
  if (row.next()) {
    ENGRAM_TRY(content, content_from(row));
    if (chunk - content.id < content.chunk_count) found = std::move(content);
  }
  ENGRAM_TRY_VOID(row.done());
  return found;
}

Result<std::string> stored_text(Database& db, const StoredContent& content) {
  ENGRAM_TRY(blob, blob_of(db, "SELECT text FROM content_text WHERE content = ?", content));
  ENGRAM_TRY(text, decompress(blob, static_cast<std::size_t>(content.bytes)));
  if (text.size() != content.bytes || sha256(text) != content.sha256) {
    return damaged("a text is not the one that was indexed");
  }
  return text;
}

Result<std::vector<Symbol>> stored_symbols(Database& db, const StoredContent& content,
                                           std::string_view name) {
  ENGRAM_TRY(blob, blob_of(db, "SELECT symbols FROM content_symbols WHERE content = ?", content));
  return decode_symbols(blob, content.bytes, name);
}

Result<std::vector<Chunk>> stored_chunks(Database& db, const StoredContent& content) {
  ENGRAM_TRY(blob, blob_of(db, "SELECT chunks FROM content_chunks WHERE content = ?", content));
  ENGRAM_TRY(chunks, decode_chunks(blob, content.bytes));
  if (chunks.size() != content.chunk_count) return damaged("a content has lost chunks");
  return chunks;
}

Result<std::vector<Reference>> stored_references(Database& db, const StoredContent& content,
                                                 std::string_view name) {
  ENGRAM_TRY(blob,
             blob_of(db, "SELECT postings FROM content_references WHERE content = ?", content));
  return decode_references(blob, content.bytes, name);
}

Result<void> count_stored_references(Database& db, const StoredContent& content,
                                     const NameCountVisitor& visit) {
  ENGRAM_TRY(blob,
             blob_of(db, "SELECT postings FROM content_references WHERE content = ?", content));
  return count_references(blob, content.bytes, visit);
}

Result<FileFacts> stored_facts(Database& db, std::uint64_t id) {
  ENGRAM_TRY(content, stored_content(db, id));
  if (!content) return damaged("a content is missing");
  FileFacts facts;
  facts.language = content->language;
  facts.certainty = content->certainty;
  facts.lines = content->lines;
  facts.error_bytes = content->error_bytes;
  ENGRAM_TRY(symbols, stored_symbols(db, *content));
  facts.symbols = std::move(symbols);
  ENGRAM_TRY(references, stored_references(db, *content));
  facts.references = std::move(references);
  ENGRAM_TRY(chunks, stored_chunks(db, *content));
  facts.chunks = std::move(chunks);
  ENGRAM_TRY(blob, blob_of(db, "SELECT words FROM content_comments WHERE content = ?", *content));
  ENGRAM_TRY(words, decompress(blob));
  if (!words.empty()) facts.comments.push_back(std::move(words));
  return facts;
}

}  // namespace engram
