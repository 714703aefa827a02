#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "core/atomic_file.h"
#include "core/log.h"
#include "core/path.h"
#include "memory/catalogue.h"
#include "memory/compression.h"
#include "memory/facts_codec.h"
#include "memory/lease.h"
#include "memory/schema.h"
#include "memory/segments.h"
#include "memory/stored_rows.h"

namespace engram {

namespace fs = std::filesystem;

namespace {

class SqliteWriter final : public CatalogueWriter {
 public:
  SqliteWriter(WriteLease lease, std::unique_ptr<Database> db, std::uint64_t next_content)
      : lease_(std::move(lease)), db_(std::move(db)), next_content_(next_content) {}

  Result<std::vector<IndexedFile>> files() override { return stored_files(*db_); }

  Result<bool> has_content(const Sha256& content, std::string_view language) override {
    ENGRAM_TRY(id, find_content(content, language));
    return id.has_value();
  }

  Result<void> put_prepared(const FileEntry& entry, const Sha256& content,
                            const PreparedFile& prepared) override {
    return all_or_nothing([&]() -> Result<void> {
      ENGRAM_TRY(known, find_content(content, entry.language));
      if (known) return write_file_row(entry, *known);
      ENGRAM_TRY_VOID(insert_content(next_content_, entry.language, content, prepared));
      names_.add(prepared.names, next_content_);
      words_.add(prepared.words, next_content_);
      const std::uint64_t id = next_content_;
      next_content_ += std::max<std::uint64_t>(1, prepared.chunk_count);
      return write_file_row(entry, id);
    });
  }

  Result<void> link_file(const FileEntry& entry, const Sha256& content) override {
    return all_or_nothing([&]() -> Result<void> {
      ENGRAM_TRY(known, find_content(content, entry.language));
      if (!known) {
        return Error{
            Errc::kInvalidArgument,
            fmt::format("cannot link '{}': the store has no facts about its contents", entry.path)};
      }
      return write_file_row(entry, *known);
    });
  }

  Result<void> touch_file(const FileEntry& entry) override {
    return all_or_nothing([&]() -> Result<void> {
      return Query(*db_,
                   "UPDATE files SET mtime_ns = ?, size = ?, flags = ?, licence = ? WHERE path = ?",
                   entry.mtime_ns, entry.size, entry.flags, entry.licence, entry.path)
          .run();
    });
  }

  Result<void> remove_file(std::string_view path) override {
    return all_or_nothing([&]() -> Result<void> {
      return Query(*db_, "DELETE FROM files WHERE path = ?", path).run();
    });
  }

  Result<void> set_skipped(std::span<const SkippedFile> skipped) override {
    return all_or_nothing([&]() -> Result<void> {
      ENGRAM_TRY_VOID(Query(*db_, "DELETE FROM skipped").run());
      for (const SkippedFile& s : skipped) {
        ENGRAM_TRY_VOID(Query(*db_, "INSERT OR REPLACE INTO skipped VALUES(?, ?, ?)", s.path,
                              s.reason, s.detail)
                            .run());
      }
      return {};
    });
  }

  Result<void> set_meta(std::string_view key, std::string_view value) override {
    if (key == "schema" || key == "next_content") {
      return Error{Errc::kInvalidArgument,
                   fmt::format("cannot set '{}': the store keeps it itself", key)};
    }
    return all_or_nothing([&] { return write_meta(key, value); });
  }

  Result<void> commit() override {
    if (!transaction_) return {};
    return all_or_nothing([&]() -> Result<void> {
      ENGRAM_TRY_VOID(add_segment(*db_, TermKind::kNames, names_));
      ENGRAM_TRY_VOID(add_segment(*db_, TermKind::kWords, words_));
      ENGRAM_TRY_VOID(write_meta("next_content", std::to_string(next_content_)));
      ENGRAM_TRY_VOID(transaction_->commit());
      transaction_.reset();
      committed_next_content_ = next_content_;
      return {};
    });
  }

  Result<void> optimize() override {
    ENGRAM_TRY_VOID(commit());
    ENGRAM_TRY_VOID(all_or_nothing([&] { return drop_unreferenced(); }));
    ENGRAM_TRY_VOID(commit());
    return give_space_back();
  }

