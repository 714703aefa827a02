// memory/sqlite.h: a connection and its queries, without exceptions or leaks. Private to memory/.
//
//   Query q(database, "SELECT path FROM files WHERE content = ?", id);
//   while (q.next()) use(q.text(0));
//   ENGRAM_TRY_VOID(q.done());
//
// Statements are prepared once per SQL literal and reused. Column getters convert as SQLite does,
// so a value of another type gives 0 or bytes, never a fault: check what you read.
//
// Threads: a Database is confined to one thread at a time.
// Errors: kCorrupt damaged or foreign file; kBusy locked by another; kIo all else (disk full...).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/result.h"

namespace engram {

class Database {
 public:
  enum class Mode { kWrite, kRead, kReadImmutable, kMemory };
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<void> execute(const char* sql);  // no parameters, no rows; for schema and pragmas
  // Makes `destination` an exact copy of this database, in one transaction there.
  Result<void> copy_to(Database& destination);
  Error error(int code) const;  // what the last failure on this connection means
  std::int64_t last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }
  std::int64_t changes() const { return sqlite3_changes64(handle_); }

 private:
  friend class Query;
  explicit Database(std::string name) : name_(std::move(name)) {}
  sqlite3_stmt* take_statement(const char* sql, int& code);
  void give_back(const char* sql, sqlite3_stmt* statement);

  sqlite3* handle_ = nullptr;
  std::string name_;
  std::map<const char*, std::vector<sqlite3_stmt*>> idle_;
};

// A view bound or read as a BLOB.
struct Blob {
  std::string_view bytes;
};

class Query {
 public:
  template <class... Args>
  Query(Database& database, const char* sql, const Args&... args) : db_(database), sql_(sql) {
    statement_ = db_.take_statement(sql, code_);
    int index = 0;
    (bind(++index, args), ...);
  }
  ~Query() {
    if (statement_ != nullptr) db_.give_back(sql_, statement_);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool next();                // true: a row is there
  Result<void> done() const;  // after the last next()
  Result<void> run() {        // for statements without rows
    while (next()) {
    }
    return done();
  }

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::uint64_t id(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string_view blob(int column) const;  // valid until next()
  std::string text(int column) const { return std::string(blob(column)); }

 private:
  void bind(int index, std::string_view text);
  void bind(int index, const Blob& blob);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, const char* text) { bind(index, std::string_view(text)); }
  template <class Int>
    requires std::is_integral_v<Int>
  void bind(int index, Int value) {
    if (code_ == SQLITE_OK) {
      code_ = sqlite3_bind_int64(statement_, index, static_cast<sqlite3_int64>(value));
    }
  }

  Database& db_;
  const char* sql_;
  sqlite3_stmt* statement_ = nullptr;
  int code_ = SQLITE_OK;
};

// One snapshot for several queries (read), or all or nothing (write); rolled back unless committed.
class Transaction {
 public:
  static Result<std::unique_ptr<Transaction>> begin(Database& database, bool write);
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : db_(database) {}
  Database& db_;
  bool open_ = true;
};

}  // namespace engram
