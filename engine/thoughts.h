// engine/thoughts.h: what a reasoning model thinks before it answers, kept apart from the answer.
//
// Thinking lasts until the model writes the end mark, or until its budget is used up; then the mark
// is written for it (engine/generation.cpp). The mark and white space after it belong to neither.
//
// Threads: confined.  Errors: none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/text_stream.h"

namespace engram {

class Thoughts {
 public:
  // An empty mark: nothing is thought.
  Thoughts(std::string end, std::size_t most_tokens)
      : end_(std::move(end)), stream_({end_}), most_(most_tokens), open_(!end_.empty()) {}

  bool open() const { return open_; }
  bool used_up() const { return open_ && tokens_ >= most_; }
  std::size_t left() const { return most_ - tokens_; }

  // One more token. Where it ends the thinking: the bytes after the mark, which may be none.
  std::optional<std::string> append(std::string_view bytes) {
    ++tokens_;
    const std::string seen = tail_ + std::string(bytes);
    if (!stream_.append(bytes)) {
      tail_ = seen.substr(seen.size() - std::min(seen.size(), end_.size() - 1));
      return std::nullopt;
    }
    open_ = false;
    return seen.substr(seen.find(end_) + end_.size());
  }
  void close() {
    stream_.finish();
    open_ = false;
  }
  std::string_view take_piece() { return stream_.take_piece(); }
  const std::string& text() const { return stream_.text(); }
  std::size_t tokens() const { return tokens_; }

 private:
  std::string end_, tail_;
  TextStream stream_;
  std::size_t most_, tokens_ = 0;
  bool open_;
};

}  // namespace engram
