// memory/identifiers/content_names.h: counts the names of contents of the catalogue.
//
// Private to memory/.  Threads: confined to one thread.  Errors: those of Database; kCorrupt.
#pragma once

#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/identifiers/identifier_segment.h"
#include "memory/stored_rows.h"
#include "memory/string_ids.h"

namespace engram {

class NameTally {
 public:
  // Adds what a content has, or takes it away. Foreign code counts by what it defines only.
  // `key`: names the content among those counted.
  Result<void> count(Database& db, const StoredContent& content, std::string_view key, bool foreign,
                     bool take_away);
  std::size_t keys() const { return tallies_[0].ids.size() + tallies_[1].ids.size(); }
  bool empty() const { return tallies_[2].ids.size() == 0; }
  IdentifierTables take();  // and starts anew

 private:
  struct Tally {
    StringArena arena;
    StringIds ids{1 << 10};
    std::vector<IdentifierCounts> counts;
    IdentifierCounts& of(std::string_view key);
    IdentifierTableBytes take();
  };
  std::array<Tally, kIdentifierTables> tallies_;
};

// What is an identifier, for a vocabulary: not operators, keys with dashes or headings.
bool is_identifier(std::string_view name);

}  // namespace engram