  Result<bool> optimize_when_due(double cap) override {
    ENGRAM_TRY_VOID(commit());
    ENGRAM_TRY(live, one_value("SELECT coalesce(sum(bytes), 0) FROM contents "
                               "WHERE EXISTS(SELECT 1 FROM files WHERE content = contents.id)"));
    ENGRAM_TRY(all, one_value("SELECT coalesce(sum(bytes), 0) FROM contents"));
    ENGRAM_TRY(pages, one_value("PRAGMA page_count"));
    ENGRAM_TRY(page_bytes, one_value("PRAGMA page_size"));
    const double stored = static_cast<double>(pages) * static_cast<double>(page_bytes);
    const bool garbage = (all - live) * 4 > live && all - live > kWorthCollectingBytes;
    const bool over_cap = stored > cap * static_cast<double>(live) && all > live;
    if (!garbage && !over_cap) return false;
    ENGRAM_TRY_VOID(optimize());
    return true;
  }

 private:
  static constexpr std::int64_t kWorthCollectingBytes = 1 << 20;

  // Opens the batch's transaction when none is; after a failure everything since the last commit
  // is undone, in the database and here.
  template <class Work>
  Result<void> all_or_nothing(Work work) {
    if (!transaction_) {
      ENGRAM_TRY(begun, Transaction::begin(*db_, true));
      transaction_ = std::move(begun);
    }
    Result<void> result = work();
    if (!result) {
      transaction_.reset();
      names_.clear();
      words_.clear();
      next_content_ = committed_next_content_;
    }
    return result;
  }

  Result<std::optional<std::uint64_t>> find_content(const Sha256& content,
                                                    std::string_view language) {
    std::optional<std::uint64_t> id;
    Query row(*db_, "SELECT id FROM contents WHERE sha256 = ? AND language = ?", sha_blob(content),
              language);
    if (row.next()) id = row.id(0);
    ENGRAM_TRY_VOID(row.done());
    return id;
  }

  Result<void> insert_content(std::uint64_t id, std::string_view language, const Sha256& sha,
                              const PreparedFile& p) {
    Database& db = *db_;
    ENGRAM_TRY_VOID(Query(db, "INSERT INTO contents VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", id,
                          sha_blob(sha), language, static_cast<int>(p.certainty), p.bytes, p.lines,
                          p.error_bytes, p.symbol_count, p.reference_count, p.chunk_count)
                        .run());
    ENGRAM_TRY_VOID(Query(db, "INSERT INTO content_text VALUES(?, ?)", id, Blob{p.text}).run());
    ENGRAM_TRY_VOID(
        Query(db, "INSERT INTO content_trigrams VALUES(?, ?)", id, Blob{p.trigrams}).run());
    ENGRAM_TRY_VOID(
        Query(db, "INSERT INTO content_symbols VALUES(?, ?)", id, Blob{p.symbols}).run());
    ENGRAM_TRY_VOID(
        Query(db, "INSERT INTO content_references VALUES(?, ?)", id, Blob{p.references}).run());
    ENGRAM_TRY_VOID(Query(db, "INSERT INTO content_chunks VALUES(?, ?)", id, Blob{p.chunks}).run());
    ENGRAM_TRY_VOID(
        Query(db, "INSERT INTO content_comments VALUES(?, ?)", id, Blob{p.comments}).run());
    return Query(db, "INSERT INTO words_fts(rowid, identifiers, comments) VALUES(?, ?, ?)", id,
                 p.identifier_words, p.comment_words)
        .run();
  }

  Result<void> write_file_row(const FileEntry& e, std::uint64_t content) {
    if (!is_safe_relative_path(e.path)) {
      return Error{Errc::kInvalidArgument,
                   fmt::format("cannot store '{}': not a path inside the workspace", e.path)};
    }
    return Query(*db_, "INSERT OR REPLACE INTO files VALUES(?, ?, ?, ?, ?, ?, ?)", e.path, content,
                 e.mtime_ns, e.size, e.language, e.flags, e.licence)
        .run();
  }

  Result<void> write_meta(std::string_view key, std::string_view value) {
    return Query(*db_, "INSERT OR REPLACE INTO meta VALUES(?, ?)", key, value).run();
  }

  Result<void> drop_unreferenced() {
    std::vector<IdRange> live;
    std::vector<std::uint64_t> dead;
    Query rows(*db_,
               "SELECT id, chunk_count, EXISTS(SELECT 1 FROM files WHERE content = contents.id) "
               "FROM contents ORDER BY id");
    while (rows.next()) {
      const std::uint64_t id = rows.id(0);
      if (rows.integer(2) == 0) {
        dead.push_back(id);
      } else {
        live.push_back({id, id + std::max<std::uint64_t>(1, rows.id(1))});
      }
    }
    ENGRAM_TRY_VOID(rows.done());
    for (const std::uint64_t id : dead) ENGRAM_TRY_VOID(drop_content(id));
    ENGRAM_TRY_VOID(merge_all_segments(*db_, TermKind::kNames, live));
    ENGRAM_TRY_VOID(merge_all_segments(*db_, TermKind::kWords, live));
    return Query(*db_, "INSERT INTO words_fts(words_fts) VALUES('optimize')").run();
  }

