#include "lsp/framing.h"

#include <vector>

#include "tests/support/catch.h"

namespace engram::lsp {

namespace {

// Everything the reader makes of `bytes`, fed in portions of `step`. Faults show as "!".
std::vector<std::string> frames(std::string_view bytes, std::size_t step, FramingLimits limits) {
  FrameReader reader(limits);
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    reader.feed(bytes.substr(at, step));
    while (const auto f = reader.next()) {
      out.push_back(f->kind == Frame::Kind::kFault ? "!" : f->text);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("framing: messages survive any portioning, and faults cost only themselves", "[lsp]") {
  struct Case {
    const char* why;
    std::string bytes;
    std::vector<std::string> expected;
  };
  const std::string good = "Content-Length: 2\r\n\r\n{}";
  const auto c = GENERATE_COPY(values<Case>({
      {"two in a row", good + good, {"{}", "{}"}},
      {"other fields and any case",
       "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-LENGTH:  2  \r\n\r\n[]",
       {"[]"}},
      {"an empty body", "Content-Length: 0\r\n\r\n" + good, {"", "{}"}},
      {"no length at all", "Content-Type: x\r\n\r\n" + good, {"!", "{}"}},
      {"a length that is no number", "Content-Length: many\r\n\r\n" + good, {"!", "{}"}},
      {"a negative length", "Content-Length: -1\r\n\r\n" + good, {"!", "{}"}},
      {"a length past 64 bits",
       "Content-Length: 99999999999999999999999\r\n\r\n" + good,
       {"!", "{}"}},
      {"two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}" + good, {"!", "{}"}},
      {"a body over the bound is skipped",
       "Content-Length: 70\r\n\r\n" + std::string(70, 'x') + good,
       {"!", "{}"}},
      {"a header without end", std::string(200, 'h') + "\r\n\r\n" + good, {"!", "{}"}},
      {"bare JSON lines, no header", "{\"jsonrpc\":\"2.0\"}\r\n\r\n" + good, {"!", "{}"}},
      {"a body half as long as said swallows the next header, then recovers",
       "Content-Length: 10\r\n\r\n{}" + good + good,
       {"{}Content-", "!", "{}"}},
  }));
  const auto step = GENERATE(as<std::size_t>{}, 1, 3, 7, 4096);
  INFO(c.why << ", in portions of " << step);
  CHECK(frames(c.bytes, step, {.header_bytes = 100, .body_bytes = 64}) == c.expected);
}

TEST_CASE("framing: a huge announced body is skipped without being kept", "[lsp]") {
  FrameReader reader({.header_bytes = 100, .body_bytes = 1000});
  reader.feed("Content-Length: 50000000\r\n\r\n");
  REQUIRE(reader.next());
  const std::string portion(1u << 20, 'x');
  std::size_t left = 50000000;
  while (left > 0) {
    const std::size_t n = std::min(left, portion.size());
    reader.feed(std::string_view(portion).substr(0, n));
    CHECK_FALSE(reader.next());
    CHECK(reader.buffered() < 2 * portion.size());
    left -= n;
  }
  reader.feed(frame("{}"));
  CHECK(reader.next()->text == "{}");
}

}  // namespace engram::lsp
