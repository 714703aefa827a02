// memory/compression.h: blobs of the store, compressed by zstd with a checksum.
//
// Threads: thread-safe (each thread keeps its own contexts).  Errors: kCorrupt when the bytes are
// no whole frame, fail the checksum, or would exceed `max_bytes`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace engram {

// No content is larger than this (the scanner's cap is far below); what claims more is hostile.
inline constexpr std::size_t kMaxBlobBytes = std::size_t{256} << 20;

std::string compress(std::string_view data, int level = 1);
Result<std::string> decompress(std::string_view frame, std::size_t max_bytes = kMaxBlobBytes);
// The same into a string that keeps its capacity from call to call.
Result<void> decompress_into(std::string& out, std::string_view frame,
                             std::size_t max_bytes = kMaxBlobBytes);

}  // namespace engram
