// tests/fuzz/message_target.h: a fuzz target for messages of a worker: requests, replies, and sound
// replies with a few bytes changed, so that what is read stays plausible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace engram {

inline void require(bool condition) {
  if (!condition) std::abort();
}

// `data` is pairs (offset, byte).
inline std::string patched(std::string sound, std::string_view data) {
  for (; data.size() >= 2; data.remove_prefix(2)) {
    sound[static_cast<std::uint8_t>(data[0]) * sound.size() / 256] = data[1];
  }
  return sound;
}

// The first byte chooses what the rest is.
template <class Request, class Reply>
int fuzz_messages(const std::uint8_t* data, std::size_t size, const std::string& sound_reply,
                  Request request, Reply reply) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      request(input);
      break;
    case 1:
      reply(input);
      break;
    default:
      reply(patched(sound_reply, input));
      break;
  }
  return 0;
}

}  // namespace engram
