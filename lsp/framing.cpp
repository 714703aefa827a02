#include "lsp/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace engram::lsp {

namespace {

constexpr std::string_view kLengthField = "content-length:";
constexpr std::string_view kEnd = "\r\n\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_with_field(std::string_view line, std::string_view field) {
  return line.size() >= field.size() &&
         std::equal(field.begin(), field.end(), line.begin(),
                    [](char want, char have) { return want == lower(have); });
}

std::string_view trimmed(std::string_view s) {
  const std::size_t first = s.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(" \t") - first + 1);
}

// The value of Content-Length, if the block has exactly one that is a number.
std::optional<std::size_t> content_length(std::string_view block) {
  std::optional<std::size_t> length;
  while (!block.empty()) {
    const std::size_t end = std::min(block.find("\r\n"), block.size());
    const std::string_view line = block.substr(0, end);
    block.remove_prefix(std::min(block.size(), end + 2));
    if (!starts_with_field(line, kLengthField)) continue;
    const std::string_view digits = trimmed(line.substr(kLengthField.size()));
    std::size_t value = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (length || error != std::errc{} || rest != digits.data() + digits.size()) return {};
    length = value;
  }
  return length;
}

std::size_t find_length_field(std::string_view bytes) {
  for (std::size_t i = 0; i + kLengthField.size() <= bytes.size(); ++i) {
    if (lower(bytes[i]) == 'c' && starts_with_field(bytes.substr(i), kLengthField)) return i;
  }
  return std::string_view::npos;
}

// How much of a faulty header block to drop: all of it, unless a length field begins in the middle
// of a line, which is where leftovers of a body end and the next header begins.
std::size_t faulty_bytes(std::string_view block) {
  std::size_t at = 0;
  for (std::size_t step = find_length_field(block); step != std::string_view::npos;) {
    at += step;
    if (at > 0 && block[at - 1] != '\n') return at;
    step = find_length_field(block.substr(++at));
  }
  return block.size();
}

Frame fault(std::string text) { return {Frame::Kind::kFault, std::move(text)}; }

}  // namespace

void FrameReader::feed(std::string_view bytes) { buffer_.append(bytes); }

std::optional<Frame> FrameReader::next() {
  switch (state_) {
    case State::kHeader:
      return read_header();
    case State::kBody:
      return read_body();
    case State::kSkipping:
      return skip_body();
    case State::kLost:
      return resynchronise();
  }
  return {};
}

std::optional<Frame> FrameReader::read_header() {
  const std::string_view pending = std::string_view(buffer_).substr(at_);
  const std::size_t end = pending.substr(0, limits_.header_bytes).find(kEnd);
  if (end == std::string_view::npos) {
    if (pending.size() < limits_.header_bytes) return {};
    state_ = State::kLost;
    consume(1);
    return fault(
        fmt::format("cannot read a message: its header exceeds {} bytes; skipping to the "
                    "next Content-Length",
                    limits_.header_bytes));
  }
  const auto length = content_length(pending.substr(0, end));
  if (!length) {
    state_ = State::kLost;
    consume(faulty_bytes(pending.substr(0, end + kEnd.size())));
    return fault("cannot read a message: its header has no single numeric Content-Length");
  }
  consume(end + kEnd.size());
  body_left_ = *length;
  if (*length > limits_.body_bytes) {
    state_ = State::kSkipping;
    return fault(
        fmt::format("cannot read a message of {} bytes: at most {} are taken; it was "
                    "skipped",
                    *length, limits_.body_bytes));
  }
  state_ = State::kBody;
  return read_body();
}

std::optional<Frame> FrameReader::read_body() {
  if (buffer_.size() - at_ < body_left_) return {};
  Frame message{Frame::Kind::kMessage, buffer_.substr(at_, body_left_)};
  consume(body_left_);
  state_ = State::kHeader;
  return message;
}

std::optional<Frame> FrameReader::skip_body() {
  const std::size_t n = std::min(body_left_, buffer_.size() - at_);
  consume(n);
  body_left_ -= n;
  if (body_left_ > 0) return {};
  state_ = State::kHeader;
  return read_header();
}

// Drops bytes up to the next "Content-Length:".
std::optional<Frame> FrameReader::resynchronise() {
  const std::string_view pending = std::string_view(buffer_).substr(at_);
  const std::size_t found = find_length_field(pending);
  if (found == std::string_view::npos) {
    const std::size_t keep = std::min(pending.size(), kLengthField.size() - 1);
    consume(pending.size() - keep);
    return {};
  }
  consume(found);
  state_ = State::kHeader;
  return read_header();
}

void FrameReader::consume(std::size_t n) {
  at_ += n;
  if (at_ < buffer_.size() && at_ < (64u << 10)) return;
  buffer_.erase(0, at_);
  at_ = 0;
}

std::string frame(std::string_view body) {
  return fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

}  // namespace engram::lsp
