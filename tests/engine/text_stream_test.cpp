#include "engine/text_stream.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace engram {
namespace {

struct Streamed {
  std::vector<std::string> pieces;
  std::string text;
  bool stopped = false;
};
Streamed stream(const std::vector<std::string>& stops, const std::vector<std::string>& bytes) {
  TextStream s(stops);
  Streamed out;
  for (const std::string& b : bytes) {
    out.stopped = s.append(b);
    if (out.stopped) break;
    out.pieces.emplace_back(s.take_piece());
  }
  s.finish();
  out.pieces.emplace_back(s.take_piece());
  out.text = s.text();
  std::string joined;
  for (const std::string& piece : out.pieces) joined += piece;
  CHECK(joined == out.text);
  return out;
}
using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("text_stream: a character leaves when it is whole", "[engine]") {
  const auto s = stream({}, {"a", "\xE2", "\x82", "\xAC", "b"});
  CHECK(s.pieces == Strings{"a", "", "", "\xE2\x82\xAC", "b", ""});
}

TEST_CASE("text_stream: an unfinished character at the end is dropped", "[engine]") {
  CHECK(stream({}, {"a\xF0\x9F\x98"}).text == "a");
  CHECK(stream({}, {"a\xC3"}).text == "a");
  CHECK(stream({}, {"a\xFF"}).text == "a\xFF");  // leads nothing: there is nothing to wait for
  CHECK(whole_characters("\x80\x80\x80\x80") == 4);
  CHECK(whole_characters("") == 0);
}

TEST_CASE("text_stream: text is cut before the first stop string", "[engine]") {
  const auto s = stream({"END", "}"}, {"a = 1; E", "N", "D } tail"});
  CHECK(s.stopped);
  CHECK(s.text == "a = 1; ");
  CHECK(s.pieces == Strings{"a = 1; ", "", ""});
}

TEST_CASE("text_stream: what may begin a stop string waits, and leaves when it does not",
          "[engine]") {
  const auto s = stream({"<|x|>"}, {"a<", "|", "y", "<|"});
  CHECK_FALSE(s.stopped);
  CHECK(s.pieces == Strings{"a", "", "<|y", "", "<|"});
}

TEST_CASE("text_stream: the earliest of several stop strings wins", "[engine]") {
  CHECK(stream({"bc", "ab"}, {"xabc"}).text == "x");
  CHECK(stream({"", "z"}, {"xy"}).text == "xy");  // an empty one stops nothing
}

}  // namespace engram
