#include "memory/semantic/stored_source.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/path.h"

namespace engram {

Error damaged_row(std::string_view what) {
  return {Errc::kCorrupt,
          "the semantic store's " + std::string(what) + " is damaged; index again to rebuild it"};
}

namespace {

// Columns number, path, sha256, size, system.
Result<NumberedSource> source_row(const Query& row) {
  NumberedSource out;
  const std::string_view hash = row.blob(2);
  out.source.path = row.text(1);
  const bool absolute = out.source.path.starts_with('/');
  if (hash.size() != out.source.content.bytes.size() || row.id(0) >= kNoNumber ||
      row.id(3) > UINT32_MAX || (!absolute && !is_safe_relative_path(out.source.path))) {
    return damaged_row("list of sources");
  }
  out.number = static_cast<SourceNumber>(row.id(0));
  std::copy(hash.begin(), hash.end(), out.source.content.bytes.begin());
  out.source.size = static_cast<std::uint32_t>(row.id(3));
  out.source.system = row.integer(4) != 0;
  return out;
}

}  // namespace

Result<std::vector<NumberedSource>> numbered_sources(Database& db, std::string_view path) {
  std::vector<NumberedSource> out;
  Query rows(db,
             "SELECT number, path, sha256, size, system FROM sources WHERE path = ? "
             "ORDER BY number",
             path);
  while (rows.next()) {
    ENGRAM_TRY(source, source_row(rows));
    out.push_back(std::move(source));
  }
  ENGRAM_TRY_VOID(rows.done());
  return out;
}

Result<std::optional<NumberedSource>> source_of(Database& db, std::string_view path,
                                                const Sha256& content) {
  ENGRAM_TRY(sources, numbered_sources(db, path));
  for (NumberedSource& s : sources) {
    if (s.source.content == content) return std::optional<NumberedSource>(std::move(s));
  }
  return std::optional<NumberedSource>();
}

Result<std::optional<NumberedSource>> source_numbered(Database& db, std::uint64_t number) {
  std::optional<NumberedSource> out;
  Query row(db, "SELECT number, path, sha256, size, system FROM sources WHERE number = ?", number);
  if (row.next()) {
    ENGRAM_TRY(source, source_row(row));
    out = std::move(source);
  }
  ENGRAM_TRY_VOID(row.done());
  return out;
}

}  // namespace engram
