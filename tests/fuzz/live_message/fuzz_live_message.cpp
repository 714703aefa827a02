// What a taken-over worker of an open file may answer, and what anybody might send it. A crash, a
// sanitizer report, or a place outside the text are findings; and what was accepted must say the
// same when it is sent again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/semantic/sample_live.h"

namespace engram {

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void fuzz_reply(std::string_view body) {
  const auto reply = decode_live_reply(body, kSampleFileBytes);
  if (!reply) return;
  require(reply->begin <= reply->end && reply->end <= kSampleFileBytes);
  for (const LiveName& name : reply->names) {
    for (const LiveEdit& edit : name.edits) {
      require(edit.begin <= edit.end && edit.end <= kSampleFileBytes);
    }
  }
  for (const LiveSignature& signature : reply->signatures) {
    for (const auto& parameter : signature.parameters) {
      require(parameter.begin <= parameter.end && parameter.end <= signature.label.size());
    }
  }
  const auto again = decode_live_reply(encode_live_reply(*reply), kSampleFileBytes);
  require(again && *again == *reply);
}

void fuzz_request(std::string_view body) {
  const auto request = decode_live_request(body);
  if (!request) return;
  const auto again = decode_live_request(encode_live_request(*request));
  require(again && *again == *request);
}

// Pairs (offset, byte) patch a sound reply, so that what is read stays plausible.
void fuzz_patched(std::string_view data) {
  static const std::string sound = encode_live_reply(sample_live_reply());
  std::string body = sound;
  for (; data.size() >= 2; data.remove_prefix(2)) {
    body[static_cast<std::uint8_t>(data[0]) * body.size() / 256] = data[1];
  }
  fuzz_reply(body);
}

}  // namespace

}  // namespace engram

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      engram::fuzz_request(input);
      break;
    case 1:
      engram::fuzz_reply(input);
      break;
    default:
      engram::fuzz_patched(input);
      break;
  }
  return 0;
}
