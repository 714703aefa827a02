// memory/semantic/moved_pool.h: a source's facts at other places. Private to memory/.
//
// Threads: pure function.  Errors: kCorrupt.
#pragma once

#include <cstdint>
#include <functional>

#include "core/result.h"
#include "memory/semantic/source_pool.h"

namespace engram {

// Where a byte offset of a source is in other contents of it. Keeps order.
using PlaceMap = std::function<std::uint32_t(std::uint32_t)>;

// The pool of `source` with every place in that source mapped; other sources' places stay.
Result<SourcePool> moved_pool(const SourcePool& pool, SourceNumber source, const PlaceMap& place);

}  // namespace engram
