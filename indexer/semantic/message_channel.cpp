#include "indexer/semantic/message_channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/file_descriptor.h"
#include "indexer/semantic/unit_message.h"

namespace engram {

namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;

Error system_error(const char* what) {
  return {Errc::kIo, std::string(what) + " engram-clang-worker: " + std::strerror(errno)};
}

int milliseconds_until(MessageDeadline deadline) {
  if (deadline == kNoDeadline) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1 << 30));
}

// Returns once `fd` may be read or written without waiting, or the other side is gone.
Result<void> wait_for(int fd, short events, MessageDeadline deadline) {
  while (true) {
    pollfd waited{fd, events, 0};
    const int ready = ::poll(&waited, 1, milliseconds_until(deadline));
    if (ready > 0) return {};
    if (ready == 0) return Error{Errc::kBusy, "engram-clang-worker did not answer in time"};
    if (errno != EINTR) return system_error("waiting for");
  }
}

// The next bytes, at most `size`; empty at the end of the stream.
Result<std::string> receive_some(int fd, std::size_t size, MessageDeadline deadline) {
  std::string bytes(std::min(size, kBlock), '\0');
  while (true) {
    ENGRAM_TRY_VOID(wait_for(fd, POLLIN, deadline));

    const ssize_t n = ::read(fd, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.resize(static_cast<std::size_t>(n));
      return bytes;
    }
    if (errno == ECONNRESET) return std::string();
    if (errno != EINTR && errno != EAGAIN) return system_error("reading from");
  }
}

// Exactly `size` bytes; fewer only at the end of the stream.
Result<std::string> receive_bytes(int fd, std::size_t size, MessageDeadline deadline) {
  std::string bytes;
  while (bytes.size() < size) {
    ENGRAM_TRY(more, receive_some(fd, size - bytes.size(), deadline));
    if (more.empty()) break;
    if (bytes.empty()) {
      bytes = std::move(more);
    } else {
      bytes += more;
    }
  }
  return bytes;
}

Result<void> send_bytes(int fd, std::string_view bytes, MessageDeadline deadline) {
  while (!bytes.empty()) {
    ENGRAM_TRY_VOID(wait_for(fd, POLLOUT, deadline));
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR && errno != EAGAIN) {
      return system_error("writing to");
    }
  }
  return {};
}

}  // namespace

Result<void> send_message(int fd, std::string_view body, MessageDeadline deadline) {
  if (body.size() > UINT32_MAX) {
    return Error{Errc::kInvalidArgument, "a message of more than 4 GB for engram-clang-worker"};
  }
  ENGRAM_TRY_VOID(send_bytes(fd, message_head(static_cast<std::uint32_t>(body.size())), deadline));
  return send_bytes(fd, body, deadline);
}

Result<std::string> receive_message(int fd, std::uint32_t limit, MessageDeadline deadline) {
  ENGRAM_TRY(head, receive_bytes(fd, kMessageHeadBytes, deadline));
  if (head.empty()) return Error{Errc::kNotFound, "engram-clang-worker closed the connection"};
  ENGRAM_TRY(size, body_bytes(head, limit));
  ENGRAM_TRY(body, receive_bytes(fd, size, deadline));
  if (body.size() < size) {
    return Error{Errc::kIo, "engram-clang-worker ended within a message"};
  }
  return body;
}

bool send_whole(int fd, const std::string& body) {
  return write_all(fd, message_head(static_cast<std::uint32_t>(body.size()))) &&
         write_all(fd, body);
}

}  // namespace engram
