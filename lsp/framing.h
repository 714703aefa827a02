// lsp/framing.h: the "Content-Length" framing of the base protocol, both ways.
//
// Bytes arrive in any portions; feed() keeps what is not yet whole, next() hands out one message
// or one fault at a time. Input is hostile: header block and body are bounded. After a fault the
// reader finds its way back: a header block that makes no sense is dropped up to the next one,
// a body over the bound is skipped without being kept, so that one bad message costs only itself.
//
// Threads: confined to its owner.  Errors: a Frame of kind kFault, with what to tell the peer.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace engram::lsp {

struct Frame {
  enum class Kind : unsigned char { kMessage, kFault };
  Kind kind = Kind::kMessage;
  std::string text;  // the JSON body, or one line about the fault
};

struct FramingLimits {
  std::size_t header_bytes = 8u << 10;
  std::size_t body_bytes = 64u << 20;
};

class FrameReader {
 public:
  explicit FrameReader(FramingLimits limits = {}) : limits_(limits) {}

  void feed(std::string_view bytes);
  std::optional<Frame> next();                             // nullopt: more bytes are needed
  std::size_t buffered() const { return buffer_.size(); }  // bytes held

 private:
  std::optional<Frame> read_header();
  std::optional<Frame> read_body();
  std::optional<Frame> skip_body();
  std::optional<Frame> resynchronise();
  void consume(std::size_t n);

  enum class State : unsigned char { kHeader, kBody, kSkipping, kLost };

  FramingLimits limits_;
  State state_ = State::kHeader;
  std::string buffer_;
  std::size_t at_ = 0;         // bytes of buffer_ already consumed
  std::size_t body_left_ = 0;  // of the body being read or skipped
};

std::string frame(std::string_view body);  // header and body, ready to be written

}  // namespace engram::lsp
