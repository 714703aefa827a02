// memory/word_table.h: the sub-words of a content's identifiers, split once each.
//
// Code repeats itself: an identifier seen before costs one look-up. Words of one byte are left
// out; they say nothing.
//
// Threads: thread-compatible.  Errors: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/string_ids.h"
#include "memory/sub_words.h"

namespace engram {

class WordTable {
 public:
  explicit WordTable(std::size_t expected_identifiers = 64) : identifiers_(expected_identifiers) {}

  std::size_t size() const { return words_.size(); }
  std::string_view word(std::uint32_t id) const { return words_.string(id); }

  // Word ids of each identifier in `text`, in order: sink(span of ids). `text` must outlive this.
  template <class Sink>
  void for_each_identifier(std::string_view text, Sink sink) {
    std::size_t at = 0;
    while (at < text.size()) {
      if (!is_identifier_byte(static_cast<unsigned char>(text[at]))) {
        ++at;
        continue;
      }
      const std::size_t begin = at++;
      while (at < text.size() && is_identifier_byte(static_cast<unsigned char>(text[at]))) ++at;
      sink(words_of(text.substr(begin, at - begin)));
    }
  }

 private:
  struct Range {
    std::uint32_t first = 0, count = 0;
  };

  std::span<const std::uint32_t> words_of(std::string_view identifier) {
    const std::uint32_t id = identifiers_.insert(identifier);
    if (id == parts_.size()) split(identifier);
    return {part_words_.data() + parts_[id].first, parts_[id].count};
  }
  void split(std::string_view identifier);

  StringIds identifiers_;
  std::vector<Range> parts_;  // by identifier id, into part_words_
  std::vector<std::uint32_t> part_words_;
  StringArena arena_;
  StringIds words_;
};

// Gathers distinct words of a table, in order of first sight, space-separated.
class DistinctWords {
 public:
  explicit DistinctWords(WordTable& table) : table_(table) {}
  void add(std::string_view text);  // `text` must outlive the table
  std::string take() { return std::move(out_); }

 private:
  WordTable& table_;
  std::vector<char> seen_;  // by word id
  std::string out_;
};

}  // namespace engram
