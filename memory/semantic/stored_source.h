// memory/semantic/stored_source.h: sources as rows. Private to memory/.
//
// Threads: as Database.  Errors: those of Database; kCorrupt.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/semantic/source_pool.h"
#include "memory/sqlite.h"

namespace engram {

// `what`: of the semantic store.
Error damaged_row(std::string_view what);

struct NumberedSource {
  SourceNumber number = kNoNumber;
  SemanticSource source;
};

// Every content of the path that there is, by number.
Result<std::vector<NumberedSource>> numbered_sources(Database& db, std::string_view path);
// None: that path had never, or has no longer, this content.
Result<std::optional<NumberedSource>> source_of(Database& db, std::string_view path,
                                                const Sha256& content);
Result<std::optional<NumberedSource>> source_numbered(Database& db, std::uint64_t number);

}  // namespace engram