  Result<void> drop_content(std::uint64_t id) {
    ENGRAM_TRY(facts, stored_facts(*db_, id));
    const std::string comments = facts.comments.empty() ? "" : facts.comments.front();
    // The full-text index keeps no copy: it must be told what to forget.
    ENGRAM_TRY_VOID(Query(*db_,
                          "INSERT INTO words_fts(words_fts, rowid, identifiers, comments) "
                          "VALUES('delete', ?, ?, ?)",
                          id, identifier_words(facts), comments)
                        .run());
    for (const char* sql : {
             "DELETE FROM contents WHERE id = ?",
             "DELETE FROM content_text WHERE content = ?",
             "DELETE FROM content_trigrams WHERE content = ?",
             "DELETE FROM content_symbols WHERE content = ?",
             "DELETE FROM content_references WHERE content = ?",
             "DELETE FROM content_chunks WHERE content = ?",
             "DELETE FROM content_comments WHERE content = ?",
         }) {
      ENGRAM_TRY_VOID(Query(*db_, sql, id).run());
    }
    return {};
  }

  // Space is a courtesy: a reader in the way, or no room to copy, leaves the file as it is.
  Result<void> give_space_back() {
    ENGRAM_TRY(pages, one_value("PRAGMA page_count"));
    ENGRAM_TRY(free_pages, one_value("PRAGMA freelist_count"));
    if (free_pages * 4 > pages) {
      // Nothing is lost when it cannot be (a full disk): the pages are used again.
      const auto vacuumed = db_->execute("VACUUM");
      if (!vacuumed) log_warn("the store keeps its free space: {}", vacuumed.error().message);
    }
    static_cast<void>(db_->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    return {};
  }

  Result<std::int64_t> one_value(const char* sql) {
    Query row(*db_, sql);
    const std::int64_t value = row.next() ? row.integer(0) : 0;
    ENGRAM_TRY_VOID(row.done());
    return value;
  }

  WriteLease lease_;
  std::unique_ptr<Database> db_;
  std::unique_ptr<Transaction> transaction_;
  TermBatch names_, words_;  // of the open batch
  std::uint64_t next_content_ = 1;
  std::uint64_t committed_next_content_ = next_content_;
};

Result<std::uint64_t> read_next_content(Database& db) {
  std::uint64_t next = 0;
  Query row(db, "SELECT value FROM meta WHERE key = 'next_content'");
  if (row.next()) {
    const std::string_view text = row.blob(0);
    std::from_chars(text.data(), text.data() + text.size(), next);
  }
  ENGRAM_TRY_VOID(row.done());
  std::uint64_t used = 0;
  Query last(db, "SELECT id + max(1, chunk_count) FROM contents ORDER BY id DESC LIMIT 1");
  if (last.next()) used = last.id(0);
  ENGRAM_TRY_VOID(last.done());
  if (next == 0 || next < used || next > (std::uint64_t{1} << 48)) {
    return Error{Errc::kCorrupt, "the store's content numbers are damaged; index again to rebuild"};
  }
  return next;
}

}  // namespace

Result<std::unique_ptr<CatalogueWriter>> CatalogueWriter::open(const fs::path& directory) {
  ENGRAM_TRY_VOID(make_private_directory(directory));
  ENGRAM_TRY_VOID(refuse_network_file_system(directory));
  ENGRAM_TRY(lease, WriteLease::acquire(directory));
  ENGRAM_TRY(db, open_database_for_writing(directory));
  ENGRAM_TRY(next_content, read_next_content(*db));
  return std::unique_ptr<CatalogueWriter>(
      std::make_unique<SqliteWriter>(std::move(lease), std::move(db), next_content));
}

Result<void> CatalogueWriter::put_file(const FileEntry& entry, const Sha256& content,
                                       const FileFacts* facts, std::string_view text) {
  if (facts == nullptr) return link_file(entry, content);
  return put_prepared(entry, content, prepare_file(*facts, text));
}

fs::path default_store_directory(const fs::path& workspace) {
  std::error_code ec;
  fs::path absolute = fs::weakly_canonical(workspace, ec);
  if (ec) absolute = workspace.lexically_normal();
  if (!absolute.has_filename()) absolute = absolute.parent_path();
  const std::string name = absolute.filename().string();
  return cache_home() / fmt::format("{}-{}", name.empty() ? "root" : name,
                                    sha256(absolute.string()).hex().substr(0, 12));
}

}  // namespace engram
