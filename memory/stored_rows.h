// memory/stored_rows.h: rows of a store as values, validated. Private to memory/.
//
// Threads: as Database.  Errors: those of Database; kCorrupt when a row makes no sense.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/catalogue.h"
#include "memory/facts_codec.h"
#include "memory/sqlite.h"

namespace engram {

inline Blob sha_blob(const Sha256& sha) {  // a view of it
  return {{reinterpret_cast<const char*>(sha.bytes.data()), sha.bytes.size()}};
}

struct StoredContent {
  std::uint64_t id = 0;  // also the id of its first chunk
  std::string language;
  Certainty certainty = Certainty::kSyntactic;
  std::uint64_t bytes = 0, chunk_count = 0;
  std::uint32_t lines = 0, error_bytes = 0;
  Sha256 sha256;
};

struct StoredPath {  // a file that has a content now
  std::string path;
  std::uint32_t flags = 0;
};

Result<std::vector<IndexedFile>> stored_files(Database& db);
Result<std::optional<IndexedFile>> stored_file(Database& db, std::string_view path);
Result<std::optional<std::uint64_t>> content_of_path(Database& db, std::string_view path);
Result<std::vector<StoredPath>> paths_of_content(Database& db, std::uint64_t content);

Result<std::optional<StoredContent>> stored_content(Database& db, std::uint64_t id);
Result<std::optional<StoredContent>> content_of_chunk(Database& db, std::uint64_t chunk);
Result<std::string> stored_text(Database& db, const StoredContent& content);  // checked by SHA-256
Result<std::vector<Symbol>> stored_symbols(Database& db, const StoredContent& content,
                                           std::string_view name = {});
Result<std::vector<Chunk>> stored_chunks(Database& db, const StoredContent& content);
Result<std::vector<Reference>> stored_references(Database& db, const StoredContent& content,
                                                 std::string_view name = {});
Result<void> count_stored_references(Database& db, const StoredContent& content,
                                     const NameCountVisitor& visit);
Result<FileFacts> stored_facts(Database& db, std::uint64_t id);

}  // namespace engram
