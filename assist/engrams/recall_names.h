// assist/engrams/recall_names.h: what a half-typed identifier may become: names of the repository
// and of the buffer.
//
// Members of the receiver's type come first where it is known, then names by how often they occur,
// those of the buffer counting more (docs/design/009-identifiers.md has what was measured).
//
// Threads: pure functions over immutable answers; name_sources as its reader.
// Errors: none; nothing found is an empty answer.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/catalogue.h"
#include "memory/engrams/lookup.h"
#include "memory/identifiers/identifiers.h"

namespace engram {

// The identifier that `above` ends with; empty when it ends with none, or with a number.
std::string_view typed_name(std::string_view above);

struct NameQuestion {
  std::string_view text;               // the buffer
  std::size_t offset = 0;              // where a name is half-typed
  std::span<const std::string> types;  // the receiver's likely types, likeliest first
  std::size_t limit = 8;
};

struct RecalledName {
  KnownIdentifier known;
  std::uint32_t in_buffer = 0;  // occurrences near the cursor
  double share = 0;             // of the weight of all names that begin like it
};

// Longer names than the typed one, best first; empty when nothing is half-typed. `identifiers` may
// be null: then only the buffer's words count.
std::vector<RecalledName> recall_names(const Identifiers* identifiers,
                                       const NameQuestion& question);

// Where a name is defined, else where it occurs.
std::vector<EngramSource> name_sources(CatalogueReader& reader, std::string_view name,
                                       std::size_t limit);

}  // namespace engram
