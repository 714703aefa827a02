// memory/semantic/source_codec.h: a source's pool and views as blobs. Private to memory/.
//
// docs/formats/semantic.md has the grammar. Uses are grouped by symbol, so that one symbol's can be
// read without making the others; what stands around a use is kept as one list of borders in order
// of position. Blobs read back are hostile: every number and position is checked.
//
// Threads: pure functions.  Errors: kCorrupt.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "memory/semantic/source_pool.h"

namespace engram {

// What a pool may refer to.
struct PoolLimits {
  SymbolNumber symbols = 0;  // numbers given out so far
  std::uint32_t size = 0;    // of the source, bytes
};

// `inferred`: positions of what no semantic unit told.
struct DecodedPool {
  SourcePool pool;
  PoolRuns inferred;
};

Error damaged_source();

std::string encode_pool(const SourcePool& pool, const PoolRuns& inferred);
Result<DecodedPool> decode_pool(std::string_view blob, const PoolLimits& limits);
// Only the uses of `symbol`, with their certainty; in order of begin.
Result<std::vector<SemanticUse>> decode_uses_of(std::string_view blob, const PoolLimits& limits,
                                                SymbolNumber symbol);
// Only those that cover `offset` or end there.
Result<std::vector<SemanticUse>> decode_uses_at(std::string_view blob, const PoolLimits& limits,
                                                std::uint32_t offset);

// What one or more units told, or relied on, in the same certainty.
struct SourceView {
  std::uint32_t number = 0;             // never used again for this source
  std::array<std::uint8_t, 16> hash{};  // of the facts and the certainty
  ViewKey key;                          // units may rely on it by this; zero: they may not
  bool semantic = false;
  std::uint32_t units = 0;  // that have it
  PoolRuns runs;
};

std::string encode_views(const std::vector<SourceView>& views, std::uint32_t next_number);
struct DecodedViews {
  std::vector<SourceView> views;
  std::uint32_t next_number = 0;
};
Result<DecodedViews> decode_views(std::string_view blob);

// Canonical: equal facts in equal certainty have equal hashes.
std::array<std::uint8_t, 16> view_hash(const SourcePool& view, bool semantic);

}  // namespace engram
