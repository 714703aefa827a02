#include "engine/text_stream.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace engram {
namespace {

// Bytes a sequence with this lead byte takes; 1 for what leads none.
std::size_t announced_length(unsigned char lead) {
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  return 1;
}

}  // namespace

std::size_t whole_characters(std::string_view text) {
  const std::size_t n = text.size();
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, n); ++back) {
    const auto byte = static_cast<unsigned char>(text[n - back]);
    if ((byte & 0xC0) == 0x80) continue;
    return announced_length(byte) > back ? n - back : n;
  }
  return n;
}

TextStream::TextStream(std::vector<std::string> stop_strings)
    : stop_strings_(std::move(stop_strings)) {
  std::erase(stop_strings_, std::string());
}

bool TextStream::append(std::string_view bytes) {
  const std::size_t before = text_.size();
  text_ += bytes;
  std::size_t cut = std::string::npos;
  for (const std::string& stop : stop_strings_) {
    const std::size_t from = before >= stop.size() ? before - stop.size() + 1 : 0;
    cut = std::min(cut, text_.find(stop, from));
  }
  if (cut == std::string::npos) return false;
  text_.resize(cut);
  finish();
  return true;
}

void TextStream::finish() {
  text_.resize(whole_characters(text_));
  finished_ = true;
}

// Up to the first place where a stop string may be beginning.
std::size_t TextStream::safe_length() const {
  if (finished_) return text_.size();
  std::size_t safe = whole_characters(text_);
  for (const std::string& stop : stop_strings_) {
    const std::size_t longest = std::min(stop.size() - 1, text_.size());
    for (std::size_t n = longest; n > 0; --n) {
      if (!std::string_view(stop).starts_with(std::string_view(text_).substr(text_.size() - n))) {
        continue;
      }
      safe = std::min(safe, text_.size() - n);
      break;
    }
  }
  return std::max(whole_characters(std::string_view(text_).substr(0, safe)), taken_);
}

std::string_view TextStream::take_piece() {
  const std::size_t end = safe_length();
  const std::string_view piece = std::string_view(text_).substr(taken_, end - taken_);
  taken_ = end;
  return piece;
}

}  // namespace engram
