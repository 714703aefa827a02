// memory/semantic/pool_runs.h: sets of positions in a pool, as bytes. Private to memory/.
//
// A run is its distance from the end of the last one and its length, both as varints.
//
// Threads: pure functions.  Errors: read_runs fails its reader.
#pragma once

#include <cstdint>
#include <string>

#include "memory/byte_codec.h"
#include "memory/semantic/source_pool.h"

namespace engram {

void append_runs(std::string& out, const PoolRuns& runs);
// Ascending runs that neither touch nor are empty, all below `size`.
PoolRuns read_runs(ByteReader& in, std::uint32_t size);
bool contains(const PoolRuns& runs, std::uint32_t position);

}  // namespace engram
