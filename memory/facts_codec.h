// memory/facts_codec.h: one content's symbols, references and chunks as blobs, and back.
//
// docs/formats/catalogue.md has the grammar. References are postings by name: about 2.5 bytes an
// occurrence, since lines and columns follow from offsets and one table of line lengths.
// Blobs are compressed (compression.h). Decoders check every count, offset and enumerator against
// the blob and `text_bytes`; nothing they return points outside the text.
//
// Threads: pure functions.  Errors: kCorrupt.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/facts.h"

namespace engram {

std::string encode_symbols(const std::vector<Symbol>& symbols);
// All of them, or only those that `wanted` names; a symbol's parent counts among all.
Result<std::vector<Symbol>> decode_symbols(std::string_view blob, std::uint64_t text_bytes,
                                           std::string_view wanted = {});

std::string encode_references(const std::vector<Reference>& references, std::string_view text);
// All of them in order of `begin`, or only those of `name` when it is not empty.
Result<std::vector<Reference>> decode_references(std::string_view blob, std::uint64_t text_bytes,
                                                 std::string_view name = {});
// Each distinct name with how often it is referred to, in byte order; places are passed over.
using NameCountVisitor = std::function<void(std::string_view name, std::uint64_t count)>;
Result<void> count_references(std::string_view blob, std::uint64_t text_bytes,
                              const NameCountVisitor& visit);

std::string encode_chunks(const std::vector<Chunk>& chunks);
Result<std::vector<Chunk>> decode_chunks(std::string_view blob, std::uint64_t text_bytes);

}  // namespace engram
