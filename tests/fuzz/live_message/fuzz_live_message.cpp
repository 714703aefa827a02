// What a taken-over worker of an open file may answer, and what anybody might send it. A crash, a
// sanitizer report, or a place outside the text are findings; and what was accepted must say the
// same when it is sent again.
#include "tests/fuzz/message_target.h"
#include "tests/semantic/sample_live.h"

namespace engram {

namespace {

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

}  // namespace

}  // namespace engram

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string sound = engram::encode_live_reply(engram::sample_live_reply());
  return engram::fuzz_messages(data, size, sound, engram::fuzz_request, engram::fuzz_reply);
}
