// indexer/semantic/message_channel.h: whole messages over one end of a socketpair.
//
// Threads: one at a time; shutdown() of the descriptor by another thread ends a waiting call.
// Errors: kNotFound: the other side closed before a message began; kIo: within one, or the system
// refused; kBusy: the deadline passed; kCorrupt: not a message, or larger than `limit`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace engram {

using MessageDeadline = std::chrono::steady_clock::time_point;
constexpr MessageDeadline kNoDeadline = MessageDeadline::max();

Result<void> send_message(int fd, std::string_view body, MessageDeadline deadline = kNoDeadline);
// The same over a pipe, whose other side reads: false when it is gone.
bool send_whole(int fd, const std::string& body);
// Takes memory as bytes arrive, never on the word of the head alone.
Result<std::string> receive_message(int fd, std::uint32_t limit,
                                    MessageDeadline deadline = kNoDeadline);

}  // namespace engram
