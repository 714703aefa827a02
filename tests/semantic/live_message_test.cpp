#include <functional>

#include "tests/semantic/sample_live.h"
#include "tests/support/catch.h"

namespace engram {

TEST_CASE("live_message: requests and replies come back as they were sent", "[semantic]") {
  LiveRequest request;
  request.question = LiveQuestion::kSignatures;
  request.directory = "/w/build";
  request.arguments = {"clang++", "", "/w/a.cpp"};
  request.unsaved = {{"/w/a.cpp", std::string("int\0x;", 6)}};
  request.begin = 3;
  request.end = 4;
  request.most = 7;
  request.cpu_seconds = 9;
  request.candidates = {{"Box", "a::b", SymbolKind::kStruct, "/w/box.h"}};
  request.modules = {{"shapes", "/w", {"clang++", "/w/shapes.cppm"}}};
  const auto asked = decode_live_request(encode_live_request(request));
  REQUIRE(asked);
  CHECK(*asked == request);
  const LiveReply reply = sample_live_reply();
  const auto back = decode_live_reply(encode_live_reply(reply), kSampleFileBytes);
  REQUIRE(back);
  CHECK(*back == reply);
}

TEST_CASE("live_message: what is cut short or grown is refused at every length", "[semantic]") {
  const std::string whole = encode_live_reply(sample_live_reply());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    const auto reply = decode_live_reply(std::string_view(whole).substr(0, size), kSampleFileBytes);
    REQUIRE_FALSE(reply);
    CHECK(reply.error().code == Errc::kCorrupt);
  }
  CHECK_FALSE(decode_live_reply(whole + '\0', kSampleFileBytes));
}

TEST_CASE("live_message: no place lies outside the text that was asked about", "[semantic]") {
  CHECK_FALSE(decode_live_reply(encode_live_reply(sample_live_reply()), kSampleFileBytes - 1));
  struct Case {
    const char* why;
    std::function<void(LiveReply&)> spoil;
  };
  const Case cases[] = {
      {"an edit past the end", [](auto& r) { r.names[0].edits[0].end = 101; }},
      {"an edit that ends before it begins", [](auto& r) { r.names[0].edits[0].end = 4; }},
      {"a function past the end", [](auto& r) { r.end = 101; }},
      {"a parameter past its label", [](auto& r) { r.signatures[0].parameters[1].end = 99; }},
      {"details of a name past the end", [](auto& r) { r.details.end = 101; }},
      {"an unknown sort of name", [](auto& r) { r.names[0].sort = static_cast<LiveNameSort>(9); }},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    LiveReply reply = sample_live_reply();
    c.spoil(reply);
    CHECK_FALSE(decode_live_reply(encode_live_reply(reply), kSampleFileBytes));
  }
}

}  // namespace engram
