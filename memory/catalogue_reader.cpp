#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "memory/catalogue.h"
#include "memory/chunk_queries.h"
#include "memory/schema.h"
#include "memory/stored_rows.h"
#include "memory/symbol_queries.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

std::uint64_t size_on_disk(const fs::path& directory) {
  std::uint64_t bytes = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code ec;
    const auto size = fs::file_size(directory / (std::string(kDatabaseName) + suffix), ec);
    if (!ec) bytes += size;
  }
  return bytes;
}

Error no_such_file(std::string_view path) {
  return {Errc::kNotFound, "the store has no file '" + std::string(path) +
                               "'; it is new, ignored or skipped: see 'engram status'"};
}

// Which file a path names now: while it is open, its numbers are no other's.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};
std::optional<FileIdentity> identity_of(const fs::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return {};
  return FileIdentity{status.st_dev, status.st_ino};
}

class SqliteReader final : public CatalogueReader {
 public:
  SqliteReader(fs::path directory, std::unique_ptr<Database> db,
               std::optional<FileIdentity> identity)
      : directory_(std::move(directory)), db_(std::move(db)), identity_(identity) {}

  // Where nothing can be written the file was taken as one that never changes.
  bool is_current() const override {
    return identity_ && identity_ == identity_of(directory_ / kDatabaseName) &&
           ::access(directory_.c_str(), W_OK) == 0;
  }

  Result<std::uint64_t> version() override {
    Query row(*db_, "PRAGMA data_version");
    const std::uint64_t version = row.next() ? row.id(0) : 0;
    ENGRAM_TRY_VOID(row.done());
    return version;
  }

  Result<StoreCounts> counts() override {
    return in_snapshot([&]() -> Result<StoreCounts> {
      StoreCounts c;
      Query row(*db_,
                "SELECT count(*), coalesce(sum(size), 0), coalesce(sum(chunk_count), 0), "
                "coalesce(sum(symbol_count), 0), coalesce(sum(reference_count), 0) "
                "FROM files JOIN contents c ON c.id = content");
      if (row.next()) c = {row.id(0), row.id(1), row.id(2), row.id(3), row.id(4), 0};
      ENGRAM_TRY_VOID(row.done());
      c.store_bytes_facts = size_on_disk(directory_);
      return c;
    });
  }

  Result<std::optional<std::string>> meta(std::string_view key) override {
    std::optional<std::string> value;
    Query row(*db_, "SELECT value FROM meta WHERE key = ?", key);
    if (row.next()) value = row.text(0);
    ENGRAM_TRY_VOID(row.done());
    return value;
  }

  Result<std::vector<IndexedFile>> files() override { return stored_files(*db_); }

  Result<std::optional<IndexedFile>> file(std::string_view path) override {
    return stored_file(*db_, path);
  }

  Result<std::vector<std::string>> twins(std::string_view path) override {
    return in_snapshot([&]() -> Result<std::vector<std::string>> {
      std::vector<std::string> paths;
      ENGRAM_TRY(id, content_of_path(*db_, path));
      if (!id) return paths;
      ENGRAM_TRY(files, paths_of_content(*db_, *id));
      for (StoredPath& file : files) paths.push_back(std::move(file.path));
      return paths;
    });
  }

  Result<std::vector<SkippedFile>> skipped() override {
    std::vector<SkippedFile> skipped;
    Query rows(*db_, "SELECT path, reason, detail FROM skipped ORDER BY path");
    while (rows.next()) skipped.push_back({rows.text(0), rows.text(1), rows.text(2)});
    ENGRAM_TRY_VOID(rows.done());
    return skipped;
  }

  Result<std::string> text(std::string_view path) override {
    return in_snapshot([&]() -> Result<std::string> {
      ENGRAM_TRY(id, content_of_path(*db_, path));
      if (!id) return no_such_file(path);
      ENGRAM_TRY(content, stored_content(*db_, *id));
      if (!content) return no_such_file(path);
      return stored_text(*db_, *content);
    });
  }

  Result<FileFacts> facts(std::string_view path) override {
    return in_snapshot([&]() -> Result<FileFacts> {
      ENGRAM_TRY(id, content_of_path(*db_, path));
      if (!id) return no_such_file(path);
      return stored_facts(*db_, *id);
    });
  }

  Result<std::vector<SymbolHit>> symbols(const SymbolQuery& query) override {
    return in_snapshot([&] { return find_symbols(*db_, names_, query); });
  }
  Result<std::vector<Symbol>> symbols_in(std::string_view path, std::string_view name) override {
    return in_snapshot([&]() -> Result<std::vector<Symbol>> {
      ENGRAM_TRY(id, content_of_path(*db_, path));
      if (!id) return no_such_file(path);
      ENGRAM_TRY(content, stored_content(*db_, *id));
      if (!content) return no_such_file(path);
      return stored_symbols(*db_, *content, name);
    });
  }
  Result<std::vector<SymbolHit>> members(std::string_view container, std::size_t limit) override {
    return in_snapshot([&] { return find_members(*db_, container, limit); });
  }
  Result<std::vector<ReferenceHit>> references(std::string_view name, std::size_t limit) override {
    return in_snapshot([&] { return find_references(*db_, name, limit); });
  }
  Result<std::vector<ChunkHit>> similar_chunks(const ChunkQuery& query) override {
    return in_snapshot([&] { return chunks_.similar(*db_, query); });
  }
  Result<std::vector<ChunkHit>> full_text(std::string_view words, std::size_t limit) override {
    return in_snapshot([&] { return chunks_.full_text(*db_, words, limit); });
  }

 private:
  // All queries of one answer see the same commit.
  template <class Work>
  auto in_snapshot(Work work) -> decltype(work()) {
    ENGRAM_TRY(snapshot, Transaction::begin(*db_, false));
    return work();
  }

  fs::path directory_;
  std::unique_ptr<Database> db_;
  std::optional<FileIdentity> identity_;
  ChunkSearch chunks_;
  NameSearch names_{TermKind::kNames};
};

}  // namespace

Result<std::unique_ptr<CatalogueReader>> CatalogueReader::open(const fs::path& directory) {
  const auto identity = identity_of(directory / kDatabaseName);
  ENGRAM_TRY(db, open_database_for_reading(directory));
  return std::unique_ptr<CatalogueReader>(
      std::make_unique<SqliteReader>(directory, std::move(db), identity));
}

}  // namespace engram
