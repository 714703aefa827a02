// memory/symbol_queries.h: symbols, members and references of a store. Private to memory/.
//
// Threads: as Database; the caller holds a snapshot.  Errors: those of stored_rows.h.
#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/catalogue.h"
#include "memory/name_search.h"
#include "memory/sqlite.h"

namespace engram {

// `names`: of TermKind::kNames, kept from question to question.
Result<std::vector<SymbolHit>> find_symbols(Database& db, NameSearch& names,
                                            const CatalogueReader::SymbolQuery& query);
Result<std::vector<SymbolHit>> find_members(Database& db, std::string_view container,
                                            std::size_t limit);
Result<std::vector<ReferenceHit>> find_references(Database& db, std::string_view name,
                                                  std::size_t limit);

}  // namespace engram
