// memory/semantic/pool_rest.h: a pool's links, extents, inclusions, inactive regions and
// diagnostics as bytes. Private to memory/.
//
// They stand behind the uses in the blob of source_codec.h, and only say what the uses do not:
// links differ from the calls among the uses, extents lie around where a symbol is defined. Bytes
// read back are hostile: every number and position is checked.
//
// Threads: pure functions.  Errors: read_rest fails its reader.
#pragma once

#include <span>
#include <string>

#include "memory/byte_codec.h"
#include "memory/semantic/local_symbols.h"
#include "memory/semantic/source_codec.h"
#include "memory/semantic/source_pool.h"

namespace engram {

void append_rest(std::string& out, const SourcePool& pool, const LocalSymbols& local);
// Into a pool without any of them; `symbols`: by index. When `in` has failed, what the pool has is
// not to be used.
// REQUIRES: pool.uses are read, and ascend.
void read_rest(ByteReader& in, std::span<const SymbolNumber> symbols, const PoolLimits& limits,
               SourcePool& pool);

}  // namespace engram
