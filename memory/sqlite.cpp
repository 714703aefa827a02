#include "memory/sqlite.h"

#include <fmt/format.h>

namespace engram {

namespace {

constexpr int kBusyMilliseconds = 5000;

std::string uri_of(const std::filesystem::path& file, bool immutable) {
  std::string uri = "file:";
  for (const char c : file.string()) {
    const auto u = static_cast<unsigned char>(c);
    const bool plain = (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || (u >= '0' && u <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", u);
  }
  return immutable ? uri + "?immutable=1" : uri;
}

// A file from elsewhere must not run anything through its schema.
void harden(sqlite3* handle) {
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 1);  // VACUUM attaches its copy
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, Mode mode) {
  std::unique_ptr<Database> db(new Database(file.string()));
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_NOFOLLOW;
  std::string name = uri_of(file, mode == Mode::kReadImmutable);
  if (mode == Mode::kMemory) {
    flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY;
    name = ":memory:";
  } else if (mode == Mode::kWrite) {
    flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  } else {
    flags |= SQLITE_OPEN_READONLY;
  }
  const int code = sqlite3_open_v2(name.c_str(), &db->handle_, flags, nullptr);
  if (code != SQLITE_OK) return db->error(code);
  sqlite3_extended_result_codes(db->handle_, 1);
  sqlite3_busy_timeout(db->handle_, kBusyMilliseconds);
  harden(db->handle_);
  return db;
}

Database::~Database() {
  for (auto& [sql, statements] : idle_) {
    for (sqlite3_stmt* s : statements) sqlite3_finalize(s);
  }
  sqlite3_close_v2(handle_);
}

Result<void> Database::execute(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

Result<void> Database::copy_to(Database& destination) {
  sqlite3_backup* backup = sqlite3_backup_init(destination.handle_, "main", handle_, "main");
  if (backup == nullptr) return destination.error(sqlite3_errcode(destination.handle_));
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (finished != SQLITE_OK) return destination.error(finished);
  if (stepped != SQLITE_DONE) return destination.error(stepped);
  return {};
}

Error Database::error(int code) const {
  const char* said = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // our SQL is right, so the file's schema is not ours
    case SQLITE_SCHEMA:
    case SQLITE_FORMAT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_CONSTRAINT:
      return {
          Errc::kCorrupt,
          fmt::format("the store '{}' is damaged ({}); index again to rebuild it", name_, said)};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {
          Errc::kBusy,
          fmt::format("the store '{}' is locked by another program ({}); try again", name_, said)};
    case SQLITE_FULL:
      return {Errc::kIo,
              fmt::format("cannot write the store '{}': the disk is full; free space, or "
                          "use --store DIR on another disk",
                          name_)};
    case SQLITE_READONLY:
      return {Errc::kIo, fmt::format("cannot write the store '{}': it is read-only ({}); use "
                                     "--store DIR",
                                     name_, said)};
    default:
      return {Errc::kIo,
              fmt::format("cannot use the store '{}': {}; check the disk and permissions", name_,
                          said)};
  }
}

sqlite3_stmt* Database::take_statement(const char* sql, int& code) {
  std::vector<sqlite3_stmt*>& idle = idle_[sql];
  if (!idle.empty()) {
    sqlite3_stmt* statement = idle.back();
    idle.pop_back();
    return statement;
  }
  sqlite3_stmt* statement = nullptr;
  code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  return statement;
}

void Database::give_back(const char* sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  idle_[sql].push_back(statement);
}

bool Query::next() {
  if (code_ != SQLITE_OK && code_ != SQLITE_ROW) return false;
  code_ = sqlite3_step(statement_);
  return code_ == SQLITE_ROW;
}

Result<void> Query::done() const {
  if (code_ == SQLITE_DONE || code_ == SQLITE_ROW || code_ == SQLITE_OK) return {};
  return db_.error(code_);
}

std::string_view Query::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Query::bind(int index, std::string_view text) {
  if (code_ != SQLITE_OK) return;
  const char* data = text.data() != nullptr ? text.data() : "";
  code_ = sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Query::bind(int index, const Blob& blob) {
  if (code_ != SQLITE_OK) return;
  const char* data = blob.bytes.data() != nullptr ? blob.bytes.data() : "";
  code_ = sqlite3_bind_blob64(statement_, index, data, blob.bytes.size(), SQLITE_STATIC);
}

Result<std::unique_ptr<Transaction>> Transaction::begin(Database& database, bool write) {
  ENGRAM_TRY_VOID(Query(database, write ? "BEGIN IMMEDIATE" : "BEGIN").run());
  return std::unique_ptr<Transaction>(new Transaction(database));
}

Transaction::~Transaction() {
  if (open_) static_cast<void>(Query(db_, "ROLLBACK").run());
}

Result<void> Transaction::commit() {
  ENGRAM_TRY_VOID(Query(db_, "COMMIT").run());
  open_ = false;
  return {};
}

}  // namespace engram
